import { byteLines, decodeBlock, decodeLine, detectEncoding } from './encoding.ts';
import { encodingName, isWide, type LineEncoding, type TextEncoding } from './encoding-names.ts';
import { type Fault, fault } from './record.ts';

/** Longest line, and longest record over several lines, in bytes or characters. */
export const maxLineLength = 1024 * 1024;

/**
 * Some consecutive lines, without their line feeds; the carriage return of a CRLF stays. A faulty line's text is empty.
 *
 * Line ends may mix: LF, CRLF and a lone CR each end a line.
 */
export interface LineBlock {
  /** Number of the first line, from 1. */
  first: number;
  lines: string[];
  /** Indices into `lines` of those that a lone CR ends, which is part of their text. */
  loneCr?: Set<number>;
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
  /** Told when the encoding is decided late. */
  onEncoding: (encoding: TextEncoding) => void;
}

const pieceBytes = 128 * 1024;
/**
 * Lines are decoded so many bytes at a time. From 128 kB on (64 k characters, where one is not Latin) V8 puts a text among its
 * large objects, which outlive what is young: a file of 70 MB left 150 MB of them behind before they were looked at.
 */
const textBytes = 56 * 1024;
const lf = 0x0a;
const cr = 0x0d;

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

const overlongFault: Fault = fault('line-too-long', { most: String(maxLineLength) });

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

/** Whether a CR stands before anything but an LF. One at the very end is followed by the line feed that was cut off. */
function hasLoneCr(text: string): boolean {
  for (let at = text.indexOf('\r'); at >= 0 && at < text.length - 1; at = text.indexOf('\r', at + 1))
    if (text.charCodeAt(at + 1) !== lf) return true;
  return false;
}

/** The lines of a text in which every kind of line end occurs. */
function splitAtAll(text: string, lines: string[], loneCr: Set<number>): void {
  for (const line of text.split('\n')) {
    let start = 0;
    for (let at = line.indexOf('\r'); at >= 0 && at < line.length - 1; at = line.indexOf('\r', start)) {
      loneCr.add(lines.length);
      lines.push(line.slice(start, at + 1));
      start = at + 1;
    }
    lines.push(line.slice(start));
  }
}

/** Where the last line of a piece ends: after an LF, else after a CR that is surely none of a CRLF; 0 is nowhere. */
function lastLineEnd(piece: Buffer): number {
  const feed = piece.lastIndexOf(lf);
  if (feed >= 0) return feed + 1;
  return piece.length < 2 ? 0 : piece.lastIndexOf(cr, piece.length - 2) + 1;
}

/** Whole lines in parts of about `textBytes`, cut at line feeds, which none of them has at its end. */
function* parts(lines: Buffer): Generator<Buffer> {
  let at = 0;
  while (lines.length - at > textBytes) {
    let end = lines.lastIndexOf(lf, at + textBytes);
    if (end < at) end = lines.indexOf(lf, at + textBytes);
    if (end < 0) break;
    yield lines.subarray(at, end);
    at = end + 1;
  }
  yield lines.subarray(at);
}

/** Where the first line of a piece ends, with its line end; -1 is nowhere. */
function firstLineEnd(piece: Buffer): number {
  const feed = piece.indexOf(lf);
  const back = piece.indexOf(cr);
  if (back < 0 || (feed >= 0 && feed <= back + 1)) return feed < 0 ? -1 : feed + 1;
  // A CR at the very end may be half of a CRLF: the next piece shows it.
  return back === piece.length - 1 ? -1 : back + 1;
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
  const { forced } = options;
  const given = options.encoding;
  const marked = pieces(chunks, options.skip);
  const isUtf16 = given !== undefined && isWide(given);
  const source = isUtf16 ? utf16ToUtf8(marked, given) : marked;
  let encoding: LineEncoding | undefined = isUtf16 ? 'utf-8' : given;

  let next = 1;
  let carry: Buffer[] = [];
  let carried = 0;
  let overlong = false;

  /** Looks at as much as there is, while nothing but ASCII was seen. */
  const decideEncoding = async (bytes: Buffer): Promise<void> => {
    if (encoding !== undefined) return;
    encoding = await detectEncoding(bytes);
    if (encoding !== undefined) options.onEncoding(encoding);
  };
  /** @param bytes whole lines, without the line feed of the last one */
  const toBlock = (bytes: Buffer): LineBlock => {
    const first = next;
    const text = decodeBlock(bytes, encoding ?? 'utf-8', forced);
    if (text !== undefined && !hasLoneCr(text)) {
      const lines = text.split('\n');
      next += lines.length;
      return cutOverlong({ first, lines }, bytes.length);
    }
    const lines: string[] = [];
    const faults = new Map<number, Fault>();
    const loneCr = new Set<number>();
    if (text !== undefined) splitAtAll(text, lines, loneCr);
    else {
      for (const { line, loneCr: isLone } of byteLines(bytes)) {
        const decoded = decodeLine(line, encoding ?? 'utf-8', forced);
        if (decoded === undefined) {
          const name = encodingName(encoding ?? 'utf-8');
          faults.set(lines.length, fault('invalid-encoding', { encoding: name }));
        }
        if (isLone) loneCr.add(lines.length);
        lines.push(decoded ?? '');
      }
      // byteLines gives no empty last line, split does.
      if (bytes.at(-1) === lf) lines.push('');
    }
    next += lines.length;
    const block: LineBlock = { first, lines, faults };
    if (loneCr.size > 0) block.loneCr = loneCr;
    return cutOverlong(block, bytes.length);
  };
  const overlongBlock = (): LineBlock => {
    overlong = false;
    return { first: next++, lines: [''], faults: new Map([[0, overlongFault]]) };
  };

  let held: Buffer | undefined;
  for await (const piece of source) {
    let rest = held === undefined ? piece : Buffer.concat([held, piece]);
    held = undefined;
    if (overlong) {
      const end = firstLineEnd(rest);
      if (end < 0) {
        if (rest.at(-1) === cr) held = rest.subarray(-1);
        continue;
      }
      yield overlongBlock();
      rest = rest.subarray(end);
    }
    const last = lastLineEnd(rest);
    if (last > 0) {
      const isFeed = rest[last - 1] === lf;
      carry.push(rest.subarray(0, isFeed ? last - 1 : last));
      const whole = carry.length === 1 ? carry[0]! : Buffer.concat(carry);
      carry = [];
      carried = 0;
      await decideEncoding(whole);
      for (const part of parts(whole)) {
        const block = toBlock(part);
        // The CR that ends the block, the only one then, is taken for that of a CRLF whose line feed was cut off.
        if (!isFeed) block.loneCr = (block.loneCr ?? new Set()).add(block.lines.length - 1);
        yield block;
      }
      rest = rest.subarray(last);
    }
    if (rest.length === 0) continue;
    carry.push(rest);
    carried += rest.length;
    if (carried > maxLineLength) {
      carry = [];
      carried = 0;
      overlong = true;
      if (rest.at(-1) === cr) held = rest.subarray(-1);
    }
  }
  if (overlong) yield overlongBlock();
  else if (carried > 0) {
    const last = Buffer.concat(carry);
    await decideEncoding(last);
    yield toBlock(last);
  }
}
