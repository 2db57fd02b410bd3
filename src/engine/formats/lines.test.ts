import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LineBlock, readLines } from './lines.ts';

async function blocksOf(bytes: Buffer, chunkBytes: number): Promise<LineBlock[]> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const options = { encoding: undefined, forced: false, skip: 0, onEncoding: () => {} };
  const blocks: LineBlock[] = [];
  for await (const block of readLines(chunks(), options)) blocks.push(block);
  return blocks;
}

/** Each line as it is given, with its number and how it ended. */
function linesOf(blocks: LineBlock[]): string[] {
  return blocks.flatMap(({ first, lines, loneCr }) =>
    lines.map((line, i) => `${first + i} ${line}${loneCr?.has(i) ? ' (lone CR)' : ''}`),
  );
}

test('a text is never as large as what V8 keeps apart, and no line is lost, cut or counted twice', async () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, n) => `oBench${n},张三${n},DD${n}${n % 7 === 0 ? '\r' : ''}`,
  );
  const blocks = await blocksOf(Buffer.from(`${lines.join('\n')}\n`), 64 * 1024);
  for (const block of blocks) assert.ok(block.lines.join('\n').length * 2 < 120 * 1024);
  assert.deepEqual(
    linesOf(blocks),
    lines.map((line, n) => `${n + 1} ${line}`),
  );
});

test('lines are the same, however they come: empty ones, long ones, and all line ends mixed', async () => {
  const line = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('', 'a', '张三', '\r', 'a\rb', 'x'.repeat(900)) },
    fc.integer({ min: 1, max: 3 }).map((n) => '鸿雁'.repeat(n * 12_000)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 60 }),
      fc.integer({ min: 999, max: 300_000 }),
      async (all, size) => {
        const text = all.map((one, n) => `${n},${one}`).join('\n');
        const expected = text.split('\n').flatMap((one) => {
          // A lone CR ends a line and is part of it; one at the end of a line is that of a CRLF.
          const pieces = one.split(/(?<=\r)(?!$)/);
          return pieces.map((piece, i) => ({ piece, isLone: i < pieces.length - 1 }));
        });
        const found = linesOf(await blocksOf(Buffer.from(text), size));
        assert.deepEqual(
          found,
          text === ''
            ? []
            : expected.map(({ piece, isLone }, n) => `${n + 1} ${piece}${isLone ? ' (lone CR)' : ''}`),
        );
      },
    ),
    { numRuns: 60 },
  );
});
