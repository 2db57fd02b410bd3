/** Files that were once read wrongly, each for its kind: test/fixtures/recipients. The openids are invented. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  openRecipientFile,
  type ReadOptions,
  type RecipientFile,
  type RecipientRecord,
} from '../../src/engine/audience/recipient-file.ts';

const path = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/recipients/${name}`, import.meta.url));
const openid = (n: number): string => `o${'A'.repeat(26)}${n}`;

/** Reads a file as a message does that uses these columns. */
async function read(
  name: string,
  columns: string[],
  options?: ReadOptions,
): Promise<{ file: RecipientFile; records: RecipientRecord[] }> {
  const file = await openRecipientFile({ path: path(name) }, options);
  file.select(columns);
  const records: RecipientRecord[] = [];
  for await (const batch of file.batches) records.push(...batch);
  return { file, records };
}

/** The values of each person in the order of the columns, or the reason of a bad row. */
async function values(name: string, columns: string[], options?: ReadOptions): Promise<unknown[]> {
  const { records } = await read(name, columns, options);
  return records.map((record) =>
    record.kind === 'row' ? [record.openid, ...columns.map((column) => record.vars[column])] : record.reason,
  );
}

describe('workbooks', () => {
  it('whose first shared text is empty are as good as any', async () => {
    assert.deepEqual(await values('xlsx-first-shared-string-empty.xlsx', ['name']), [[openid(1), '']]);
  });

  it('have the formats of their cells, not those of tables and conditional formatting', async () => {
    assert.deepEqual(await values('xlsx-dxf-number-format.xlsx', ['date', 'time', 'money']), [
      [openid(1), '2023/3/15', '12:00', '12.50元'],
    ]);
  });

  it('show accounting formats: a dash for nothing, no digit for # and ?', async () => {
    assert.deepEqual(await values('xlsx-accounting-zero.xlsx', ['cn', 'us', 'hash', 'grouped']), [
      [openid(1), '-  ', '-  ', '', ''],
      [openid(2), '12.50', '12.50', '13', '13'],
    ]);
  });

  it('show formats with conditions and Chinese numbers', async () => {
    assert.deepEqual(await values('xlsx-condition-format.xlsx', ['sex', 'upper']), [
      [openid(1), '男', '壹佰贰拾叁'],
    ]);
  });

  it('show what a format adds to a text', async () => {
    assert.deepEqual(await values('xlsx-text-section.xlsx', ['name']), [[openid(1), '王小明先生']]);
  });

  it('show thirty formats as Excel does', async () => {
    const shown = (await values('xlsx-number-formats-general-fallback.xlsx', ['v'])).map((row) =>
      Array.isArray(row) ? row[1] : row,
    );
    assert.deepEqual(shown, [
      ...['0.9', '', '', '男', '壹佰贰拾叁', '138-0013-8000', '1 1/2', '1.23E+04', '500元', 'No.0007'],
      // 404 is Taiwan, which counts from the Republic.
      ...['2024年3月5日 13:30', '星期二', '113/3/5', '3月5日', '下午1:30', '36:00', '12.3%', '-1,234.50'],
      ...[
        '¥12.50',
        '¥12.50',
        '¥-  ',
        '¥12.50',
        '0',
        '5%',
        '2024-03-05',
        '03天',
        '共3件',
        '件',
        '5.0',
        ' 5.50',
      ],
    ]);
  });

  it('have their header where the openids are named', async () => {
    const { file, records } = await read('xlsx-title-row-above-header.xlsx', ['姓名']);
    assert.deepEqual([file.headerRow, file.skippedRows], [2, 1]);
    assert.deepEqual(
      records.map((record) => (record.kind === 'row' ? [record.openid, record.vars] : record.reason)),
      [
        [openid(1), { 姓名: '王小明' }],
        [openid(2), { 姓名: '李雷' }],
      ],
    );
    const asked = await read('xlsx-title-row-above-header.xlsx', ['姓名'], { headerRow: 2 });
    assert.deepEqual(asked.file.headerRow, 2);
  });
});

describe('CSV files', () => {
  it('may leave out empty last cells', async () => {
    assert.deepEqual(await values('csv-excel-short-rows.csv', ['name', 'remark']), [
      [openid(1), '王小明', 'VIP'],
      [openid(2), '李雷', ''],
      [openid(3), '韩梅梅', ''],
    ]);
  });

  it('may mix line ends', async () => {
    assert.deepEqual(await values('csv-mixed-line-ends.csv', ['name']), [
      [openid(1), 'a'],
      [openid(2), 'b'],
      [openid(3), 'c'],
    ]);
  });

  it('may have blanks before a quote', async () => {
    assert.deepEqual(await values('csv-space-before-quote.csv', ['name', 'city']), [
      [openid(1), 'Wang, Ming', 'Beijing'],
      [openid(2), 'Li Lei', 'Shanghai'],
    ]);
  });

  it('have bad rows by the columns that are used only', async () => {
    assert.deepEqual(await values('csv-unused-column-control-char.csv', ['name']), [[openid(1), '王小明']]);
    const { records } = await read('csv-unused-column-control-char.csv', ['remark']);
    assert.deepEqual(
      records.map((record) => (record.kind === 'bad' ? [record.line, record.column, record.reason] : record)),
      [[2, 'remark', 'control-character']],
    );
  });

  it('may quote their sep= line', async () => {
    assert.deepEqual(await values('csv-quoted-sep.csv', ['name']), [[openid(1), 'a']]);
  });

  it('may be a bill of WeChat Pay, with backticks and lines of sums', async () => {
    assert.deepEqual(await values('csv-wechatpay-bill.csv', ['订单金额', '商品名称']), [
      [openid(1), '1.00', '测试商品'],
      [openid(2), '1.00', '测试商品'],
      [openid(3), '1.00', '测试商品'],
      'openid-missing',
      'openid-missing',
    ]);
  });

  it('in Big5 are read when told so, and never as other characters', async () => {
    await assert.rejects(read('csv-big5.csv', ['name']), {
      code: 'RECIPIENT_ENCODING_UNKNOWN',
      message: /looks like Big5.*encoding: big5/,
    });
    assert.deepEqual(await values('csv-big5.csv', ['name'], { encoding: 'big5' }), [
      [openid(1), '王小明'],
      [openid(2), '陳大文先生您好'],
    ]);
  });
});

it('NDJSON of a database leaves alone what the message does not use', async () => {
  assert.deepEqual(await values('ndjson-mongo-export.ndjson', ['name']), [
    [openid(1), '王小明'],
    [openid(2), '李雷'],
  ]);
  assert.deepEqual(await values('ndjson-mongo-export.ndjson', ['name', 'tags']), [
    'value-not-scalar',
    'value-not-scalar',
  ]);
});
