import { isAscii, isUtf8 } from 'node:buffer';
import { failure } from '../../base/errors.ts';
import { guessEncoding } from './encoding-guess.ts';
import { encodingName, type LineEncoding, type TextEncoding } from './encoding-names.ts';

/** The encoding that a byte order mark names, and the mark's length in bytes. */
export function byteOrderMark(head: Buffer): { encoding: TextEncoding; length: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

// Stateless: every call decodes whole lines, without `stream`.
const decoders = new Map<LineEncoding, InstanceType<typeof TextDecoder>>();

function decoderOf(encoding: LineEncoding): InstanceType<typeof TextDecoder> {
  let decoder = decoders.get(encoding);
  if (decoder === undefined) {
    decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    decoders.set(encoding, decoder);
  }
  return decoder;
}

function decoded(bytes: Buffer, encoding: LineEncoding): string | undefined {
  try {
    return decoderOf(encoding).decode(bytes);
  } catch {
    return undefined;
  }
}

// Valid UTF-8 with a sequence of three bytes or more is hardly ever GB18030 text: among the commonest 3,755 Han
// characters no GB lead byte reaches 0xE0. Two-byte sequences prove nothing: C3 A9 is "é" or "茅".
function isStrongUtf8(line: Buffer): boolean {
  return isUtf8(line) && line.some((byte) => byte >= 0xe0);
}

/**
 * Tells UTF-8 from GB18030 by whole lines; undefined while there is only ASCII, which is both.
 *
 * Throws `RECIPIENT_ENCODING_UNKNOWN` when the bytes are neither, might be both with different text, or look like those
 * of a third encoding: most text in Big5 or Latin-1 is valid GB18030 too, and would be read as other characters.
 */
export async function detectEncoding(block: Buffer): Promise<'utf-8' | 'gb18030' | undefined> {
  if (isAscii(block)) return undefined;
  let strong = 0;
  let weak = 0;
  let weakBoth = 0;
  let foreign = 0;
  let foreignGb = 0;
  for (const { line } of byteLines(block)) {
    if (isAscii(line)) continue;
    if (isStrongUtf8(line)) strong += 1;
    else if (isUtf8(line)) {
      weak += 1;
      if (decoded(line, 'gb18030') !== undefined) weakBoth += 1;
    } else {
      foreign += 1;
      if (decoded(line, 'gb18030') !== undefined) foreignGb += 1;
    }
  }
  if (foreign === 0) {
    if (strong === 0 && weak === weakBoth) throw failure('RECIPIENT_ENCODING_UNKNOWN/both', {});
    return 'utf-8';
  }
  // A few broken lines do not decide about a file: they become bad rows.
  if (strong * 10 >= foreign) return 'utf-8';
  const guess = await guessEncoding(block);
  if (guess === 'gb18030' && foreignGb * 100 >= foreign * 99) return 'gb18030';
  const details = {
    guess,
    linesUtf8: strong + weak,
    linesGb18030: foreignGb,
    linesNeither: foreign - foreignGb,
  };
  if (guess !== null && guess !== 'gb18030')
    throw failure('RECIPIENT_ENCODING_UNKNOWN/looks-like', { name: encodingName(guess), guess }, { details });
  throw failure('RECIPIENT_ENCODING_UNKNOWN/neither', {}, { details });
}

/** The lines of some bytes, cut at line feeds and at carriage returns that stand alone, which stay. */
export function* byteLines(block: Buffer): Generator<{ line: Buffer; loneCr: boolean }> {
  let start = 0;
  let back = block.indexOf(0x0d);
  while (start < block.length) {
    const feed = block.indexOf(0x0a, start);
    const end = feed < 0 ? block.length : feed;
    while (back >= 0 && back < end - 1) {
      yield { line: block.subarray(start, back + 1), loneCr: true };
      start = back + 1;
      back = block.indexOf(0x0d, start);
    }
    yield { line: block.subarray(start, end), loneCr: false };
    start = end + 1;
    if (back >= 0 && back < start) back = block.indexOf(0x0d, start);
  }
}

/** The text of one line, or undefined when its bytes are not of that encoding. */
export function decodeLine(line: Buffer, encoding: LineEncoding, forced: boolean): string | undefined {
  // A UTF-8 line inside a GB18030 file (two exports pasted together) would decode, into other characters.
  if (encoding === 'gb18030' && !forced && !isAscii(line) && isStrongUtf8(line)) return undefined;
  return decoded(line, encoding);
}

/** Decodes whole lines at once; undefined when a line of the block needs a look of its own. */
export function decodeBlock(block: Buffer, encoding: LineEncoding, forced: boolean): string | undefined {
  if (isAscii(block)) return block.toString('latin1');
  return encoding === 'gb18030' && !forced ? undefined : decoded(block, encoding);
}
