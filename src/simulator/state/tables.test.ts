import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountArray } from '../count-array.ts';
import { Credits } from './credits.ts';
import { DedupTable } from './dedup-table.ts';
import { MsgidSource } from './msgid.ts';

test('counts people, and separately those counted more than once', () => {
  const counts = new CountArray();
  for (const index of [5, 4_000_000_000, 5, 7, 5]) counts.add(index);
  assert.deepEqual(
    [...counts.entries()],
    [
      [5, 3],
      [7, 1],
      [4_000_000_000, 1],
    ],
  );
  assert.equal(counts.distinct, 3);
  assert.equal(counts.repeated, 1);
  assert.equal(counts.bytes, 2 * 16_384 * 2);
});

test('credits of a range are all of it, and nothing else', () => {
  const credits = new Credits(7, { min: 1, max: 3 });
  const balances = Array.from({ length: 300 }, (_, index) => credits.balance('template', index));
  assert.deepEqual([...new Set(balances)].sort(), [1, 2, 3]);
});

test('remembers a key for its window and not longer', () => {
  const table = new DedupTable(1000);
  assert.equal(table.seen('a', 10_000, 10_000), undefined);
  assert.equal(table.seen('a', 10_999, 10_999), 10_000);
  assert.equal(table.seen('a', 11_000, 11_000), undefined);
  assert.equal(table.seen('a', 11_999, 11_999), 11_000);
  assert.equal(table.seen('a', 14_000, 14_000), undefined);
});

test('keeps a hundred thousand keys apart', () => {
  const table = new DedupTable(1000);
  for (let i = 0; i < 100_000; i++) assert.equal(table.seen(`key ${i}`, 1000, 1000 + (i % 10)), undefined);
  for (let i = 0; i < 100_000; i++) assert.equal(table.seen(`key ${i}`, 1500, 0), 1000 + (i % 10));
});

test('msgids carry their time in the high bits and never repeat, even when the clock goes back', () => {
  const source = new MsgidSource(3);
  const nowMs = 1_721_621_154_000;
  const ids = Array.from({ length: 40_000 }, (_, i) =>
    source.text(source.next(i < 20_000 ? nowMs : nowMs - 5000)),
  );
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id, i) => i === 0 || BigInt(id) > BigInt(ids[i - 1] as string)));
  const first = BigInt(ids[0] as string);
  assert.equal(Number(first >> 24n) + 1_509_592_271_000, nowMs);
  assert.equal((first >> 14n) & 1023n, 3n);
  assert.ok(first > BigInt(Number.MAX_SAFE_INTEGER));
});
