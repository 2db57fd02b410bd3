/**
 * Small inputs that once took minutes or gigabytes. Each is read by a process of its own with little memory, which must
 * answer within a time that only another algorithm could exceed; nothing here measures speed.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import {
  textRow,
  type WorkbookParts,
  workbook,
  workbookEntries,
  zipFile,
} from '../support/audience/xlsx-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'hongyan-test-budget-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const reader = fileURLToPath(new URL('../support/audience/read-recipients.ts', import.meta.url));

const openid = `o${'A'.repeat(27)}`;
let files = 0;

interface Read {
  rows: number;
  bad: number;
  code: string | null;
}

/** Reads a file in a process with 150 MB of heap. Before, these took from 11 s to for ever, or up to 2.4 GB. */
async function read(extension: string, content: string | Buffer, columns = ['name', 'z']): Promise<Read> {
  files += 1;
  const path = join(folder, `${files}.${extension}`);
  await writeFile(path, content);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=150', reader, path, ...columns],
    // Of a second or two on an idle machine.
    { timeout: 120_000, env: { ...process.env, TMPDIR: folder } },
  );
  rmSync(path);
  return JSON.parse(stdout);
}

const sheet = (parts: Partial<WorkbookParts> & { rows?: string }): Buffer =>
  workbook({ ...parts, sheets: { S: textRow(1, ['openid', 'name']) + (parts.rows ?? '') } });

const farCell = (row: number): string =>
  `<row r="${row}"><c r="A${row}" t="inlineStr"><is><t>${openid}</t></is></c><c r="XFD${row}"><v>1</v></c></row>`;

describe('text that is hostile to a reader', { concurrency: 2 }, () => {
  it('of quotes that open on every line is read line by line', async () => {
    assert.deepEqual(await read('csv', `openid,name\n${'x","y\n'.repeat(200_000)}`), {
      ...{ rows: 0, bad: 200_000, code: null },
    });
    const people = await read('csv', `openid,name\n${`x","y\n${openid},Li\n`.repeat(100_000)}`);
    assert.deepEqual(people, { rows: 100_000, bad: 100_000, code: null });
    const closed = await read('csv', `openid,name\n${'a,"b\nc","d\n'.repeat(100_000)}`);
    assert.equal(closed.rows, 0);
  });

  it('of eighty thousand columns, or sixteen thousand for rows of one cell, is no matter of their product', async () => {
    const header = (count: number): string => `openid,${Array.from({ length: count }, (_, i) => `c${i}`)}\n`;
    const wide = await read('csv', header(80_000) + `${openid}\n`.repeat(1000));
    assert.equal(wide.code, 'RECIPIENT_FILE_TOO_LARGE');
    const short = await read('csv', header(16_000) + `${openid}\n`.repeat(200_000));
    assert.deepEqual(short, { rows: 200_000, bad: 0, code: null });
    const all = await read('csv', header(16_000) + `${openid}\n`.repeat(1000), ['*']);
    assert.equal(all.code, 'RECIPIENT_FILE_TOO_LARGE');
  });

  it('of rows of a megabyte is given in small batches', async () => {
    const long = await read('csv', `openid,name\n${`${openid},${'x'.repeat(1_000_000)}\n`.repeat(300)}`);
    assert.deepEqual(long, { rows: 300, bad: 0, code: null });
    const commas = await read('csv', `openid,name\n${`${','.repeat(16_000)}x\n`.repeat(2000)}`);
    assert.deepEqual(commas, { rows: 0, bad: 2000, code: null });
  });

  it('of JSON nested half a million levels deep is one row, or one bad row', async () => {
    const line = (close: number): string =>
      `{"openid":"${openid}","name":"a","b":${'['.repeat(400_000)}${']'.repeat(close)}}\n`;
    assert.deepEqual(await read('ndjson', line(399_999) + line(400_000)), { rows: 1, bad: 1, code: null });
  });

  it('that unpacks to a thousand times its size is refused, and leaves nothing in the temporary folder', async () => {
    const zeros = await read(
      'xlsx.gz',
      gzipSync(Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(300e6)])),
    );
    assert.equal(zeros.code, 'RECIPIENT_FILE_TOO_LARGE');
    const lines = await read(
      'csv.gz',
      gzipSync(Buffer.concat([Buffer.from(`openid\n${openid}\n`), Buffer.alloc(300e6, '\n')])),
    );
    assert.equal(lines.code, 'RECIPIENT_FILE_TOO_LARGE');
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('hongyan-recipients-')),
      [],
    );
  });
});

describe('workbooks that are hostile to a reader', { concurrency: 2 }, () => {
  it('with a cell in the last column of every row cost as much as its cells', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => farCell(i + 2)).join('');
    assert.deepEqual(await read('xlsx', sheet({ rows })), { rows: 30_000, bad: 0, code: null });
    const headed = workbook({
      sheets: { S: farCell(1).replace(openid, 'openid').replace('<v>1</v>', '<v>7</v>') + rows },
    });
    assert.deepEqual(await read('xlsx', headed, ['7']), { rows: 30_000, bad: 0, code: null });
  });

  it('nested without end are refused, in any part', async () => {
    const deep = '<a>'.repeat(1_000_000);
    for (const parts of [{ rows: deep }, { rows: `<row><c>${deep}` }, { strings: [deep] }])
      assert.equal((await read('xlsx', sheet(parts))).code, 'RECIPIENT_FILE_TOO_LARGE');
  });

  it('with a format of eighty thousand brackets have bad rows', async () => {
    const rows = `<row r="2"><c r="A2" t="inlineStr"><is><t>${openid}</t></is></c><c r="B2" s="1"><v>1</v></c></row>`;
    for (const format of ['['.repeat(80_000), '"'.repeat(80_001), '0;'.repeat(40_000), '_'.repeat(80_000)])
      assert.deepEqual(await read('xlsx', sheet({ rows, formats: [format] })), {
        rows: 0,
        bad: 1,
        code: null,
      });
  });

  it('with millions of texts, runs, cells, styles or sheets are refused or read in bounded memory', async () => {
    const empty = await read('xlsx', sheet({ strings: ['<t/></si><si>'.repeat(3_000_000)] }));
    assert.equal(empty.code, null);
    const runs = await read('xlsx', sheet({ strings: ['<r><t>xxxxxxxxxx</t></r>'.repeat(300_000)] }));
    assert.equal(runs.code, 'RECIPIENT_FILE_TOO_LARGE');
    const inline = '<r><t>xxxxxxxxxx</t></r>'.repeat(300_000);
    const run = await read(
      'xlsx',
      sheet({ rows: `<row r="2"><c t="inlineStr"><is>${inline}</is></c></row>` }),
    );
    assert.deepEqual(run, { rows: 0, bad: 1, code: null });
    const cells = await read(
      'xlsx',
      sheet({ rows: `<row r="2">${'<c r="B2" t="e"><v>1</v></c>'.repeat(1_000_000)}</row>` }),
    );
    assert.deepEqual(cells, { rows: 0, bad: 1, code: null });
    const entries = workbookEntries({ sheets: { S: textRow(1, ['openid']) } });
    const grown = (part: string, before: string, more: string): Buffer =>
      zipFile(
        entries.map((entry) =>
          entry.name === part ? { ...entry, data: String(entry.data).replace(before, more + before) } : entry,
        ),
      );
    for (const bytes of [
      grown('xl/styles.xml', '</cellXfs>', '<xf numFmtId="0"/>'.repeat(1_000_000)),
      grown('xl/workbook.xml', '</sheets>', '<sheet name="a" r:id="rId1"/>'.repeat(500_000)),
    ])
      assert.equal((await read('xlsx', bytes)).code, 'RECIPIENT_FILE_TOO_LARGE');
  });
});
