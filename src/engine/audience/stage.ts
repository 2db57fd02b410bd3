import { createHash } from 'node:crypto';
import { HongyanError } from '../../base/errors.ts';
import type { Campaign } from '../../store/campaigns.ts';
import type { Pool } from '../../store/pool.ts';
import { type DroppedRow, type StagedRow, stageRows } from '../../store/staging.ts';
import type { RecipientRecord } from './record.ts';

/** Rows per transaction: enough that the commit does not matter, few enough for memory. */
const pageRows = 10_000;

/**
 * Puts the rows of a file or list into staging, page by page, good ones and bad ones. Returns when all are stored.
 *
 * The rows live in this process until then, so a killed one leaves a campaign in `staging` that is never planned.
 */
export async function stageRecords(
  pool: Pool,
  campaign: Pick<Campaign, 'id' | 'variables' | 'dedupe'>,
  batches: AsyncIterable<RecipientRecord[]>,
  options: { signal?: AbortSignal; onProgress?: (rows: number) => void } = {},
): Promise<{ rows: number; bad: number }> {
  const keyOf = dedupeKeyOf(campaign.dedupe);
  const byColumn = campaign.dedupe.startsWith('column:');
  let seq = 0;
  let bad = 0;
  let staged: StagedRow[] = [];
  let dropped: DroppedRow[] = [];
  const store = async (): Promise<void> => {
    if (staged.length === 0 && dropped.length === 0) return;
    if (!(await stageRows(pool, campaign.id, staged, dropped))) {
      throw new HongyanError(
        'CAMPAIGN_STATE',
        `the campaign ${campaign.id} is no longer being filled; somebody cancelled it`,
      );
    }
    staged = [];
    dropped = [];
    options.onProgress?.(seq);
  };
  for await (const batch of batches) {
    options.signal?.throwIfAborted();
    for (const record of batch) {
      seq++;
      if (record.kind === 'bad') {
        bad++;
        dropped.push({
          seq,
          line: record.line,
          openid: '',
          reason: 'invalid',
          code: record.reason,
          detail: record.detail,
        });
        continue;
      }
      const values = campaign.variables.map((name) => variableOf(name, record));
      const missing = campaign.variables.find((_, i) => values[i] === undefined);
      if (missing !== undefined) {
        bad++;
        dropped.push({
          seq,
          line: record.line,
          openid: record.openid,
          reason: 'invalid',
          code: 'variable-missing',
          detail: `no value for {{${missing}}}`,
        });
        continue;
      }
      const key = keyOf(record.openid, record.vars);
      staged.push({
        seq,
        line: record.line,
        openid: record.openid,
        dedupeKey: key,
        ...(byColumn && key !== null ? { bucketKey: key } : {}),
        vars: values.length === 0 ? null : JSON.stringify(values),
      });
    }
    if (staged.length + dropped.length >= pageRows) await store();
  }
  await store();
  return { rows: seq, bad };
}

/** Own properties only: a row without a {{constructor}} has none. `{{openid}}` is the recipient's openid unless the file has a column of that name beside it. */
function variableOf(
  name: string,
  record: { openid: string; vars: Record<string, string> },
): string | undefined {
  if (Object.hasOwn(record.vars, name)) return record.vars[name];
  return name === 'openid' ? record.openid : undefined;
}

/** Null stands for the openid itself. A whole row and a column are hashed: 22 characters, whatever they hold. */
function dedupeKeyOf(dedupe: string): (openid: string, vars: Record<string, string>) => string | null {
  if (dedupe === 'row') return (openid, vars) => hash([openid, ...Object.values(vars)]);
  if (dedupe.startsWith('column:')) {
    const column = dedupe.slice('column:'.length);
    // An empty cell (NULL of a database) equals no other one's; among those rows the openid decides.
    return (_openid, vars) => (Object.hasOwn(vars, column) && vars[column] ? hash([vars[column]]) : null);
  }
  return () => null;
}

function hash(values: string[]): string {
  return createHash('sha1').update(JSON.stringify(values)).digest('base64url').slice(0, 22);
}
