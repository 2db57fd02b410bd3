import {
  openRecipientFile,
  type ReadOptions,
  type RecipientFile,
  type RecipientSource,
} from '../../engine/audience/recipient-file.ts';
import { encodingName, type TextEncoding } from '../../engine/formats/encoding-names.ts';
import type { RecipientRecord } from '../../engine/formats/record.ts';
import type { AskedAudience } from '../../store/campaigns/campaigns.ts';

export type { RecipientFile, RecipientSource } from '../../engine/audience/recipient-file.ts';
export { encodingOf, type TextEncoding, textEncodings } from '../../engine/formats/encoding-names.ts';
export type { RecipientRecord } from '../../engine/formats/record.ts';

/** Whom somebody wants to send to, before anything is read. */
export type AudienceWish =
  | { kind: 'all' }
  | { kind: 'tag'; tagId: number }
  | { kind: 'filter'; id: number }
  | { kind: 'list'; openids: readonly string[] }
  | { kind: 'file'; source: RecipientSource; name: string };

export type FileOptions = Pick<
  ReadOptions,
  'openidColumn' | 'headerRow' | 'sheet' | 'visibleOnly' | 'encoding' | 'format'
>;

/** An audience that is open for reading. */
export interface OpenAudience {
  audience: AskedAudience;
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

/**
 * Opens an audience; nothing is stored. `close` it, also when it was not read.
 *
 * Throws the errors of `openRecipientFile` for a file.
 */
export async function openAudience(
  wish: AudienceWish,
  options: FileOptions & { signal: AbortSignal },
): Promise<OpenAudience> {
  const nothing = { columns: null, batches: null, file: null, total: null };
  const harmless = { select: () => {}, close: async () => {} };
  switch (wish.kind) {
    case 'all':
      return { audience: wish, name: 'all', ...nothing, ...harmless };
    case 'tag':
      return { audience: wish, name: `tag:${wish.tagId}`, ...nothing, ...harmless };
    case 'filter':
      return { audience: wish, name: `filter:${wish.id}`, ...nothing, ...harmless };
    case 'list': {
      const { openids } = wish;
      return {
        ...nothing,
        ...harmless,
        audience: { kind: 'list', count: openids.length },
        name: [...openids].sort().join(','),
        batches: rowsOf(openids),
        total: openids.length,
      };
    }
    case 'file': {
      const file = await openRecipientFile(wish.source, options);
      return {
        audience: { kind: 'file', name: wish.name },
        name: wish.name,
        columns: file.columns,
        batches: file.batches,
        select: (columns) => file.select(columns),
        file,
        total: null,
        close: () => file.close(),
      };
    }
  }
}

async function* rowsOf(openids: readonly string[]): AsyncGenerator<RecipientRecord[]> {
  yield openids.map((openid, i): RecipientRecord => ({ kind: 'row', line: i + 1, openid, vars: {} }));
}

/** The encoding of a file as people write it. */
export function nameOfEncoding(encoding: TextEncoding): string {
  return encodingName(encoding);
}

/** One person, without a file. */
export function onePerson(touser: string): OpenAudience {
  const nothing = { columns: null, batches: null, file: null };
  return {
    ...{ ...nothing, audience: { kind: 'list', count: 1 }, name: touser, total: 1 },
    ...{ select: () => {}, close: async () => {} },
  };
}
