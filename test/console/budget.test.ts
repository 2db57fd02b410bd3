import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Rollup } from 'vite';
import { excesses, weights } from '../../console/build/budget.ts';

/** A chunk of so many bytes. */
function chunk(fileName: string, bytes: number, more: Partial<Rollup.OutputChunk> = {}): Rollup.OutputChunk {
  const code = randomBytes(bytes / 2).toString('hex');
  // Of a chunk the budget reads these only.
  return {
    fileName,
    name: fileName,
    code,
    imports: [],
    dynamicImports: [],
    isEntry: false,
    ...more,
  } as unknown as Rollup.OutputChunk;
}

test('an entry weighs what it imports at once, a page what it brings on top, each file once', () => {
  const chunks = [
    chunk('entry', 20_000, { isEntry: true, imports: ['shared'], dynamicImports: ['page'] }),
    chunk('shared', 60_000, { imports: ['entry'] }),
    chunk('page', 10_000, { imports: ['shared', 'chart'] }),
    chunk('chart', 40_000),
  ];
  const [entry = 0, shared = 0, page = 0, chart = 0] = chunks.map(({ code }) => gzipSync(code).byteLength);
  assert.deepEqual(weights(chunks), [
    { name: 'entry', kind: 'entry', bytes: entry + shared },
    { name: 'entry: page', kind: 'page', bytes: page + chart },
  ]);
});

test('what is over its limit is named', () => {
  const found = excesses([
    { name: 'console', kind: 'entry', bytes: 219_000 },
    { name: 'phone', kind: 'entry', bytes: 221_000 },
    { name: 'console: page', kind: 'page', bytes: 151_000 },
  ]);
  assert.deepEqual(found, [
    'phone: 221.0 kB of script gzipped, 220.0 kB allowed',
    'console: page: 151.0 kB of script gzipped, 150.0 kB allowed',
  ]);
});
