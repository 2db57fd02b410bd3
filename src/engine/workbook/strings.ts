import { failure, type HongyanError } from '../../base/errors.ts';
import type { XlsxPackage } from './package.ts';
import { spreadsheet } from './vocabulary.ts';

// A full sheet (1,048,576 rows) of three columns of 30 different characters needs 94 MB.
const maxBytes = 160 * 1024 * 1024;
const pageBytes = 1024 * 1024;

/**
 * Texts by number, as UTF-8 in pages outside the heap: about 36 bytes for an openid, where an array of strings takes
 * 60 and makes the collector walk them.
 */
export class StringTable {
  private readonly pages: Buffer[] = [];
  private used = 0;
  /** Start of each text: page × pageBytes + offset fits 32 bits up to 4 GB. */
  private starts = new Uint32Array(1024);
  private lengths = new Uint32Array(1024);
  private count = 0;
  private bytes = 0;
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Throws `RECIPIENT_FILE_TOO_LARGE` above 160 MiB of text. */
  add(text: string): void {
    const length = Buffer.byteLength(text);
    // With its place in the two lists: empty texts take memory too.
    this.bytes += length + 8;
    if (this.bytes > maxBytes || length > pageBytes) {
      throw tooLarge(this.name);
    }
    if (this.pages.length === 0 || this.used + length > pageBytes) {
      this.pages.push(Buffer.allocUnsafeSlow(pageBytes));
      this.used = 0;
    }
    if (this.count === this.starts.length) {
      this.starts = grown(this.starts);
      this.lengths = grown(this.lengths);
    }
    const page = this.pages.length - 1;
    this.pages[page]!.write(text, this.used);
    this.starts[this.count] = page * pageBytes + this.used;
    this.lengths[this.count] = length;
    this.used += length;
    this.count += 1;
  }

  get(index: number): string | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) return undefined;
    const start = this.starts[index]!;
    const offset = start % pageBytes;
    return this.pages[(start - offset) / pageBytes]!.toString('utf8', offset, offset + this.lengths[index]!);
  }
}

function tooLarge(name: string): HongyanError {
  return failure('RECIPIENT_FILE_TOO_LARGE/texts', { file: name, megabytes: maxBytes / 1024 / 1024 });
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** Decodes `_x000D_`, the format's escape for characters that XML cannot hold. */
export function unescapeXlsx(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9a-fA-F]{4})_/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const vocabulary = spreadsheet('sst', ['si/t', 'si/r/t']);

/** Reads the shared strings. Rich text becomes plain; phonetic guides (`rPh`) are left out. */
export async function readSharedStrings(pack: XlsxPackage, part: string, name: string): Promise<StringTable> {
  const table = new StringTable(name);
  let text = '';
  const steps = pack.parse(part, vocabulary, {
    open(path) {
      if (path === 'si') text = '';
    },
    text(path, piece) {
      if (path !== 'si/t' && path !== 'si/r/t') return;
      text += piece;
      if (text.length > pageBytes) throw tooLarge(name);
    },
    close(path) {
      if (path === 'si') table.add(unescapeXlsx(text));
    },
  });
  for await (const _ of steps);
  return table;
}
