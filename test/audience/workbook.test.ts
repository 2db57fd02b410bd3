import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openRecipientFile, type ReadOptions } from '../../src/engine/audience/recipient-file.ts';
import { openPackage } from '../../src/engine/workbook/package.ts';
import { spreadsheet } from '../../src/engine/workbook/vocabulary.ts';
import { openid, read, readBytes, short, shown } from '../support/audience/read-workbook.ts';
import { textRow, workbook, workbookEntries, zipFile } from '../support/audience/xlsx-file.ts';

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

  it('reads a workbook from a pipe through a private temporary copy, and removes it', async (t) => {
    // A folder that no other test file leaves copies in.
    const { TMPDIR } = process.env;
    const folder = mkdtempSync(join(tmpdir(), 'hongyan-workbook-'));
    t.after(() => {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
      rmSync(folder, { recursive: true });
    });
    process.env.TMPDIR = folder;
    const bytes = workbook({
      sheets: { S: textRow(1, ['openid']) + textRow(2, [openid(1)]) + textRow(3, [openid(2)]) },
    });
    const pipe = (): Readable => Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]);
    const file = await openRecipientFile({ stream: pipe(), name: '-' }, { batchSize: 1 });
    const [copy = ''] = readdirSync(folder);
    assert.match(copy, /^hongyan-recipients-/);
    assert.equal(statSync(join(folder, copy, 'list')).mode & 0o777, 0o600);
    for await (const batch of file.batches) {
      assert.deepEqual(short(batch), [[2, openid(1), {}]]);
      break;
    }
    assert.deepEqual(readdirSync(folder), []);
    await assert.rejects(openRecipientFile({ stream: pipe(), name: '-' }, { openidColumn: 'x' }));
    assert.deepEqual(readdirSync(folder), []);
  });
});

describe('elements of a workbook', () => {
  const sheets = { S: textRow(1, ['openid', 'x']) + textRow(2, [openid(1), 'a']) };
  const good = [[2, openid(1), { x: 'a' }]];

  /** The workbook with one of its parts changed. */
  const changed = (part: string, change: (xml: string) => string | Buffer): Buffer =>
    zipFile(
      workbookEntries({ sheets, strings: ['<t>x</t>'], formats: ['0.00'] }).map((entry) =>
        entry.name.endsWith(part) ? { ...entry, data: change(String(entry.data)) } : entry,
      ),
    );
  const after = async (part: string, change: (xml: string) => string | Buffer) =>
    short((await readBytes(changed(part, change))).records);

  it('count in their place only', async () => {
    const fake = '<row r="2"><c t="inlineStr"><is><t>fake</t></is></c></row>';
    const places = [`<extLst><ext>${fake}</ext></extLst>`, fake, `<sheetViews>${fake}</sheetViews>`];
    for (const xml of places)
      assert.deepEqual(
        await after('sheet1.xml', (all) => all.replace('<sheetData>', `${xml}<sheetData>`)),
        good,
      );
    const inCell = '<c t="inlineStr"><is><t>a<b>c</b></t><rPh><t>d</t></rPh><x><t>e</t></x></is>';
    assert.deepEqual(
      await after('sheet1.xml', (all) => all.replace(/<c t="inlineStr"><is><t[^>]*>a<\/t><\/is>/, inCell)),
      good,
    );
    const names = '<definedNames><sheet name="fake" r:id="rId9"/></definedNames>';
    assert.deepEqual(await after('workbook.xml', (all) => all.replace('<sheets>', `${names}<sheets>`)), good);
  });

  it('count in their namespace only', async () => {
    const other = 'xmlns:o="urn:other"';
    const foreign = `<o:row ${other} r="2"><o:c t="inlineStr"><o:is><o:t>fake</o:t></o:is></o:c></o:row>`;
    assert.deepEqual(
      await after('sheet1.xml', (all) => all.replace('<sheetData>', `<sheetData>${foreign}`)),
      good,
    );
    const inside = `<o:c ${other} r="B2"><o:v>9</o:v></o:c>`;
    assert.deepEqual(await after('sheet1.xml', (all) => all.replaceAll('</row>', `${inside}</row>`)), good);
    // The default namespace of an element is that of all in it.
    const redefined = '<extra xmlns="urn:other"><row r="2"><c><v>9</v></c></row></extra>';
    assert.deepEqual(
      await after('sheet1.xml', (all) => all.replace('<sheetData>', `<sheetData>${redefined}`)),
      good,
    );
    // The attributes of another namespace are not the element's.
    const attribute = `<row ${other} o:hidden="1" o:r="9" `;
    assert.deepEqual(await after('sheet1.xml', (all) => all.replaceAll('<row ', attribute)), good);
    const ids = 'xmlns:o="urn:other" o:id="rId9" r:id=';
    assert.deepEqual(await after('workbook.xml', (all) => all.replace('r:id=', ids)), good);
    const strict = (all: string): string =>
      all.replaceAll(
        'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
        'http://purl.oclc.org/ooxml/spreadsheetml/main',
      );
    assert.deepEqual(await after('sheet1.xml', strict), good);
    assert.deepEqual(await after('sheet1.xml', (all) => all.replace(/ xmlns="[^"]*"/, '')), good);
    await assert.rejects(
      after('sheet1.xml', (all) => all.replace(/ xmlns="[^"]*"/, ' xmlns="urn:other"')),
      { code: 'RECIPIENT_FILE_DAMAGED' },
    );
    await assert.rejects(
      after('sheet1.xml', (all) => all.replaceAll('worksheet', 'chartsheet')),
      {
        code: 'RECIPIENT_FILE_DAMAGED',
      },
    );
  });

  it('may be written in UTF-16, with a byte order mark or without', async () => {
    for (const part of ['sheet1.xml', 'workbook.xml', 'sharedStrings.xml', 'styles.xml', '.rels']) {
      const wide = (mark: string, swap: boolean) => (xml: string) => {
        const bytes = Buffer.from(mark + xml.replace('UTF-8', 'UTF-16'), 'utf16le');
        return swap ? bytes.swap16() : bytes;
      };
      assert.deepEqual(await after(part, wide('\ufeff', false)), good, part);
      assert.deepEqual(await after(part, wide('\ufeff', true)), good, part);
      assert.deepEqual(await after(part, wide('', false)), good, part);
      assert.deepEqual(await after(part, wide('', true)), good, part);
    }
    const gbk = (xml: string): Buffer => {
      const [before, behind] = xml.replace('UTF-8', 'GBK').split('>a<');
      return Buffer.concat([
        Buffer.from(`${before}>`),
        Buffer.from('d5c5', 'hex'),
        Buffer.from(`<${behind}`),
      ]);
    };
    assert.deepEqual(await after('sheet1.xml', gbk), [[2, openid(1), { x: '张' }]]);
    await assert.rejects(
      after('sheet1.xml', (xml) => Buffer.from(`\ufeff${xml}`, 'utf16le').subarray(0, 301)),
      {
        code: 'RECIPIENT_FILE_DAMAGED',
      },
    );
  });

  it('of which one is met by a fault of ours do not make a damaged file', async () => {
    const { path } = await readBytes(changed('none', String));
    const pack = await openPackage(path, 'fault.xlsx');
    try {
      const steps = pack.parse('xl/worksheets/sheet1.xml', spreadsheet('worksheet', ['sheetData/row']), {
        open() {
          throw new TypeError('ours');
        },
      });
      await assert.rejects(steps.next(), { name: 'TypeError', message: 'ours' });
    } finally {
      pack.close();
    }
  });
});

describe('the rows of a workbook', () => {
  it('are looked for in every visible sheet, and the error says what the sheets hold', async () => {
    const people = textRow(1, ['openid']) + textRow(2, [openid(1)]);
    const sheets = {
      说明: textRow(1, ['请勿修改']) + textRow(2, ['本表由系统导出']),
      隐藏: { rows: people.replace(openid(1), openid(9)), state: 'hidden' },
      空: '',
      名单: people,
    };
    const { file, records } = await read({ sheets });
    assert.deepEqual([file.sheet, short(records)], ['名单', [[2, openid(1), {}]]]);
    const { 名单: _, ...without } = sheets;
    await assert.rejects(read({ sheets: without }), {
      code: 'RECIPIENT_OPENID_COLUMN_MISSING',
      message: /"说明" \(请勿修改\), "空" \(empty\)/,
    });
  });

  it('that are hidden or filtered out are counted, and left out when asked', async () => {
    const hidden = (n: number): string => textRow(n, [openid(n)]).replace('<row ', '<row hidden="1" ');
    const rows = `${textRow(1, ['openid']) + hidden(2) + textRow(3, [openid(3)]) + hidden(4)}<row hidden="1" r="5"/>`;
    const all = await read({ sheets: { S: rows } });
    assert.deepEqual([all.file.hiddenRows, all.records.map(({ line }) => line)], [2, [2, 3, 4]]);
    const visible = await read({ sheets: { S: rows } }, { visibleOnly: true });
    assert.deepEqual([visible.file.hiddenRows, visible.records.map(({ line }) => line)], [2, [3]]);
  });

  it('name once for a column what cannot be shown as Excel does, and are bad', async () => {
    const cell = (row: number): string =>
      `<row r="${row}"><c t="inlineStr"><is><t>${openid(row)}</t></is></c><c s="1"><v>45000</v></c></row>`;
    const sheets = { S: textRow(1, ['openid', '日期']) + cell(2) + cell(3) };
    const { file, records, path } = await read({ sheets, formats: ['[$-411]ggge"年"'] });
    assert.deepEqual(short(records), [
      [2, 'format-unsupported'],
      [3, 'format-unsupported'],
    ]);
    assert.deepEqual([...file.formatProblems.keys()], ['日期']);
    const unused = await openRecipientFile({ path });
    unused.select([]);
    let good = 0;
    for await (const batch of unused.batches) good += batch.filter(({ kind }) => kind === 'row').length;
    assert.deepEqual([good, unused.formatProblems.size], [2, 0]);
  });
});
