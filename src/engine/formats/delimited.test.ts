import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse as oracle } from 'csv-parse/sync';
import fc from 'fast-check';
import { DelimitedParser, type Dialect, detectDelimiter } from './delimited.ts';

function parse(text: string, dialect: Dialect = 'quoted', delimiter = ',') {
  const parser = new DelimitedParser({ delimiter, dialect });
  const records = [...parser.push({ first: 1, lines: text.split('\n') }), ...parser.end()];
  return records.map(({ line, cells, faults }) =>
    faults === undefined ? [line, cells] : [line, faults[0]!.reason],
  );
}

const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', '张', '𠮷', '🦢', 'a', '\\'), maxLength: 8 }),
);

function quote(value: string, always: boolean): string {
  return always || /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** The same rules read naively: every line is tried on its own, however often it was read before. */
function naive(text: string): unknown[] {
  const lines = text.split('\n');
  const out: unknown[] = [];
  let width = 0;
  let records = 0;
  for (let at = 0; at < lines.length; ) {
    if (lines[at]!.trim() === '' && !lines[at]!.includes(',')) {
      at += 1;
      continue;
    }
    const found = naiveRecord(lines, at);
    const below = found === null ? [] : lines.slice(at + 1, found.next);
    const tooWide = found?.cells.slice(width).some((cell) => cell.trim() !== '') === true;
    const tooNarrow =
      found !== null && found.cells.length < width && below.some((line) => /\bo[\w-]{27}\b/.test(line));
    if (found === null || (below.length > 0 && width > 0 && (tooWide || tooNarrow))) {
      out.push([at + 1, 'quote-broken']);
      at += 1;
      continue;
    }
    records += 1;
    if (records <= 20) width = Math.max(width, found.cells.length);
    out.push([at + 1, found.cells]);
    at = found.next;
  }
  return out;
}

function naiveRecord(lines: string[], from: number): { cells: string[]; next: number } | null {
  let rest = lines[from]!;
  let next = from + 1;
  const cells: string[] = [];
  for (;;) {
    // The second form has blanks before its quote, and is closed on its own line.
    const quoted = /^"/.exec(rest) ?? /^ +"(?=(?:[^"]|"")*"(?!") *(?:,|$))/.exec(rest);
    if (quoted === null) {
      const comma = rest.indexOf(',');
      cells.push(comma < 0 ? rest : rest.slice(0, comma));
      if (comma < 0) return { cells, next };
      rest = rest.slice(comma + 1);
      continue;
    }
    rest = rest.slice(quoted[0].length);
    let close = /^((?:[^"]|"")*)"(?!")/.exec(rest);
    while (close === null) {
      if (next >= lines.length) return null;
      rest += `\n${lines[next++]}`;
      close = /^((?:[^"]|"")*)"(?!")/.exec(rest);
    }
    cells.push(close[1]!.replaceAll('""', '"'));
    rest = rest.slice(close[0].length).replace(/^ +/, '');
    if (rest === '') return { cells, next };
    if (!rest.startsWith(',')) return null;
    rest = rest.slice(1);
  }
}

describe('delimited records', () => {
  it('of any quotes are those that reading each line on its own would give', () => {
    const piece = fc.constantFrom(
      '"',
      '"',
      ',',
      '\n',
      '\n',
      'a',
      ' ',
      '""',
      '","',
      'oAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    );
    const broken = fc.array(piece, { maxLength: 40 }).map((pieces) => `openid,name\n${pieces.join('')}`);
    const id = 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const line = fc.constantFrom(
      ...['a,b', 'a', 'a,', `${id},b`, `${id},"b`, 'a,"b', '"a', 'b"', 'b",', 'b",c', 'b",,c', 'b","c'],
      ...['b","c",d,"e', 'b,"', '","', '"', '""', '', `${id}`, `b",${id}`, '"a","b"', 'a,b,c"'],
    );
    const header = fc.constantFrom('openid,name', 'openid,name,x,y');
    const swallowing = fc
      .tuple(header, fc.array(line, { maxLength: 12 }))
      .map(([first, lines]) => [first, ...lines].join('\n'));
    fc.assert(
      fc.property(fc.oneof(broken, swallowing), (text) => assert.deepEqual(parse(text), naive(text))),
      { numRuns: 5000 },
    );
  });

  it('may end their lines as they like, have blanks around quotes, and leave out last cells', () => {
    const unit = fc.constantFrom('"', ',', ' ', '张', 'a', '\r', '\n');
    const value = fc.string({ unit, minLength: 1, maxLength: 4 });
    const rows = fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 });
    const ends = fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(rows, ends, fc.constantFrom('', ' ', '  '), (table, lineEnds, blank) => {
        // Blanks before a quote count only where the cell ends on its line.
        const padded = (cell: string): string =>
          /[\r\n]/.test(cell) ? quote(cell, true) : `${blank}${quote(cell, true)}${blank}`;
        // Three cells, so that no record of several lines is too wide.
        const written = [['x', 'y', 'z'], ...table].map((row) => row.map(padded).join(','));
        const text = written.map((row, index) => row + lineEnds[index]).join('');
        const expected = oracle(text, {
          record_delimiter: ['\r\n', '\n', '\r'],
          ...{ relax_column_count: true, ltrim: true, rtrim: true },
        });
        // Lines come from the layer below, as lines.ts gives them.
        const found = [...text.matchAll(/([^\r\n]*)(\r\n|\n|\r)/g)];
        const lines = found.map(([, line, end]) => `${line}${end === '\n' ? '' : '\r'}`);
        const loneCr = new Set(found.flatMap(([, , end], index) => (end === '\r' ? [index] : [])));
        const parser = new DelimitedParser({ delimiter: ',', dialect: 'quoted' });
        const records = [...parser.push({ first: 1, lines, loneCr }), ...parser.end()];
        assert.deepEqual(
          records.map(({ cells }) => cells),
          expected,
        );
      }),
    );
  });

  it('gives back what was written, as csv-parse does', () => {
    const rows = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.boolean(), fc.constantFrom('\n', '\r\n'), (table, always, end) => {
        const text = table.map((row) => row.map((value) => quote(value, always)).join(',')).join(end) + end;
        const cells = parse(text).map(([, value]) => value);
        assert.deepEqual(cells, table);
        assert.deepEqual(cells, oracle(text, { record_delimiter: end }));
      }),
    );
  });

  it('numbers a record by the line on which it starts', () => {
    assert.deepEqual(parse('a,"x\n\ny"\n\nb,z'), [
      [1, ['a', 'x\n\ny']],
      [5, ['b', 'z']],
    ]);
  });

  it('loses only the record of a quote that is never closed', () => {
    assert.deepEqual(parse('a,b\nc,"d\ne,f\ng,h'), [
      [1, ['a', 'b']],
      [2, 'quote-broken'],
      [3, ['e', 'f']],
      [4, ['g', 'h']],
    ]);
  });

  it('loses only the record of a stray quote that a later quoted cell seems to close', () => {
    assert.deepEqual(parse('a,b\nc,"d\ne,f\ng,"h, i"\nj,k'), [
      [1, ['a', 'b']],
      [2, 'quote-broken'],
      [3, ['e', 'f']],
      [4, ['g', 'h, i']],
      [5, ['j', 'k']],
    ]);
  });

  it('loses only the first line where a stray quote closes to a row of another width', () => {
    assert.deepEqual(parse('a,b\nc,"d\ne,f\ng,"\nj,k').slice(1, 3), [
      [2, ['c', 'd\ne,f\ng,']],
      [5, ['j', 'k']],
    ]);
    assert.deepEqual(parse('a,b\nc,"d\ne,"f\ng,h').slice(1), [
      [2, 'quote-broken'],
      [3, 'quote-broken'],
      [4, ['g', 'h']],
    ]);
  });

  it('swallows nobody where a stray quote closes to a row that is too narrow or too wide', () => {
    const [one, two] = ['oAAAAAAAAAAAAAAAAAAAAAAAAAA1', 'oAAAAAAAAAAAAAAAAAAAAAAAAAA2'];
    assert.deepEqual(parse(`openid,name,city\n${one},"张\n${two},b,c"\nx,y,z`).slice(1), [
      [2, 'quote-broken'],
      [3, [two, 'b', 'c"']],
      [4, ['x', 'y', 'z']],
    ]);
    assert.deepEqual(parse(`openid,name\n${one},"张\n${two}",b,c\nx,y`).slice(1), [
      [2, 'quote-broken'],
      [3, [`${two}"`, 'b', 'c']],
      [4, ['x', 'y']],
    ]);
    // Nobody stands in it, and empty last cells make no row too wide.
    assert.deepEqual(parse('openid,name,city\na,"b\nc"\nx,y,z').slice(1), [
      [2, ['a', 'b\nc']],
      [4, ['x', 'y', 'z']],
    ]);
    assert.deepEqual(parse('openid,name\na,"b\nc",,\nx,y').slice(1), [
      [2, ['a', 'b\nc', '', '']],
      [4, ['x', 'y']],
    ]);
  });

  it('takes a record of more cells than a spreadsheet has for a bad row', () => {
    const most = ','.repeat(16_383);
    assert.equal((parse(most)[0]![1] as string[]).length, 16_384);
    assert.deepEqual(parse(`a,b\n${most},\nc,d`), [
      [1, ['a', 'b']],
      [2, 'column-count'],
      [3, ['c', 'd']],
    ]);
  });

  it('takes a quote inside an unquoted cell for itself, as Excel does', () => {
    assert.deepEqual(parse('a,5" screen'), [[1, ['a', '5" screen']]]);
  });

  it('survives thousands of open quotes and a very long quoted cell', () => {
    assert.equal(parse('x,"\ny'.repeat(20_000)).length > 0, true);
    const long = `a,"${'line\n'.repeat(100_000)}"`;
    assert.equal((parse(long)[0]![1] as string[])[1]!.length, 500_000);
    assert.equal(parse(`a,"${'line\n'.repeat(300_000)}`)[0]![1], 'quote-broken');
  });

  it('decodes the escapes of mysql --batch', () => {
    const row = 'o1\ta\\nb\\tc\\\\n\\0\tNULL\t"q"';
    assert.deepEqual(parse(row, 'mysql', '\t'), [[1, ['o1', 'a\nb\tc\\n\0', '', '"q"']]]);
    assert.deepEqual(parse(row, 'mysql-guessed', '\t'), [[1, 'quote-ambiguous']]);
    assert.deepEqual(parse('C:\\new\tNULL', 'quoted', '\t'), [[1, ['C:\\new', 'NULL']]]);
  });

  it('of mysql --batch may have a carriage return in a cell', () => {
    const parser = new DelimitedParser({ delimiter: '\t', dialect: 'mysql', crInCells: true });
    const lines = ['o1\ta\r', 'b', 'o2\tc'];
    const records = [...parser.push({ first: 1, lines, loneCr: new Set([0]) }), ...parser.end()];
    assert.deepEqual(
      records.map(({ line, cells }) => [line, cells]),
      [
        [1, ['o1', 'a\rb']],
        [3, ['o2', 'c']],
      ],
    );
  });

  it('of a text that only looks quoted keep their quotes', () => {
    assert.deepEqual(parse('a, "b" c\nd, "e'), [
      [1, ['a', ' "b" c']],
      [2, ['d', ' "e']],
    ]);
    assert.deepEqual(parse('a, "b, c" ,d'), [[1, ['a', 'b, c', 'd']]]);
  });

  it('finds the delimiter', () => {
    assert.equal(detectDelimiter(['名单', 'openid;name, first']), ';');
    assert.equal(detectDelimiter(['openid,name']), ',');
    assert.equal(detectDelimiter(['openid;name, first']), ';');
    assert.equal(detectDelimiter(['openid\tname']), '\t');
    assert.equal(detectDelimiter(['openid']), ',');
    assert.equal(detectDelimiter(['"a;b;c",d']), ',');
  });
});
