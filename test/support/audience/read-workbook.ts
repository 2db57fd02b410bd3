import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import {
  openRecipientFile,
  type ReadOptions,
  type RecipientRecord,
} from '../../../src/engine/audience/recipient-file.ts';
import { textRow, type WorkbookParts, workbook } from './xlsx-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'hongyan-test-workbooks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

export const openid = (n: number): string => `o7esq5${String(n).padStart(22, '0')}`;
let files = 0;

export async function readBytes(bytes: Buffer, options?: ReadOptions) {
  files += 1;
  const path = join(folder, `${files}.xlsx`);
  await writeFile(path, bytes);
  const file = await openRecipientFile({ path }, options);
  const records: RecipientRecord[] = [];
  for await (const batch of file.batches) records.push(...batch);
  return { file, records, path };
}

export const read = (parts: WorkbookParts, options?: ReadOptions) => readBytes(workbook(parts), options);

export const short = (records: RecipientRecord[]) =>
  records.map((r) => (r.kind === 'row' ? [r.line, r.openid, r.vars] : [r.line, r.reason]));

/** The shown text or the bad-row reason of one cell beside an openid. */
export async function shown(cell: string, parts: Partial<WorkbookParts> = {}): Promise<string> {
  const rows = `${textRow(1, ['openid', 'x'])}<row r="2"><c r="A2" t="inlineStr"><is><t>${openid(1)}</t></is></c>${cell}</row>`;
  const { records } = await read({ sheets: { S: rows }, ...parts });
  const [record] = records;
  return record?.kind === 'row' ? record.vars.x! : `bad: ${record?.reason}`;
}
