import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openid, read, readBytes } from '../support/audience/read-workbook.ts';
import { textRow, workbook, workbookEntries, zipFile } from '../support/audience/xlsx-file.ts';

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
