import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeHolds, judgeReceipts } from './canary.ts';

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
  });
});

const held = { answered: 1_000, held: 20, open: 0, blocked: 0, unknown: 0, until: null, mostHeldPercent: 1 };

test('holds from the account’s share on are waited for, all of them, and nobody waits for fewer', () => {
  assert.equal(judgeHolds({ ...held, open: 1 }, null), 'wait');
  assert.equal(
    judgeHolds({ ...held, open: 1, blocked: 19 }, true),
    'wait',
    'the verdict on the last is to come',
  );
  assert.equal(judgeHolds({ ...held, held: 9, open: 9, blocked: 0 }, null), 'open');
  assert.equal(judgeHolds({ ...held, held: 10, open: 10 }, null), 'wait');
  assert.equal(judgeHolds({ ...held, open: 20, mostHeldPercent: null }, null), 'open');
  assert.equal(judgeHolds({ ...held, held: 0, mostHeldPercent: 0 }, null), 'open');
});

test('one that WeChat blocked ends the campaign, and so do holds of which it never says the end', () => {
  assert.deepEqual(judgeHolds({ ...held, blocked: 1 }, true), {
    reason: 'intercepted',
    detail: '1/20',
  });
  assert.equal(judgeHolds(held, true), 'open');
  assert.deepEqual(judgeHolds({ ...held, unknown: 20 }, false), {
    reason: 'held-share',
    detail: '20/1000',
  });
  assert.equal(judgeHolds({ ...held, unknown: 9 }, false), 'open', 'too few of them are unknown');
  for (const known of [true, null]) assert.equal(judgeHolds({ ...held, unknown: 20 }, known), 'open');
});
