import { from as copyFrom } from 'pg-copy-streams';
import type { PoolClient } from './pool.ts';

export type CopyValue = string | number | null;

/** Bytes of text after which the writer waits for the socket; keeps one page of rows in memory, not the file. */
const pieceChars = 256 * 1024;

/** `COPY table (columns) FROM STDIN` on a client that is in a transaction. `target` is a constant of the caller, never input. */
export async function copyRows(
  client: PoolClient,
  target: string,
  rows: Iterable<readonly CopyValue[]>,
): Promise<void> {
  const stream = client.query(copyFrom(`copy ${target} from stdin`));
  const finished = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve);
    // Not once: a connection that is lost while the last piece is written fails twice, the second time in the library.
    stream.on('error', reject);
  });
  // An error between two writes must not be an unhandled rejection; the await below still sees it.
  finished.catch(() => {});
  let piece = '';
  for (const row of rows) {
    piece += copyLine(row);
    if (piece.length < pieceChars) continue;
    if (!stream.write(piece)) {
      await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), finished]);
    }
    piece = '';
  }
  stream.end(piece);
  await finished;
}

function copyLine(row: readonly CopyValue[]): string {
  let line = '';
  for (let i = 0; i < row.length; i++) {
    if (i > 0) line += '\t';
    line += copyField(row[i] ?? null);
  }
  return `${line}\n`;
}

const special = /[\\\t\n\r\b\f\v]/;

function copyField(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  // PostgreSQL cannot store U+0000; readers refuse such rows, and what still comes here must not break a whole page.
  const text = value.includes('\0') ? value.replaceAll('\0', '') : value;
  if (!special.test(text)) return text;
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\b', '\\b')
    .replaceAll('\f', '\\f')
    .replaceAll('\v', '\\v');
}
