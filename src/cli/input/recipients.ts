import { existsSync } from 'node:fs';
import { HongyanError } from '../../base/errors.ts';
import {
  openRecipientFile,
  type ReadOptions,
  type RecipientFile,
} from '../../engine/audience/recipient-file.ts';
import type { RecipientRecord } from '../../engine/audience/record.ts';
import type { Audience } from '../../store/campaigns/campaigns.ts';

/** What `--to` says. */
export interface Recipients {
  audience: Audience;
  /** Identifies it for the 24-hour check. */
  name: string;
  /** Columns that variables may name; null when there are none. */
  columns: string[] | null;
  /** The rows of a list or file; null when the planner fetches them. Can be read once. */
  batches: AsyncIterable<RecipientRecord[]> | null;
  /** Only these columns become variables, and only they can spoil a row. Comes before reading. */
  select(columns: readonly string[]): void;
  /** The file and how it was read; null for the others. Hidden rows are counted while reading. */
  file: RecipientFile | null;
  /** Total rows if known beforehand. */
  total: number | null;
  close(): Promise<void>;
}

export interface RecipientOptions
  extends Pick<ReadOptions, 'openidColumn' | 'headerRow' | 'sheet' | 'visibleOnly' | 'encoding' | 'format'> {
  signal: AbortSignal;
}

/** `all`, `tag:ID`, `@file`, `-` (standard input), or openids separated by commas. Throws `USAGE` and the reader's errors. */
export async function openRecipients(to: string, options: RecipientOptions): Promise<Recipients> {
  const nothing = async (): Promise<void> => {};
  const noFile = { select: () => {}, file: null, close: nothing };
  if (to === 'all')
    return {
      audience: { kind: 'all' },
      name: 'all',
      columns: null,
      batches: null,
      total: null,
      ...noFile,
    };
  if (to.startsWith('tag:')) {
    const id = to.slice(4);
    if (!/^\d{1,9}$/.test(id))
      throw new HongyanError('USAGE', `"${to}" is not a tag: write tag: and the tag's number, e.g. tag:128`);
    return {
      audience: { kind: 'tag', tagId: Number(id) },
      name: to,
      columns: null,
      batches: null,
      total: null,
      ...noFile,
    };
  }
  if (to === '-' || to.startsWith('@')) {
    if (to === '@') throw new HongyanError('USAGE', '--to @ needs a file name, e.g. --to @users.csv');
    const { signal, ...rest } = options;
    const read = {
      signal,
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    };
    const file: RecipientFile = await openRecipientFile(
      to === '-' ? { stream: process.stdin, name: 'standard input' } : { path: to.slice(1) },
      read,
    );
    const name = to === '-' ? 'standard input' : to.slice(1);
    return {
      audience: { kind: 'file', name },
      name,
      columns: file.columns,
      batches: file.batches,
      select: (columns) => file.select(columns),
      file,
      total: null,
      close: () => file.close(),
    };
  }
  if (existsSync(to) || /\.(?:csv|tsv|txt|xlsx?|ndjson|jsonl?)(?:\.gz)?$/i.test(to))
    throw new HongyanError('USAGE', `--to ${to} looks like a file; a file is written with an @: --to @${to}`);
  const openids = to.split(/[,|\s]+/).filter((one) => one !== '');
  const wrong = openids.length === 0 ? to : openids.find((one) => !/^[A-Za-z0-9_-]{20,64}$/.test(one));
  if (wrong !== undefined) {
    throw new HongyanError(
      'USAGE',
      `--to takes all, tag:ID, @file, - or openids of 28 characters; "${shown(wrong)}" is none of them`,
    );
  }
  async function* rows(): AsyncGenerator<RecipientRecord[]> {
    yield openids.map((openid, i): RecipientRecord => ({ kind: 'row', line: i + 1, openid, vars: {} }));
  }
  return {
    audience: { kind: 'list', count: openids.length },
    name: [...openids].sort().join(','),
    columns: null,
    batches: rows(),
    total: openids.length,
    ...noFile,
  };
}

/** Enough of a value to recognise it: a mistyped list of openids is not repeated in an error. */
function shown(value: string): string {
  return value.length > 40 ? `${value.slice(0, 12)}…` : value;
}
