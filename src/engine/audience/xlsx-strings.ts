import { HongyanError } from '../../base/errors.ts';
import type { XlsxPackage } from './xlsx-package.ts';

// A full sheet (1,048,576 rows) of three columns of 30 different characters needs 94 MB.
const maxBytes = 160 * 1024 * 1024;
const pageBytes = 1024 * 1024;

/**
 * Texts by number, as UTF-8 in pages outside the heap: about 36 bytes for an openid, where an array of strings takes
 * 60 and makes the collector walk them.
 */
export class StringTable {
  private readonly pages: Buffer[] = [];
  private used = pageBytes;
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
    this.bytes += length;
    if (this.bytes > maxBytes || length > pageBytes) {
      throw new HongyanError(
        'RECIPIENT_FILE_TOO_LARGE',
        `The workbook ${this.name} holds more than ${maxBytes / 1024 / 1024} MB of texts. Save the list as CSV, which has no limit.`,
      );
    }
    if (this.used + length > pageBytes) {
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

/** Reads the shared strings. Rich text becomes plain; phonetic guides are left out. */
export async function readSharedStrings(pack: XlsxPackage, part: string, name: string): Promise<StringTable> {
  const table = new StringTable(name);
  let text = '';
  let inText = false;
  let phonetic = 0;
  const steps = pack.parse(part, {
    open(tag) {
      if (tag === 'si') text = '';
      else if (tag === 'rPh') phonetic += 1;
      else if (tag === 't') inText = phonetic === 0;
    },
    text(piece) {
      if (inText) text += piece;
    },
    close(tag) {
      if (tag === 't') inText = false;
      else if (tag === 'rPh') phonetic -= 1;
      else if (tag === 'si') table.add(unescapeXlsx(text));
    },
  });
  for await (const _ of steps);
  return table;
}
