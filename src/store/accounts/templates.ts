import type { Pool } from '../database/pool.ts';
import { inTransaction } from '../database/pool.ts';

export interface TemplateField {
  /** Key in `data`, e.g. `thing1` or `keyword1`. */
  key: string;
  /** What the template's line says before the value; empty when the line has none. */
  label: string;
  /** Parameter class of a typed key (`thing`, `amount` …); null for free text. */
  class: string | null;
  /** Allowed values of an enum field. */
  enumValues?: string[];
}

export interface Template {
  templateId: string;
  /** Which list it came from: `template` (OA template messages) or `newtmpl` (subscribe messages and notifications). */
  family: 'template' | 'newtmpl';
  title: string;
  content: string;
  example: string;
  kind: 'free' | 'typed';
  /** newtmpl: 2 one-time, 3 long-term. */
  type: number | null;
  fields: TemplateField[];
  syncedAt: Date;
  goneAt: Date | null;
}

const columns = `template_id as "templateId", family, title, content, example, kind, type, fields,
  synced_at as "syncedAt", gone_at as "goneAt"`;

/** Replaces what we know of the account's templates by what WeChat lists now; missing ones are marked as gone. */
export async function storeTemplates(
  pool: Pool,
  appid: string,
  families: Template['family'][],
  templates: Omit<Template, 'syncedAt' | 'goneAt'>[],
): Promise<{ stored: number; gone: number }> {
  return inTransaction(pool, async (client) => {
    const time = await client.query<{ now: Date }>('select now() as now');
    const now = time.rows[0]!.now; // select without from gives one row
    for (const template of templates) {
      await client.query(
        `insert into templates (appid, template_id, family, title, content, example, kind, type, fields, synced_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (appid, template_id) do update set family = excluded.family, title = excluded.title,
           content = excluded.content, example = excluded.example, kind = excluded.kind, type = excluded.type,
           fields = excluded.fields, synced_at = excluded.synced_at, gone_at = null`,
        [
          appid,
          template.templateId,
          template.family,
          template.title,
          template.content,
          template.example,
          template.kind,
          template.type,
          JSON.stringify(template.fields),
          now,
        ],
      );
    }
    const gone = await client.query(
      `update templates set gone_at = $3 where appid = $1 and family = any($2::text[]) and synced_at < $3 and gone_at is null`,
      [appid, families, now],
    );
    return { stored: templates.length, gone: gone.rowCount ?? 0 };
  });
}

export async function listTemplates(pool: Pool, appid: string): Promise<Template[]> {
  return (
    await pool.query<Template>(
      `select ${columns} from templates where appid = $1 order by gone_at is not null, family, title, template_id`,
      [appid],
    )
  ).rows;
}

export async function findTemplate(pool: Pool, appid: string, templateId: string): Promise<Template | null> {
  const result = await pool.query<Template>(
    `select ${columns} from templates where appid = $1 and template_id = $2`,
    [appid, templateId],
  );
  return result.rows[0] ?? null;
}
