import { failure } from '../../base/errors.ts';
import { isOpenidList } from './plain-text.ts';

/** Formats of recipient files. `txt` is a list of openids and nothing else. */
export type RecipientFormat = 'csv' | 'tsv' | 'xlsx' | 'ndjson' | 'txt';

/** Tells binary files by their first bytes; undefined is text. Throws `RECIPIENT_FORMAT_UNSUPPORTED`. */
export function binaryFormat(
  name: string,
  head: Buffer,
  asked: RecipientFormat | undefined,
  hasByteOrderMark: boolean,
): 'xlsx' | undefined {
  const magic = head.subarray(0, 4).toString('hex');
  if (magic === '504b0304') {
    if (asked === undefined || asked === 'xlsx') return 'xlsx';
    throw failure('RECIPIENT_FORMAT_UNSUPPORTED/is-xlsx', { file: name, format: asked });
  }
  if (magic === 'd0cf11e0') {
    throw failure('RECIPIENT_FORMAT_UNSUPPORTED/old-excel', { file: name });
  }
  if (asked === 'xlsx') throw failure('RECIPIENT_FORMAT_UNSUPPORTED/not-xlsx', { file: name });
  if (hasByteOrderMark) return undefined;
  const sample = head.subarray(0, 64 * 1024);
  let zeros = 0;
  for (const byte of sample) if (byte === 0) zeros += 1;
  // A stray NUL is a bad row; many are no text (or UTF-16 without its byte order mark).
  if (zeros >= 8 && zeros * 50 > sample.length) {
    throw failure('RECIPIENT_FORMAT_UNSUPPORTED/not-text', { file: name });
  }
  return undefined;
}

/** Tells text formats: the caller's word, then the extension, then the first lines. */
export function textFormat(
  name: string,
  lines: readonly string[],
  asked: RecipientFormat | undefined,
): 'csv' | 'tsv' | 'ndjson' | 'txt' {
  if (asked !== undefined && asked !== 'xlsx') return asked;
  const first = lines[0] ?? '';
  if (first.trimStart().startsWith('<')) {
    throw failure('RECIPIENT_FORMAT_UNSUPPORTED/page', { file: name });
  }
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === 'csv') return 'csv';
  if (extension === 'tsv' || extension === 'tab') return 'tsv';
  if (/^\s*\[/.test(first)) {
    throw failure('RECIPIENT_FORMAT_UNSUPPORTED/json-list', { file: name });
  }
  if (extension === 'ndjson' || extension === 'jsonl' || extension === 'json') return 'ndjson';
  if (/^\s*\{/.test(first)) return 'ndjson';
  if (isOpenidList(lines)) return 'txt';
  if (first.includes('\t')) return 'tsv';
  return /[,;]/.test(first) ? 'csv' : 'txt';
}
