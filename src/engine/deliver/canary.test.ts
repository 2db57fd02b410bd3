import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeReceipts } from './canary.ts';

const found = {
  accepted: 1_000,
  receipts: 900,
  blocked: 20,
  sinceMs: 5_000,
  isExpected: true,
  mostBlockedPercent: 30,
};

test('the first chunk is judged once four fifths of its receipts are there, or after a minute', () => {
  assert.equal(judgeReceipts({ ...found, receipts: 799 }), 'wait');
  assert.equal(judgeReceipts({ ...found, receipts: 800 }), 'open');
  assert.equal(judgeReceipts({ ...found, receipts: 60, sinceMs: 59_999 }), 'wait');
  assert.equal(judgeReceipts({ ...found, receipts: 60, blocked: 17, sinceMs: 60_000 }), 'open');
  assert.deepEqual(judgeReceipts({ ...found, receipts: 60, blocked: 18, sinceMs: 60_000 }), {
    blocked: 18,
    receipts: 60,
    percent: 30,
  });
});

test('too few receipts are no share, and nobody waits for receipts that do not come or are not asked about', () => {
  assert.equal(judgeReceipts({ ...found, receipts: 49, blocked: 49, sinceMs: 60_000 }), 'open');
  assert.equal(judgeReceipts({ ...found, receipts: 0, isExpected: false }), 'open');
  assert.equal(judgeReceipts({ ...found, blocked: 900, mostBlockedPercent: null }), 'open');
  assert.equal(judgeReceipts({ ...found, accepted: 0, receipts: 0 }), 'open');
  assert.deepEqual(judgeReceipts({ ...found, accepted: 10, receipts: 10, blocked: 10 }), {
    blocked: 10,
    receipts: 10,
    percent: 100,
  });
});
