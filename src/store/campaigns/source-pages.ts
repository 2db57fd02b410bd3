import type { Pool, PoolClient, Queryable } from '../database/pool.ts';

/** Some consecutive rows of a campaign's file, packed by whoever stores them. */
export interface SourcePage {
  firstLine: number;
  lastLine: number;
  rows: Buffer;
}

export async function insertSourcePages(
  client: PoolClient,
  campaignId: number,
  pages: readonly SourcePage[],
): Promise<void> {
  if (pages.length === 0) return;
  await client.query(
    `insert into source_pages (campaign_id, first_line, last_line, rows)
     select $1, first_line, last_line, rows from unnest($2::integer[], $3::integer[], $4::bytea[]) t (first_line, last_line, rows)`,
    [
      campaignId,
      pages.map((page) => page.firstLine),
      pages.map((page) => page.lastLine),
      pages.map((page) => page.rows),
    ],
  );
}

/** Keeps the names of the file's columns; until then a campaign has none. */
export async function setColumns(pool: Pool, campaignId: number, columns: readonly string[]): Promise<void> {
  await pool.query('update campaigns set columns = $2 where id = $1', [campaignId, columns]);
}

/**
 * Where the columns of a campaign's rows are kept: with itself, or with the campaign whose rows it sends again. Null when
 * there are none: no file, kept on purpose or removed.
 */
export async function columnsOf(
  pool: Pool,
  campaignId: number,
): Promise<{ campaignId: number; columns: string[] } | null> {
  const result = await pool.query<{ campaignId: number; columns: string[] | null }>(
    `with recursive chain as (
       select id, linked_to, columns, 0 as depth from campaigns where id = $1
       union all select c.id, c.linked_to, c.columns, depth + 1 from campaigns c join chain on c.id = chain.linked_to where depth < 1000)
     select id as "campaignId", columns from chain where columns is not null
       and exists (select 1 from source_pages p where p.campaign_id = chain.id) order by depth limit 1`,
    [campaignId],
  );
  const found = result.rows[0];
  return found === undefined || found.columns === null ? null : { ...found, columns: found.columns };
}

/** The page in which a line would be; null when there is none. */
export async function sourcePageOf(
  pool: Queryable,
  campaignId: number,
  line: number,
): Promise<SourcePage | null> {
  const result = await pool.query<SourcePage>(
    `select first_line as "firstLine", last_line as "lastLine", rows from source_pages
     where campaign_id = $1 and first_line <= $2 order by first_line desc limit 1`,
    [campaignId, line],
  );
  return result.rows[0] ?? null;
}

/** Removes up to `limit` pages of a campaign that is being pruned; false when none is left. */
export async function removeSourcePages(pool: Pool, campaignId: number, limit: number): Promise<boolean> {
  const result = await pool.query(
    `delete from source_pages where campaign_id = $1 and first_line in (
       select p.first_line from source_pages p join campaigns c on c.id = p.campaign_id
       where p.campaign_id = $1 and c.pruning order by p.first_line limit $2)`,
    [campaignId, limit],
  );
  return (result.rowCount ?? 0) > 0;
}

/** Puts a page's rows anew. */
export async function replaceSourcePage(
  db: Queryable,
  campaignId: number,
  page: Pick<SourcePage, 'firstLine' | 'rows'>,
): Promise<void> {
  await db.query('update source_pages set rows = $3 where campaign_id = $1 and first_line = $2', [
    campaignId,
    page.firstLine,
    page.rows,
  ]);
}
