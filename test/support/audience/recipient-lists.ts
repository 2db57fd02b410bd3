/** Lists of recipients on disk and as streams, and what is read from them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import {
  openRecipientFile,
  type ReadOptions,
  type RecipientFile,
  type RecipientRecord,
} from '../../../src/engine/audience/recipient-file.ts';

export const folder = mkdtempSync(join(tmpdir(), 'hongyan-test-recipients-'));
after(() => rmSync(folder, { recursive: true, force: true }));

export const openid = (n: number): string => `o7esq5${String(n).padStart(22, '0')}`;
let files = 0;

export async function onDisk(name: string, content: string | Buffer): Promise<string> {
  files += 1;
  await mkdir(join(folder, String(files)));
  const path = join(folder, String(files), name);
  await writeFile(path, content);
  return path;
}

export async function all(file: RecipientFile): Promise<RecipientRecord[]> {
  const records: RecipientRecord[] = [];
  for await (const batch of file.batches) records.push(...batch);
  return records;
}

export async function read(name: string, content: string | Buffer, options?: ReadOptions) {
  const file = await openRecipientFile({ path: await onDisk(name, content) }, options);
  return { file, records: await all(file) };
}

export async function readStream(content: string | Buffer, options?: ReadOptions) {
  const bytes = Buffer.from(content);
  // Small pieces, as a pipe gives them.
  const parts = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) =>
    bytes.subarray(i * 7, i * 7 + 7),
  );
  const file = await openRecipientFile({ stream: Readable.from(parts), name: '-' }, options);
  return { file, records: await all(file) };
}

/** Records in short: `[line, openid, vars]` or `[line, reason]`. */
export const short = (records: RecipientRecord[]) =>
  records.map((r) => (r.kind === 'row' ? [r.line, r.openid, r.vars] : [r.line, r.reason]));

// TextDecoder knows GB18030, Node's encoders do not: the table is turned around for the two-byte area.
const gbBytes = new Map<string, Buffer>();
for (let lead = 0x81; lead <= 0xfe; lead += 1) {
  for (let trail = 0x40; trail <= 0xfe; trail += 1) {
    if (trail === 0x7f) continue;
    const bytes = Buffer.of(lead, trail);
    const text = new TextDecoder('gb18030').decode(bytes);
    if ([...text].length === 1 && text !== '\ufffd') gbBytes.set(text, bytes);
  }
}

export function gb18030(text: string): Buffer {
  const encoded = [...text].map((character) => {
    const code = character.codePointAt(0)!;
    if (code < 0x80) return Buffer.of(code);
    if (code < 0x10000) return gbBytes.get(character)!;
    // The supplementary planes are numbered on, four bytes each.
    const n = code - 0x10000 + 189_000;
    return Buffer.of(
      0x81 + Math.floor(n / 12_600),
      0x30 + (Math.floor(n / 1260) % 10),
      0x81 + (Math.floor(n / 10) % 126),
      0x30 + (n % 10),
    );
  });
  return Buffer.concat(encoded);
}
