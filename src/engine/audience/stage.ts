import { hash as digest } from 'node:crypto';
import { failure } from '../../base/errors.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { setColumns } from '../../store/campaigns/source-pages.ts';
import type { StagedRow } from '../../store/campaigns/staged-rows.ts';
import { type DroppedRow, stageRows } from '../../store/campaigns/staging.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { RowWords } from '../../texts/rows.ts';
import { RowsDigest } from '../content/campaign-content.ts';
import { compileCampaignMessage } from '../content/compiled-message.ts';
import { fault, type RecipientRecord, type SourceCells } from '../formats/record.ts';
import { longestRef, refColumn, refOf } from './ref.ts';
import { SourcePacker } from './source-pages.ts';

/** Rows per transaction: enough that the commit does not matter, few enough for memory, which holds two pages. */
const pageRows = 5_000;
/** Characters after which a page is stored although it has fewer rows. */
const pageChars = 4 * 1024 * 1024;

export interface StageOptions {
  signal?: AbortSignal;
  onProgress?: (rows: number) => void;
  /** Runs a page's transaction, again if need be: it bears it. Default: once. */
  outlast?: <T>(work: () => Promise<T>) => Promise<T>;
  /** Gets what each row holds. */
  digest?: RowsDigest;
  /** All columns of the file (`RecipientFile.header`): they are kept with the campaign, for exports. Default: none are. */
  columns?: readonly string[];
}

type Staging = Pick<Campaign, 'variables' | 'dedupe' | 'channel' | 'message' | 'onInvalid'>;

/**
 * Puts the rows of a file or list into staging, page by page, good ones and bad ones. Returns when all are stored.
 *
 * The rows live in this process until then, so a killed one leaves a campaign in `staging` that is never planned.
 */
export async function stageRecords(
  pool: Pool,
  campaign: Staging & Pick<Campaign, 'id'>,
  batches: AsyncIterable<RecipientRecord[]>,
  options: StageOptions = {},
): Promise<{ rows: number; bad: number }> {
  let seq = 0;
  let chars = 0;
  let bad = 0;
  let stored = 0;
  const { outlast = (work) => work() } = options;
  let staged: StagedRow[] = [];
  let dropped: DroppedRow[] = [];
  const packer = options.columns === undefined ? null : new SourcePacker();
  const put = async (page: Parameters<typeof stageRows>[3], before: number, read: number): Promise<void> => {
    if (!(await outlast(() => stageRows(pool, campaign.id, before, page)))) {
      throw failure('CAMPAIGN_STATE/no-longer-filled', { id: String(campaign.id) });
    }
    options.onProgress?.(read);
  };
  /** The page before, which the database stores while this one is read. */
  let storing: Promise<void> = Promise.resolve();
  const store = async (all: boolean): Promise<void> => {
    await storing;
    const source = (await packer?.take(all)) ?? [];
    const count = staged.length + dropped.length;
    if (count === 0 && source.length === 0) return;
    storing = put({ rows: staged, bad: dropped, source }, stored, seq);
    // Its failure is seen when the next page is full, or at the end.
    storing.catch(() => {});
    stored += count;
    staged = [];
    dropped = [];
    chars = 0;
  };
  const rowOf = stagedRows(campaign);
  try {
    for await (const batch of batches) {
      options.signal?.throwIfAborted();
      for (const record of batch) {
        const row = rowOf(record, ++seq);
        if (packer !== null && record.source !== undefined) packer.add(record.line, record.source());
        if ('reason' in row) {
          bad++;
          dropped.push(row);
        } else {
          chars += row.vars?.length ?? 0;
          staged.push(row);
          options.digest?.add(contentOfRow(row, campaign));
        }
      }
      if (staged.length + dropped.length >= pageRows || chars >= pageChars) await store(false);
    }
    await store(true);
    await storing;
  } catch (error) {
    // Nothing of ours is under way when the caller gives the campaign up.
    await storing.catch(() => {});
    throw error;
  }
  const { columns } = options;
  if (columns !== undefined) await outlast(() => setColumns(pool, campaign.id, columns));
  return { rows: seq, bad };
}

type Row = RecipientRecord & { kind: 'row' };

/** The first variable without a value that needs one; null when there is none. */
function emptyValue(
  row: Row,
  variables: readonly string[],
  mayBeEmpty: readonly boolean[],
): { reason: string; column: string; detail: string; words: RowWords } | null {
  for (let i = 0; i < variables.length; i++) {
    if (mayBeEmpty[i]) continue;
    const column = variables[i]!;
    const value = variableOf(column, row);
    if (value === undefined) return { ...fault('variable-missing', { variable: `{{${column}}}` }), column };
    if (value.trim() === '')
      return {
        ...fault('variable-empty', { variable: `{{${column}}}`, example: `{{${column}|…}}` }),
        column,
      };
  }
  return null;
}

/** Reads rows as `stageRecords` does, only to know whether they are those of the campaign. */
export async function digestRecords(
  campaign: Staging,
  batches: AsyncIterable<RecipientRecord[]>,
  options: { signal?: AbortSignal; onProgress?: (rows: number) => void } = {},
): Promise<string> {
  const digest = new RowsDigest();
  const rowOf = stagedRows(campaign);
  let seq = 0;
  for await (const batch of batches) {
    options.signal?.throwIfAborted();
    for (const record of batch) {
      const row = rowOf(record, ++seq);
      if (!('reason' in row)) digest.add(contentOfRow(row, campaign));
    }
    options.onProgress?.(seq);
  }
  return digest.value;
}

/** Who gets what. The column by which duplicates are found belongs to it; those that the message does not use do not. */
function contentOfRow(row: StagedRow, { dedupe }: Staging): (string | null)[] {
  return [row.openid, row.vars, dedupe.startsWith('column:') ? row.dedupeKey : null];
}

/** Makes a row of a record: one to be planned, or one that is left out because it cannot be used. */
function stagedRows(campaign: Staging): (record: RecipientRecord, seq: number) => StagedRow | DroppedRow {
  const { variables, dedupe } = campaign;
  const keyOf = dedupeKeyOf(dedupe);
  const byColumn = dedupe.startsWith('column:');
  const required = new Set(compileCampaignMessage(campaign).required);
  const mayBeEmpty = variables.map((name) => !required.has(name));
  return (record, seq) => {
    const { line } = record;
    const refused = (
      openid: string,
      bad: { reason: string; column?: string; detail: string; words: RowWords },
    ): DroppedRow => {
      const { reason: code, detail, words, column = null } = bad;
      return { seq, line, openid, reason: 'invalid', code, detail, words, column };
    };
    if (record.kind === 'bad') return refused('', record);
    const bad = emptyValue(record, variables, mayBeEmpty);
    if (bad !== null) return refused(record.openid, bad);
    const ref = refOf(record.vars);
    if (ref === false)
      return refused(record.openid, { ...fault('ref-invalid', { most: longestRef }), column: refColumn });
    const key = keyOf(record);
    return {
      seq,
      line,
      openid: record.openid,
      dedupeKey: key,
      ...(byColumn && key !== null ? { bucketKey: key } : {}),
      vars:
        variables.length === 0
          ? null
          : JSON.stringify(variables.map((name) => variableOf(name, record) ?? '')),
      ref,
    };
  };
}

/** Own properties only: a row without a {{constructor}} has none. `{{openid}}` is the recipient's openid unless the file has a column of that name beside it. */
function variableOf(name: string, record: Row): string | undefined {
  if (Object.hasOwn(record.vars, name)) return record.vars[name];
  return name === 'openid' ? record.openid : undefined;
}

/** Null stands for the openid itself. A whole row and a column are hashed: 22 characters, whatever they hold. */
function dedupeKeyOf(dedupe: string): (row: Row) => string | null {
  if (dedupe === 'row')
    return ({ openid, vars, source }) =>
      hash(measured(openid) + (source === undefined ? allOf(Object.values(vars)) : textOf(source())));
  if (dedupe.startsWith('column:')) {
    const column = dedupe.slice('column:'.length);
    // An empty cell (NULL of a database) equals no other one's; among those rows the openid decides.
    return ({ vars }) => (Object.hasOwn(vars, column) && vars[column] ? hash(vars[column]) : null);
  }
  return () => null;
}

/** All cells of a row, without the empty ones at its end, which a file may leave out. No two rows have the same. */
function textOf({ cells, far }: SourceCells): string {
  let end = cells.length;
  while (end > 0 && cells[end - 1] === '') end--;
  let text = allOf(cells, end);
  if (far !== undefined) for (const [column, cell] of far) text += `@${column}:${measured(cell)}`;
  return text;
}

function allOf(cells: readonly string[], end = cells.length): string {
  let text = '';
  for (let i = 0; i < end; i++) text += measured(cells[i] ?? '');
  return text;
}

/** Says where it ends, whatever is in it. As JSON it would take twice the time. */
function measured(cell: string): string {
  return `${cell.length}:${cell}`;
}

function hash(text: string): string {
  // As UTF-8 all halves of a character would be the same.
  const all = text.isWellFormed() ? text : `\0${JSON.stringify(text)}`;
  return digest('sha1', all, 'base64url').slice(0, 22);
}
