/**
 * Rows per second and peak memory of the recipient readers, each in a process of its own.
 *
 *     node bench/recipient-file.ts [--rows 200000] [--csv-rows 5000000]
 */
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { openRecipientFile } from '../src/engine/audience/recipient-file.ts';
import { workbookEntries, zipFile } from '../test/support/audience/xlsx-file.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    'csv-rows': { type: 'string', default: '5000000' },
    read: { type: 'string' },
  },
});

async function readOne(path: string): Promise<void> {
  const start = performance.now();
  const file = await openRecipientFile({ path });
  let rows = 0;
  let bad = 0;
  for await (const batch of file.batches) {
    for (const record of batch) {
      if (record.kind === 'row') rows += 1;
      else bad += 1;
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ rows, bad, seconds, rowsPerSecond: Math.round(rows / seconds), peakMb }));
}

function openid(n: number): string {
  return `o7esq5${((n * 2_654_435_761) % 2 ** 32).toString(36).padStart(8, '0')}${n.toString(36).padStart(14, 'A')}`;
}

const header = ['openid', '姓名', '订单号', '金额', '时间'];
const cells = (n: number): string[] => [
  openid(n),
  `张三${n % 5000}`,
  `DD2024${n}`,
  (n / 100).toFixed(2),
  '2024-01-01 08:30',
];

async function* textRows(rows: number, line: (cells: string[]) => string): AsyncGenerator<string> {
  let text = line(header);
  for (let n = 0; n < rows; n += 1) {
    text += line(cells(n));
    if (text.length > 60_000) {
      yield text;
      text = '';
    }
  }
  yield text;
}

/** A workbook as Excel writes it: every text shared, numbers and dates as numbers. The two large parts are streamed. */
async function writeWorkbook(path: string, rows: number): Promise<void> {
  const strings = new Map<string, number>();
  const shared = (text: string): string => {
    const known = strings.get(text);
    if (known === undefined) strings.set(text, strings.size);
    return `t="s"><v>${known ?? strings.size - 1}</v></c>`;
  };
  const sheet: Buffer[] = [];
  let text = `<row r="1">${header.map((name, i) => `<c r="${'ABCDE'[i]}1" ${shared(name)}`).join('')}</row>`;
  for (let n = 0; n < rows; n += 1) {
    const [id, name, order] = cells(n);
    const r = n + 2;
    text += `<row r="${r}" spans="1:5"><c r="A${r}" ${shared(id!)}<c r="B${r}" ${shared(name!)}<c r="C${r}" ${shared(order!)}<c r="D${r}"><v>${n / 100}</v></c><c r="E${r}" s="1"><v>${45292 + (n % 1000) / 7}</v></c></row>`;
    if (text.length > 1_000_000) {
      sheet.push(Buffer.from(text));
      text = '';
    }
  }
  sheet.push(Buffer.from(text));
  const si = [...strings.keys()].map((value) => `<t>${value}</t>`);
  const entries = workbookEntries({
    sheets: { 名单: '@@ROWS@@' },
    strings: si,
    formats: ['yyyy-mm-dd hh:mm'],
  });
  const whole = entries.map((entry) => {
    if (!entry.name.includes('sheet1')) return entry;
    const [before, after] = String(entry.data).split('@@ROWS@@');
    return { ...entry, data: Buffer.concat([Buffer.from(before!), ...sheet, Buffer.from(after!)]) };
  });
  await pipeline(Readable.from([zipFile(whole)]), createWriteStream(path));
}

async function main(rows: number, csvRows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-bench-'));
  try {
    const csv = (row: string[]): string => `${row.join(',')}\r\n`;
    const quoted = (row: string[]): string => `${row.map((cell) => `"${cell}"`).join(',')}\r\n`;
    const json = (row: string[]): string =>
      row === header
        ? ''
        : `${JSON.stringify({ openid: row[0], data: { 姓名: row[1], 订单号: row[2], 金额: row[3], 时间: row[4] } })}\n`;
    const kinds: [string, number, (path: string, count: number) => Promise<void>][] = [
      ['list.csv', rows, (path, count) => pipeline(textRows(count, csv), createWriteStream(path))],
      ['quoted.csv', rows, (path, count) => pipeline(textRows(count, quoted), createWriteStream(path))],
      ['list.ndjson', rows, (path, count) => pipeline(textRows(count, json), createWriteStream(path))],
      ['list.xlsx', rows, writeWorkbook],
      ['large.csv', csvRows, (path, count) => pipeline(textRows(count, csv), createWriteStream(path))],
    ];
    for (const [name, count, write] of kinds) {
      const path = join(folder, name);
      await write(path, count);
      const megabytes = Math.round(statSync(path).size / 1e6);
      const result = execFileSync(process.execPath, [import.meta.filename, '--read', path], {
        encoding: 'utf8',
      });
      console.log(`${name} (${megabytes} MB): ${result.trim()}`);
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.read !== undefined) await readOne(values.read);
else await main(Number(values.rows), Number(values['csv-rows']));
