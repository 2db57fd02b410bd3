import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import {
  openRecipientFile,
  type ReadOptions,
  type RecipientRecord,
} from '../src/engine/audience/recipient-file.ts';
import { textRow, type WorkbookParts, workbook, workbookEntries, zipFile } from './support/xlsx-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'hongyan-test-workbooks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const openid = (n: number): string => `o7esq5${String(n).padStart(22, '0')}`;
let files = 0;

async function readBytes(bytes: Buffer, options?: ReadOptions) {
  files += 1;
  const path = join(folder, `${files}.xlsx`);
  await writeFile(path, bytes);
  const file = await openRecipientFile({ path }, options);
  const records: RecipientRecord[] = [];
  for await (const batch of file.batches) records.push(...batch);
  return { file, records };
}

const read = (parts: WorkbookParts, options?: ReadOptions) => readBytes(workbook(parts), options);

const short = (records: RecipientRecord[]) =>
  records.map((r) => (r.kind === 'row' ? [r.line, r.openid, r.vars] : [r.line, r.reason]));

/** The shown text or the bad-row reason of one cell beside an openid. */
async function shown(cell: string, parts: Partial<WorkbookParts> = {}): Promise<string> {
  const rows = `${textRow(1, ['openid', 'x'])}<row r="2"><c r="A2" t="inlineStr"><is><t>${openid(1)}</t></is></c>${cell}</row>`;
  const { records } = await read({ sheets: { S: rows }, ...parts });
  const [record] = records;
  return record?.kind === 'row' ? record.vars.x! : `bad: ${record?.reason}`;
}

describe('recipient lists as workbooks', () => {
  const table = [[2, openid(1), { 姓名: '张 三', 备注: '' }]];

  it('reads what Excel writes: shared strings, rich text, phonetic guides, references', async () => {
    const { file, records } = await read({
      strings: [
        '<t>openid</t>',
        '<t>姓名</t>',
        '<t>备注</t>',
        `<t>${openid(1)}</t>`,
        '<r><rPr><b/></rPr><t xml:space="preserve">张 </t></r><r><t>三</t></r><rPh sb="0" eb="1"><t>ZHANG</t></rPh><phoneticPr fontId="1"/>',
      ],
      sheets: {
        名单:
          '<row r="1" spans="1:3"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>' +
          '<row r="2" spans="1:3"><c r="A2" t="s"><v>3</v></c><c r="B2" t="s"><v>4</v></c><c r="C2" s="0"/></row>',
      },
    });
    assert.deepEqual([file.format, file.sheet, file.columns], ['xlsx', '名单', ['姓名', '备注']]);
    assert.deepEqual(short(records), table);
  });

  it('reads inline strings without references, namespace prefixes and absolute targets', async () => {
    const sheets = { S: `${textRow(1, ['openid', '姓名', '备注'])}${textRow(2, [openid(1), '张 三', ''])}` };
    assert.deepEqual(short((await read({ sheets })).records), table);
    assert.deepEqual(short((await read({ sheets, prefix: 'x:', absoluteTargets: true })).records), table);
  });

  it('reads rows without numbers and part names in another case', async () => {
    const rows = ['openid,姓名,备注', `${openid(1)},张 三,`].map((row) =>
      textRow(1, row.split(',')).replace(' r="1"', ''),
    );
    const entries = workbookEntries({ sheets: { S: rows.join('') } });
    const renamed = entries.map((entry) => ({
      ...entry,
      name: entry.name.replace('sheet1', 'Sheet1'),
      stored: true,
    }));
    assert.deepEqual(short((await readBytes(zipFile(renamed))).records), table);
  });

  it('numbers rows as the sheet does and skips empty ones', async () => {
    const rows =
      textRow(3, ['openid']) +
      textRow(4, ['']) +
      '<row r="5"/>' +
      textRow(9, [openid(1)]) +
      textRow(12, ['x']);
    assert.deepEqual(short((await read({ sheets: { S: rows } })).records), [
      [9, openid(1), {}],
      [12, 'openid-malformed'],
    ]);
  });

  it('takes the first visible sheet, or the asked one by name or number', async () => {
    const sheet = (n: number): string => textRow(1, ['openid']) + textRow(2, [openid(n)]);
    const sheets = { 隐藏: { rows: sheet(1), state: 'hidden' }, 甲: sheet(2), 乙: sheet(3) };
    const first = async (options?: ReadOptions) => {
      const [record] = (await read({ sheets }, options)).records;
      return record?.kind === 'row' ? record.openid : undefined;
    };
    assert.equal(await first(), openid(2));
    assert.equal(await first({ sheet: '乙' }), openid(3));
    assert.equal(await first({ sheet: '1' }), openid(1));
    await assert.rejects(first({ sheet: '丙' }), {
      code: 'RECIPIENT_SHEET_NOT_FOUND',
      message: /"隐藏", "甲", "乙"/,
    });
  });

  it('shows dates by the format of the cell, in both date systems', async () => {
    const formats = ['yyyy-mm-dd', 14, 22, 31, 'yyyy"年"m"月"d"日"'];
    const at = (style: number, value: number): string => `<c r="B2" s="${style}"><v>${value}</v></c>`;
    assert.equal(await shown(at(1, 45292), { formats }), '2024-01-01');
    assert.equal(await shown(at(2, 45292), { formats }), '2024/1/1');
    assert.equal(await shown(at(3, 45292.5), { formats }), '2024/1/1 12:00');
    assert.equal(await shown(at(4, 45292), { formats }), '2024年1月1日');
    assert.equal(await shown(at(5, 43830), { formats, date1904: true }), '2024年1月1日');
    assert.equal(await shown(at(1, -5), { formats }), 'bad: date-out-of-range');
    assert.equal(
      await shown('<c r="B2" s="1" t="d"><v>2024-01-01T00:00:00</v></c>', { formats }),
      '2024-01-01',
    );
    assert.equal(
      await shown('<c r="B2" s="1" t="d"><v>2024-01-01</v></c>', { formats, date1904: true }),
      '2024-01-01',
    );
  });

  it('shows numbers as the sheet does and refuses those of more than 15 digits', async () => {
    const number = (text: string, style = 0): string => `<c r="B2" s="${style}"><v>${text}</v></c>`;
    assert.equal(await shown(number('19.989999999999998')), '19.99');
    assert.equal(await shown(number('1.3800138E+10')), '13800138000');
    assert.equal(await shown(number('999999999999999')), '999999999999999');
    assert.equal(await shown(number('1000000000000000')), 'bad: number-too-long');
    assert.equal(await shown(number('1.23456789012345E+19')), 'bad: number-too-long');
    assert.equal(await shown(number('1234.5', 1), { formats: ['#,##0.00'] }), '1,234.50');
    assert.equal(await shown(number('7', 1), { formats: ['@'] }), '7');
    assert.equal(await shown(number('abc')), 'bad: number-invalid');
  });

  it('shows booleans and formula results, and refuses errors and formulas without a result', async () => {
    assert.equal(await shown('<c r="B2" t="b"><v>1</v></c>'), 'TRUE');
    assert.equal(await shown('<c r="B2" t="str"><f>A1&amp;"x"</f><v>好_x000A_的</v></c>'), '好\n的');
    assert.equal(await shown('<c r="B2" t="str"><f>""</f><v></v></c>'), '');
    assert.equal(await shown('<c r="B2"><f>1+1</f><v>2</v></c>'), '2');
    assert.equal(await shown('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'), 'bad: cell-error');
    assert.equal(await shown('<c r="B2"><f>1+1</f></c>'), 'bad: formula-not-calculated');
    assert.equal(await shown('<c r="B2"><f>1+1</f><v/></c>'), 'bad: formula-not-calculated');
    assert.equal(await shown('<c r="B2" t="s"><v>9</v></c>'), 'bad: cell-error');
  });

  it('ignores errors outside the named columns', async () => {
    const rows = `${textRow(1, ['openid'])}<row r="2"><c t="inlineStr"><is><t>${openid(1)}</t></is></c><c r="C2" t="e"><v>#N/A</v></c></row>`;
    assert.deepEqual(short((await read({ sheets: { S: rows } })).records), [[2, openid(1), {}]]);
  });

  it('gives back any texts that were written', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('"', ',', '\n', '张', '𠮷', '🦢', '<', '&', ' ', '_'),
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), async (rows) => {
        const body = rows.map(([a, b], i) => textRow(i + 2, [openid(i), a, b]));
        const { records } = await read({ sheets: { S: textRow(1, ['openid', 'a', 'b']) + body.join('') } });
        assert.deepEqual(
          short(records),
          rows.map(([a, b], i) => [i + 2, openid(i), { a, b }]),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('reads a workbook from a pipe through a private temporary copy, and removes it', async () => {
    const bytes = workbook({
      sheets: { S: textRow(1, ['openid']) + textRow(2, [openid(1)]) + textRow(3, [openid(2)]) },
    });
    const copies = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith('hongyan-recipients-'));
    const before = copies();
    const pipe = (): Readable => Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]);
    const file = await openRecipientFile({ stream: pipe(), name: '-' }, { batchSize: 1 });
    const [copy] = copies().filter((name) => !before.includes(name));
    assert.equal(statSync(join(tmpdir(), copy!, 'list')).mode & 0o777, 0o600);
    for await (const batch of file.batches) {
      assert.deepEqual(short(batch), [[2, openid(1), {}]]);
      break;
    }
    assert.deepEqual(copies(), before);
    await assert.rejects(openRecipientFile({ stream: pipe(), name: '-' }, { openidColumn: 'x' }));
    assert.deepEqual(copies(), before);
  });
});

describe('workbooks that cannot be read', () => {
  const sheets = { S: textRow(1, ['openid']) + textRow(2, [openid(1)]) };

  it('says that the file is cut off or its XML broken', async () => {
    const bytes = workbook({ sheets });
    await assert.rejects(readBytes(bytes.subarray(0, bytes.length - 30)), { code: 'RECIPIENT_FILE_DAMAGED' });
    await assert.rejects(read({ sheets: { S: `${sheets.S}<row><c>` } }), { code: 'RECIPIENT_FILE_DAMAGED' });
    const entries = workbookEntries({ sheets });
    const lying = entries.map((entry) => ({ ...entry, claimedSize: Buffer.byteLength(entry.data) - 1 }));
    await assert.rejects(readBytes(zipFile(lying)), { code: 'RECIPIENT_FILE_DAMAGED' });
    const withoutSheet = entries.filter((entry) => !entry.name.includes('sheet1'));
    await assert.rejects(readBytes(zipFile(withoutSheet)), { code: 'RECIPIENT_FILE_DAMAGED' });
  });

  it('says that an archive is no workbook', async () => {
    const ods = zipFile([
      { name: 'mimetype', data: 'application/vnd.oasis.opendocument.spreadsheet', stored: true },
    ]);
    await assert.rejects(readBytes(ods), { code: 'RECIPIENT_FORMAT_UNSUPPORTED' });
    await assert.rejects(readBytes(ods, { format: 'csv' }), { code: 'RECIPIENT_FORMAT_UNSUPPORTED' });
  });

  it('refuses to inflate a bomb, a huge cell, and entities that expand', async () => {
    const entries = workbookEntries({ sheets });
    const bomb = entries.map((entry) =>
      entry.name.includes('sheet1') ? { ...entry, claimedSize: 2 ** 31 } : entry,
    );
    await assert.rejects(readBytes(zipFile(bomb)), { code: 'RECIPIENT_FILE_TOO_LARGE' });
    const cell = `<row r="2"><c t="inlineStr"><is><t>${'x'.repeat(6_000_000)}</t></is></c></row>`;
    await assert.rejects(read({ sheets: { S: textRow(1, ['openid']) + cell } }), {
      code: 'RECIPIENT_FILE_TOO_LARGE',
    });
    const laughs = entries.map((entry) => {
      if (!entry.name.includes('sheet1')) return entry;
      const data = String(entry.data).replace(
        '\n',
        '\n<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
      );
      return { ...entry, data: data.replace(openid(1), '&b;') };
    });
    await assert.rejects(readBytes(zipFile(laughs)), { code: 'RECIPIENT_FILE_DAMAGED' });
  });

  it('turns a row of more than a megabyte into a bad row', async () => {
    const cells = [openid(1), ...Array.from({ length: 40 }, () => 'x'.repeat(30_000))];
    const header = ['openid', ...cells.slice(1).map((_, i) => `c${i}`)];
    const rows = textRow(1, header) + textRow(2, cells) + textRow(3, [openid(2)]);
    const { records } = await read({ sheets: { S: rows } });
    assert.deepEqual(
      records.map((r) => [r.line, r.kind]),
      [
        [2, 'bad'],
        [3, 'row'],
      ],
    );
  });
});
