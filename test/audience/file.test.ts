import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openRecipientFile, type RecipientRecord } from '../../src/engine/audience/recipient-file.ts';
import {
  all,
  gb18030,
  onDisk,
  openid,
  read,
  readStream,
  short,
} from '../support/audience/recipient-lists.ts';

describe('recipient lists as text', () => {
  it('reads CSV with a header, columns in order, Chinese names, any place of the openid', async () => {
    const { file, records } = await read(
      'a.csv',
      `姓名, OpenID ,取件码\n张三,${openid(1)},A-1\n李四,${openid(2)},\n`,
    );
    assert.deepEqual([file.format, file.encoding, file.hasHeader], ['csv', 'utf-8', true]);
    assert.deepEqual([file.openidColumn, file.columns], ['OpenID', ['姓名', '取件码']]);
    assert.deepEqual(short(records), [
      [2, openid(1), { 姓名: '张三', 取件码: 'A-1' }],
      [3, openid(2), { 姓名: '李四', 取件码: '' }],
    ]);
  });

  it('removes the byte order mark of Excel and understands its sep= line, semicolons and old Mac line ends', async () => {
    const expected = [[2, openid(1), { name: '张三' }]];
    assert.deepEqual(
      short((await read('a.csv', `\ufeffopenid;name\r\n${openid(1)};张三\r\n`)).records),
      expected,
    );
    assert.deepEqual(short((await read('a.csv', `openid,name\r${openid(1)},张三\r`)).records), expected);
    // A bar is seen as the delimiter only where the line says so.
    for (const [line, bar] of [
      ['sep=;', ';'],
      ['sep=|', '|'],
      ['SEP=|', '|'],
    ]) {
      const { records } = await read('a.csv', `${line}\r\nopenid${bar}name\r\n${openid(1)}${bar}张三\r\n`);
      assert.deepEqual(short(records), [[3, openid(1), { name: '张三' }]], line);
    }
  });

  it('reads what Chinese Excel writes: GB18030 CSV and UTF-16 text', async () => {
    const text = `openid,姓名\r\n${openid(1)},"𠮷野, 家"\r\n`;
    const gb = await read('a.csv', gb18030(text));
    assert.equal(gb.file.encoding, 'gb18030');
    assert.deepEqual(short(gb.records), [[2, openid(1), { 姓名: '𠮷野, 家' }]]);
    const wide = Buffer.from(
      `\ufeff${text.replaceAll(',"', '\t"').replace('openid,', 'openid\t')}`,
      'utf16le',
    );
    const le = await read('a.txt', wide);
    assert.deepEqual([le.file.format, le.file.encoding], ['tsv', 'utf-16le']);
    assert.deepEqual(short(le.records), [[2, openid(1), { 姓名: '𠮷野, 家' }]]);
    const be = await read('a.txt', Buffer.from(wide).swap16());
    assert.equal(be.file.encoding, 'utf-16be');
    assert.deepEqual(short(be.records), short(le.records));
  });

  it('says the encoding that it found late in a file', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${openid(i)},plain\n`).join('');
    const { file, records } = await read(
      'a.csv',
      Buffer.concat([Buffer.from(`openid,name\n${rows}`), gb18030(`${openid(0)},张三\n`)]),
    );
    assert.equal(file.encoding, 'gb18030');
    assert.deepEqual(short(records.slice(-1)), [[20_002, openid(0), { name: '张三' }]]);
  });

  it('never sends the text of a line in a foreign encoding', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${openid(i)},张三\n`).join('');
    const bytes = Buffer.concat([
      Buffer.from(`openid,name\n${rows}`),
      gb18030(`${openid(1)},李四\n`),
      Buffer.from(`${openid(2)},王五\n`),
    ]);
    const { records } = await read('a.csv', bytes);
    assert.deepEqual(short(records.slice(-2)), [
      [40_002, 'invalid-encoding'],
      [40_003, openid(2), { name: '王五' }],
    ]);
  });

  it('gives back any cells that were written, in UTF-8 and in GB18030', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('"', ',', '\n', '张', '好', '𠮷', 'a', ' ', '；', 'é', '🦢'),
      maxLength: 6,
    });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 });
    const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const csv = `openid,a,b\n${rows.map(([a, b], i) => [openid(i), quote(a), quote(b)].join(',')).join('\n')}`;
        const expected = rows.map(([a, b], i) => ({ openid: openid(i), vars: { a, b } }));
        const strip = (records: RecipientRecord[]) =>
          records.map((r) => (r.kind === 'row' ? { openid: r.openid, vars: r.vars } : r));
        const utf8 = await openRecipientFile(
          { stream: Readable.from([Buffer.from(csv)]), name: 'a.csv' },
          { encoding: 'utf-8' },
        );
        assert.deepEqual(strip(await all(utf8)), expected);
        const gb = await openRecipientFile(
          { stream: Readable.from([gb18030(csv)]), name: 'a.csv' },
          { encoding: 'gb18030' },
        );
        assert.deepEqual(strip(await all(gb)), expected);
      }),
      { numRuns: 150 },
    );
  });

  it('reports bad rows by physical line and reason, and gives the good ones', async () => {
    const long = 'x'.repeat(1_100_000);
    const { records } = await read(
      'a.csv',
      [
        'openid,name',
        ',nobody',
        'o123,short',
        `${openid(1)},"two`,
        'lines"',
        `${openid(2)},a,b`,
        `${openid(3)},b,c`,
        `${openid(4)},a\0b`,
        `${openid(5)},a\ufffdb`,
        `${openid(6)},"never closed`,
        '',
        ',',
        `${openid(7)},${long}`,
        `${openid(8)},ok,,`,
        `${openid(9)},${'last'}`,
      ].join('\n'),
    );
    assert.deepEqual(short(records), [
      [2, 'openid-missing'],
      [3, 'openid-malformed'],
      [4, openid(1), { name: 'two\nlines' }],
      [6, 'column-count'],
      [7, 'column-count'],
      [8, 'control-character'],
      [9, 'damaged-text'],
      [10, 'quote-broken'],
      [13, 'line-too-long'],
      [14, openid(8), { name: 'ok' }],
      [15, openid(9), { name: 'last' }],
    ]);
  });

  it('shows no whole openid in a detail', async () => {
    const { records } = await read('a.csv', `openid,name\n${openid(1)} ${openid(2)},a\n`);
    assert.equal(records[0]!.kind, 'bad');
    assert.equal(JSON.stringify(records).includes(openid(1)), false);
  });

  it('reads what mysql --batch pipes in, header and escapes included', async () => {
    const { file, records } = await readStream(
      `openid\tname\tnote\n${openid(1)}\t"张三"\tline\\nbreak\\\\n\n${openid(2)}\tNULL\tC:\\\\new\n`,
    );
    assert.deepEqual([file.format, file.columns], ['tsv', ['name', 'note']]);
    assert.deepEqual(short(records), [
      [2, openid(1), { name: '"张三"', note: 'line\nbreak\\n' }],
      [3, openid(2), { name: '', note: 'C:\\new' }],
    ]);
  });

  it('reads a TSV file with quoted cells as a spreadsheet wrote it, and doubts a quote that comes late', async () => {
    const quoted = await read('a.tsv', `openid\tname\n${openid(1)}\t"a\tb"\n${openid(2)}\tNULL\n`);
    assert.deepEqual(short(quoted.records), [
      [2, openid(1), { name: 'a\tb' }],
      [3, openid(2), { name: 'NULL' }],
    ]);
    const rows = Array.from({ length: 10_000 }, (_, i) => `${openid(i)}\tNULL\n`).join('');
    const late = await read('a.tsv', `openid\tname\n${rows}${openid(1)}\t"x"\n`);
    assert.deepEqual(short(late.records.slice(-2)), [
      [10_001, openid(9999), { name: '' }],
      [10_002, 'quote-ambiguous'],
    ]);
  });

  it('reads plain openids in every separation, and a name above them', async () => {
    const { file, records } = await read(
      'a.txt',
      `touser\n${openid(1)},${openid(2)}|${openid(3)}\r\n\n  ${openid(4)}\t${openid(5)}\n`,
    );
    assert.deepEqual([file.format, file.hasHeader, file.columns], ['txt', true, []]);
    assert.deepEqual(short(records), [
      [2, openid(1), {}],
      [2, openid(2), {}],
      [2, openid(3), {}],
      [4, openid(4), {}],
      [4, openid(5), {}],
    ]);
    const piped = await readStream(`${openid(1)}\n${openid(2)}`);
    assert.deepEqual(short(piped.records), [
      [1, openid(1), {}],
      [2, openid(2), {}],
    ]);
    const listed = await read('a.txt', `not-an-openid\n${openid(2)}`, { format: 'txt' });
    assert.deepEqual(short(listed.records), [
      [1, 'openid-malformed'],
      [2, openid(2), {}],
    ]);
  });

  it('finds the header below titles, by the openids or by their name, and takes the asked one', async () => {
    const titled = (names: string): string =>
      `三月名单,,\n\n导出时间：,2026-03-01,\n${names}\n张三,${openid(1)},1\n李四,bad,2\n`;
    for (const names of ['姓名,openid,单号', '姓名,编号,单号']) {
      const { file, records } = await read('a.csv', titled(names));
      assert.deepEqual([file.headerRow, file.skippedRows, file.hasHeader], [4, 2, true], names);
      assert.deepEqual(short(records), [
        [5, openid(1), { 姓名: '张三', 单号: '1' }],
        [6, 'openid-malformed'],
      ]);
    }
    // Bad rows above the first good one are no titles.
    const bad = await read('a.csv', `id,name\nx,1\ny,2\n${openid(1)},3\n`, { openidColumn: 'id' });
    assert.deepEqual([bad.file.headerRow, short(bad.records).length], [1, 3]);
    const asked = await read('a.csv', titled('姓名,编号,单号'), { headerRow: 3, openidColumn: '2026-03-01' });
    assert.deepEqual([asked.file.headerRow, asked.file.columns], [3, ['导出时间：']]);
    const none = await read('a.csv', `名,${openid(1)}\n`, { headerRow: 'none' });
    assert.deepEqual([none.file.headerRow, short(none.records)], [null, [[1, openid(1), { column1: '名' }]]]);
    const missing = read('a.csv', titled('姓名,编号,单号'), { headerRow: 2 });
    await assert.rejects(missing, { code: 'RECIPIENT_HEADER_MISSING' });
  });

  it('takes off what keeps Excel from rounding a number, and leaves the cells of the file as they are', async () => {
    const { records } = await read(
      'a.csv',
      `openid,no,name\n${openid(1)},="007","=""00123456789012345678"""\n${openid(2)},=1+1,"=""a""""b"""\n`,
    );
    assert.deepEqual(short(records), [
      [2, openid(1), { no: '007', name: '00123456789012345678' }],
      [3, openid(2), { no: '=1+1', name: 'a"b' }],
    ]);
    assert.deepEqual(records[0]!.source?.().cells[1], '="007"');
  });

  it('lets only the selected columns spoil a row, and names the one at fault', async () => {
    const csv = `openid,name,note\n${openid(1)},a\0,b\n${openid(2)},a,b\0\n`;
    const file = await openRecipientFile({ path: await onDisk('a.csv', csv) });
    file.select(['note']);
    const records = await all(file);
    assert.deepEqual(short(records), [
      [2, openid(1), { note: 'b' }],
      [3, 'control-character'],
    ]);
    assert.equal(records[1]!.kind === 'bad' && records[1]!.column, 'note');
    assert.deepEqual(records[1]!.source?.().cells, [openid(2), 'a', 'b\0']);
  });

  it('keeps a carriage return in a cell of mysql --batch', async () => {
    const { records } = await readStream(`openid\tnote\n${openid(1)}\ta\rb\n${openid(2)}\tc\r\n`);
    assert.deepEqual(short(records), [
      [2, openid(1), { note: 'a\rb' }],
      // Counted as an editor does, for which it ends a line.
      [4, openid(2), { note: 'c' }],
    ]);
  });

  it('names the columns of a file without header and finds the openids by their look', async () => {
    const { file, records } = await read('a.csv', `张三,${openid(1)},1\n李四,bad,2\n`);
    assert.deepEqual(
      [file.hasHeader, file.openidColumn, file.columns],
      [false, 'column2', ['column1', 'column3']],
    );
    assert.deepEqual(short(records), [
      [1, openid(1), { column1: '张三', column3: '1' }],
      [2, 'openid-malformed'],
    ]);
  });

  it('takes the asked column, and no unionid for an openid', async () => {
    const csv = `unionid,id,用户\n${openid(9)},${openid(1)},张三\n`;
    assert.equal((await read('a.csv', csv)).file.openidColumn, 'id');
    const asked = await read('a.csv', csv, { openidColumn: 'UNIONID' });
    assert.deepEqual(short(asked.records), [[2, openid(9), { id: openid(1), 用户: '张三' }]]);
    const message = /columns are "unionid", "id", "用户".*openidColumn/;
    await assert.rejects(read('a.csv', csv, { openidColumn: 'x' }), {
      code: 'RECIPIENT_OPENID_COLUMN_MISSING',
      message,
    });
    await assert.rejects(read('a.csv', 'name,phone\n张三,1\n'), { code: 'RECIPIENT_OPENID_COLUMN_MISSING' });
    const two = `a,b\n${openid(1)},${openid(2)}\n`;
    await assert.rejects(read('a.csv', two, { format: 'csv' }), { code: 'RECIPIENT_OPENID_COLUMN_MISSING' });
  });

  it('refuses two columns of one name and ignores one without a name', async () => {
    await assert.rejects(read('a.csv', `openid,a, a\n${openid(1)},1,2\n`), {
      code: 'RECIPIENT_COLUMN_DUPLICATE',
    });
    const { file, records } = await read('a.csv', `openid,,a,\n${openid(1)},x\0,2,\n`);
    assert.deepEqual(file.columns, ['a']);
    assert.deepEqual(short(records), [[2, openid(1), { a: '2' }]]);
  });

  it('reads NDJSON, flat or nested, with long numbers as written', async () => {
    const { file, records } = await read(
      'a.ndjson',
      [
        `{"openid":"${openid(1)}","order":12345678901234567890,"price":19.90,"ok":true,"none":null}`,
        `{"openid":"${openid(2)}","data":{"thing1":{"value":"张三"},"n":1}}`,
        '{"openid":',
        `{"openid":"${openid(3)}","list":[1]}`,
        '[]',
        '{"name":"x"}',
        `{"openid":"${openid(4)}","a":"\\ud800"}`,
      ].join('\n'),
    );
    assert.deepEqual(file.columns, ['order', 'price', 'ok', 'none', 'thing1', 'n', 'list', 'name', 'a']);
    assert.deepEqual(short(records), [
      [1, openid(1), { order: '12345678901234567890', price: '19.90', ok: 'true', none: '' }],
      [2, openid(2), { thing1: '张三', n: '1' }],
      [3, 'json-invalid'],
      [4, 'value-not-scalar'],
      [5, 'json-invalid'],
      [6, 'openid-missing'],
      [7, 'damaged-text'],
    ]);
  });

  it('reads gzip and says when it ends too early', async () => {
    const text = Array.from({ length: 50_000 }, (_, i) => `${openid(i)},${i * 7919}\n`).join('');
    const zipped = gzipSync(`openid,n\n${text}`);
    const { file, records } = await read('a.csv.gz', zipped);
    assert.deepEqual([file.format, records.length], ['csv', 50_000]);
    await assert.rejects(read('a.csv.gz', zipped.subarray(0, zipped.length - 1000)), {
      code: 'RECIPIENT_FILE_DAMAGED',
    });
  });

  it('gives batches of the asked size, in order', async () => {
    const text = Array.from({ length: 25 }, (_, i) => `${openid(i)}\n`).join('');
    const file = await openRecipientFile({ path: await onDisk('a.txt', text) }, { batchSize: 10 });
    const sizes: number[] = [];
    for await (const batch of file.batches) sizes.push(batch.length);
    assert.deepEqual(sizes, [10, 10, 5]);
    await assert.rejects(all(file), { code: 'RECIPIENT_FILE_ALREADY_READ' });
  });
});
