import { existsSync } from 'node:fs';
import {
  type AudienceWish,
  type FileOptions,
  type OpenAudience,
  openAudience,
} from '../../app/audience/open.ts';
import { failure } from '../../base/errors.ts';

/** What `--to` names, open for reading. */
export type Recipients = OpenAudience;

export interface RecipientOptions extends FileOptions {
  signal: AbortSignal;
}

/** `all`, `tag:ID`, `filter:ID`, `@file`, `-` (standard input), or openids separated by commas. Throws `USAGE` and the reader's errors. */
export async function openRecipients(
  to: string,
  { signal, ...options }: RecipientOptions,
): Promise<Recipients> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return await openAudience(parseRecipients(to), { signal, ...Object.fromEntries(given) });
}

/** The audience of `--to`, unread. Throws `USAGE`, `AUDIENCE_INVALID`. */
export function parseRecipients(to: string): AudienceWish {
  if (to === 'all') return { kind: 'all' };
  if (to.startsWith('tag:')) {
    const id = to.slice(4);
    if (!/^\d{1,9}$/.test(id)) throw failure('AUDIENCE_INVALID/tag', { value: to });
    return { kind: 'tag', tagId: Number(id) };
  }
  if (to.startsWith('filter:')) {
    const id = to.slice(7);
    if (!/^[1-9]\d{0,14}$/.test(id)) throw failure('AUDIENCE_INVALID/filter', { value: to });
    return { kind: 'filter', id: Number(id) };
  }
  if (to === '-') return { kind: 'file', name: to, source: { stream: process.stdin, name: 'stdin' } };
  if (to.startsWith('@')) {
    const path = to.slice(1);
    if (path === '') throw failure('USAGE/to-nothing', {});
    return { kind: 'file', name: path, source: { path } };
  }
  if (existsSync(to) || /\.(?:csv|tsv|txt|xlsx?|ndjson|jsonl?)(?:\.gz)?$/i.test(to))
    throw failure('USAGE/to-file', { path: to });
  const openids = to.split(/[,|\s]+/).filter((one) => one !== '');
  const wrong = openids.length === 0 ? to : openids.find((one) => !/^[A-Za-z0-9_-]{20,64}$/.test(one));
  if (wrong !== undefined) throw failure('USAGE/to-unknown', { value: shown(wrong) });
  return { kind: 'list', openids };
}

/** Enough of a value to recognise it: a mistyped list of openids is not repeated in an error. */
function shown(value: string): string {
  return value.length > 40 ? `${value.slice(0, 12)}…` : value;
}
