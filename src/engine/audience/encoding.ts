import { isAscii, isUtf8 } from 'node:buffer';
import { HongyanError } from '../../base/errors.ts';

/** Encodings of recipient files. UTF-16 only with a byte order mark, as spreadsheet programs write it. */
export type TextEncoding = 'utf-8' | 'gb18030' | 'utf-16le' | 'utf-16be';

/** The encoding that a byte order mark names, and the mark's length in bytes. */
export function byteOrderMark(head: Buffer): { encoding: TextEncoding; length: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

function decodesAsGb18030(line: Buffer): boolean {
  try {
    gb18030.decode(line);
    return true;
  } catch {
    return false;
  }
}

// Stateless: every call decodes whole lines, without `stream`.
const gb18030 = new TextDecoder('gb18030', { fatal: true });
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Valid UTF-8 with a sequence of three bytes or more is hardly ever GB18030 text: among the commonest 3,755 Han
// characters no GB lead byte reaches 0xE0. Two-byte sequences prove nothing: C3 A9 is "é" or "茅".
function isStrongUtf8(line: Buffer): boolean {
  return isUtf8(line) && line.some((byte) => byte >= 0xe0);
}

/**
 * Tells UTF-8 from GB18030 by whole lines; undefined while there is only ASCII, which is both.
 *
 * Throws `RECIPIENT_ENCODING_UNKNOWN` when the bytes are neither, or might be both with different text.
 */
export function detectEncoding(block: Buffer, terminator: number): 'utf-8' | 'gb18030' | undefined {
  if (isAscii(block)) return undefined;
  let strong = 0;
  let weak = 0;
  let weakBoth = 0;
  let foreign = 0;
  let foreignGb = 0;
  for (const line of byteLines(block, terminator)) {
    if (isAscii(line)) continue;
    if (isStrongUtf8(line)) strong += 1;
    else if (isUtf8(line)) {
      weak += 1;
      if (decodesAsGb18030(line)) weakBoth += 1;
    } else {
      foreign += 1;
      if (decodesAsGb18030(line)) foreignGb += 1;
    }
  }
  if (foreign === 0) {
    if (strong === 0 && weak === weakBoth) {
      throw new HongyanError(
        'RECIPIENT_ENCODING_UNKNOWN',
        'The recipient file can be read as UTF-8 and as GB18030, with different text. Say which with --encoding utf-8 or --encoding gb18030.',
      );
    }
    return 'utf-8';
  }
  // A few broken lines do not decide about a file: they become bad rows.
  if (strong * 10 >= foreign) return 'utf-8';
  if (foreignGb * 100 >= foreign * 99) return 'gb18030';
  throw new HongyanError(
    'RECIPIENT_ENCODING_UNKNOWN',
    'The recipient file is neither UTF-8 nor GB18030. Save it as UTF-8 ("CSV UTF-8" in Excel) and try again.',
    { details: { linesUtf8: strong + weak, linesGb18030: foreignGb, linesNeither: foreign - foreignGb } },
  );
}

/** Cuts at a terminator byte. 0x0A and 0x0D never occur inside a character of UTF-8 or GB18030. */
export function* byteLines(block: Buffer, terminator: number): Generator<Buffer> {
  let start = 0;
  while (start < block.length) {
    const found = block.indexOf(terminator, start);
    const end = found < 0 ? block.length : found;
    yield block.subarray(start, end);
    start = end + 1;
  }
}

/** The text of one line, or undefined when its bytes are not of that encoding. */
export function decodeLine(line: Buffer, encoding: 'utf-8' | 'gb18030', forced: boolean): string | undefined {
  try {
    if (encoding === 'utf-8') return utf8.decode(line);
    // A UTF-8 line inside a GB18030 file (two exports pasted together) would decode, into other characters.
    if (!forced && !isAscii(line) && isStrongUtf8(line)) return undefined;
    return gb18030.decode(line);
  } catch {
    return undefined;
  }
}

/** Decodes whole lines at once; undefined when a line of the block needs a look of its own. */
export function decodeBlock(
  block: Buffer,
  encoding: 'utf-8' | 'gb18030',
  forced: boolean,
): string | undefined {
  try {
    if (isAscii(block)) return block.toString('latin1');
    if (encoding === 'utf-8') return utf8.decode(block);
    return forced ? gb18030.decode(block) : undefined;
  } catch {
    return undefined;
  }
}
