import type { TextEncoding } from './encoding.ts';
import { byteLines, decodeBlock, decodeLine, detectEncoding } from './encoding.ts';
import type { Fault } from './record.ts';

/** Longest line, and longest record over several lines, in bytes or characters. */
export const maxLineLength = 1024 * 1024;

/** Some consecutive lines, without their line feeds (a carriage return stays). A faulty line's text is empty. */
export interface LineBlock {
  /** Number of the first line, from 1. */
  first: number;
  lines: string[];
  /** By index into `lines`. */
  faults?: Map<number, Fault>;
}

export interface LineOptions {
  /** Undefined while only ASCII was seen: then the first bytes above 0x7F decide, wherever they come. */
  encoding: TextEncoding | undefined;
  /** Whether the caller asked for that encoding, which silences doubts about single lines. */
  forced: boolean;
  /** Bytes of the byte order mark to skip. */
  skip: number;
  /** 0x0A, or 0x0D in files of old Macintosh programs. */
  terminator: number;
  /** Told when the encoding is decided late. */
  onEncoding: (encoding: TextEncoding) => void;
}

const pieceBytes = 128 * 1024;

async function* utf16ToUtf8(chunks: AsyncIterable<Buffer>, encoding: TextEncoding): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** Cuts large chunks, so that memory is bounded, and joins small ones, so that an encoding has text to show in. */
async function* pieces(chunks: AsyncIterable<Buffer>, skip: number): AsyncGenerator<Buffer> {
  let left = skip;
  let small: Buffer[] = [];
  let smallBytes = 0;
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    small.push(rest);
    smallBytes += rest.length;
    if (smallBytes < pieceBytes) continue;
    const joined = small.length === 1 ? rest : Buffer.concat(small);
    small = [];
    smallBytes = 0;
    for (let at = 0; at < joined.length; at += pieceBytes) yield joined.subarray(at, at + pieceBytes);
  }
  if (smallBytes > 0) yield Buffer.concat(small);
}

const overlongFault: Fault = {
  reason: 'line-too-long',
  detail: `the line is longer than ${maxLineLength} bytes`,
};

/** Finds the lines over the limit that came whole inside one block, which is possible only in a large one. */
function cutOverlong(block: LineBlock, blockBytes: number): LineBlock {
  if (blockBytes <= maxLineLength) return block;
  block.lines.forEach((line, index) => {
    if (line.length <= maxLineLength) return;
    block.lines[index] = '';
    block.faults ??= new Map();
    block.faults.set(index, overlongFault);
  });
  return block;
}

/**
 * Decodes a byte stream into numbered lines, with memory bounded by one piece and one line.
 *
 * A line that is too long, or not of the file's encoding, is given as faulty; reading goes on after it.
 * Throws `RECIPIENT_ENCODING_UNKNOWN`.
 */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  options: LineOptions,
): AsyncGenerator<LineBlock> {
  const { terminator, forced } = options;
  const given = options.encoding;
  const wide = given === 'utf-16le' || given === 'utf-16be';
  let encoding = wide ? 'utf-8' : given;
  const marked = pieces(chunks, options.skip);
  const source = wide ? utf16ToUtf8(marked, given) : marked;

  let next = 1;
  let carry: Buffer[] = [];
  let carried = 0;
  let overlong = false;

  const toBlock = (bytes: Buffer): LineBlock => {
    if (encoding === undefined) {
      encoding = detectEncoding(bytes, terminator);
      if (encoding !== undefined) options.onEncoding(encoding);
    }
    const first = next;
    const separator = String.fromCharCode(terminator);
    const text = decodeBlock(bytes, encoding ?? 'utf-8', forced);
    if (text !== undefined) {
      const lines = text.split(separator);
      next += lines.length;
      return cutOverlong({ first, lines }, bytes.length);
    }
    const lines: string[] = [];
    const faults = new Map<number, Fault>();
    for (const line of byteLines(bytes, terminator)) {
      const decoded = decodeLine(line, encoding ?? 'utf-8', forced);
      if (decoded === undefined) {
        const detail = `the line is not valid ${encoding === 'gb18030' ? 'GB18030' : 'UTF-8'}, unlike the rest of the file`;
        faults.set(lines.length, { reason: 'invalid-encoding', detail });
      }
      lines.push(decoded ?? '');
    }
    // byteLines gives no empty last line, split does.
    if (bytes.at(-1) === terminator) lines.push('');
    next += lines.length;
    return cutOverlong({ first, lines, faults }, bytes.length);
  };
  const overlongBlock = (): LineBlock => {
    overlong = false;
    return { first: next++, lines: [''], faults: new Map([[0, overlongFault]]) };
  };

  for await (const piece of source) {
    let rest = piece;
    if (overlong) {
      const end = rest.indexOf(terminator);
      if (end < 0) continue;
      yield overlongBlock();
      rest = rest.subarray(end + 1);
    }
    const last = rest.lastIndexOf(terminator);
    if (last >= 0) {
      carry.push(rest.subarray(0, last));
      const whole = carry.length === 1 ? carry[0]! : Buffer.concat(carry);
      carry = [];
      carried = 0;
      yield toBlock(whole);
      rest = rest.subarray(last + 1);
    }
    if (rest.length === 0) continue;
    carry.push(rest);
    carried += rest.length;
    if (carried > maxLineLength) {
      carry = [];
      carried = 0;
      overlong = true;
    }
  }
  if (overlong) yield overlongBlock();
  else if (carried > 0) yield toBlock(Buffer.concat(carry));
}
