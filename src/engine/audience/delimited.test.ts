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

describe('delimited records', () => {
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

  it('finds the delimiter', () => {
    assert.equal(detectDelimiter('openid,name'), ',');
    assert.equal(detectDelimiter('openid;name, first'), ';');
    assert.equal(detectDelimiter('openid\tname'), '\t');
    assert.equal(detectDelimiter('openid'), ',');
    assert.equal(detectDelimiter('"a;b;c",d'), ',');
  });
});
