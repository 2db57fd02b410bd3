/** Our reader of workbooks beside another one, on workbooks that the other one writes. By hand: `npm run check:workbooks DIR`. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CellObject, utils, write } from '@e965/xlsx';
import fc from 'fast-check';
import { compareWorkbook } from '../support/audience/check-workbooks.ts';

const folder = mkdtempSync(join(tmpdir(), 'hongyan-test-oracle-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const formats = [
  ...[
    'General',
    '0',
    '0.00',
    '#,##0',
    '#,##0.00',
    '0%',
    '0.00%',
    '0.00E+00',
    '0.0##',
    '000000',
    '"No."0',
    '0"元"',
  ],
  ...['#,##0.00;(#,##0.00)', '0;-0;"零"', '[Red]0.0;[Blue]-0.0', '\\¥0.00', '_-0.00_-'],
  ...[
    'yyyy-mm-dd',
    'yyyy/m/d',
    'yyyy/m/d h:mm',
    'h:mm:ss',
    '[h]:mm:ss',
    'mm:ss',
    'd-mmm-yy',
    'h:mm AM/PM',
    'dddd',
  ],
  ...['yyyy"年"m"月"d"日"', '@', '@"先生"', 'yyyy-mm-dd;@'],
];

const isOfDates = (format: string): boolean =>
  /[ymdhs]/i.test(format.replace(/"[^"]*"|\[Red\]|\[Blue\]/g, ''));

const text = fc.string({
  unit: fc.constantFrom('a', ' ', '张', '𠮷', '😀', '<', '&', '"', '\n', '_x0041_', '=1', '0'),
  // They show an empty text as nothing, whatever its format adds.
  minLength: 1,
  maxLength: 8,
});
// Whole numbers and those with as many digits as the two agree about: halves are rounded in as many ways as there are libraries.
const number = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
  // Positive: they show a negative number that rounds to nothing as -0.
  fc.integer({ min: 0, max: 99_999 }).map((n) => (n * 2 + 1) / 1024),
);
// Minutes of days from 1901 to 2100.
const moment = fc.integer({ min: 400 * 1440, max: 73_000 * 1440 }).map((minutes) => minutes / 1440);

const cell: fc.Arbitrary<CellObject> = fc.constantFrom(...formats).chain((z) =>
  fc.oneof(
    (isOfDates(z) ? moment : number).map((v): CellObject => ({ t: 'n', v, z })),
    text.map((v): CellObject => ({ t: 's', v, z })),
    fc.boolean().map((v): CellObject => ({ t: 'b', v })),
  ),
);

describe('a workbook of another program', () => {
  test('is read as that program reads it, whatever is in its cells', async () => {
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (table, bookSST) => {
        const sheet = utils.aoa_to_sheet([[]]);
        table.forEach((row, r) => {
          row.forEach((one, c) => {
            sheet[utils.encode_cell({ r, c })] = { ...one };
          });
        });
        sheet['!ref'] = utils.encode_range({ s: { r: 0, c: 0 }, e: { r: 9, c: 9 } });
        const book = utils.book_new(sheet, '名单');
        const path = join(folder, 'book.xlsx');
        writeFileSync(path, write(book, { type: 'buffer', bookType: 'xlsx', bookSST }));
        const { cells, differences } = await compareWorkbook(path);
        compared += cells;
        assert.deepEqual(
          differences.filter(({ reason }) => reason === null),
          [],
        );
      }),
      { numRuns: 300 },
    );
    assert.ok(compared > 1000, `${compared} cells were compared`);
  });

  test('is compared cell by cell: what the two show differently is found', async () => {
    const { cells, differences } = await compareWorkbook(
      fileURLToPath(new URL('../fixtures/recipients/xlsx-condition-format.xlsx', import.meta.url)),
    );
    assert.equal(cells, 6);
    assert.deepEqual(
      differences.map(({ cell, ours, reason }) => [cell, ours, reason]),
      [['Sheet1!C2', '壹佰贰拾叁', 'a format in Chinese']],
    );
  });
});
