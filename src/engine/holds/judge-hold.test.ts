import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hold } from '../../store/campaigns/holds.ts';
import type { BlockedList } from './blocked-lists.ts';
import { entriesOf, giveUpMs, judgeHold, matchWithinMs } from './judge-hold.ts';

const reviewMs = 30 * 60_000;
const hold: Hold = { no: 1, messageId: 0, openid: 'o1', at: 1_000, ageMs: 0, maybeArrived: false };
const none = { entries: 0, rivals: 0 };

function list(state: BlockedList['state'], times: number[] = []): BlockedList {
  return { state, times: new Map([['o1', times]]) };
}

test('who is listed with a send within the time of an answer is blocked as soon as it is read', () => {
  assert.equal(matchWithinMs(10_000), 15_000);
  assert.equal(entriesOf(list('whole', [985, 1_015, 984, 1_016]), hold, 15_000), 2);
  assert.equal(entriesOf(list('whole', [1_000]), { ...hold, openid: 'o2' }, 15_000), 0);
  assert.equal(judgeHold(hold, list('failed'), { entries: 1, rivals: 1 }, reviewMs), 'blocked');
});

test('an entry that may be about another message says nothing, and one for each says it of all', () => {
  assert.equal(judgeHold(hold, list('whole'), { entries: 1, rivals: 2 }, reviewMs), null);
  assert.equal(judgeHold(hold, list('whole'), { entries: 2, rivals: 2 }, reviewMs), 'blocked');
  const twice = { ...hold, maybeArrived: true };
  assert.equal(judgeHold(twice, list('whole'), { entries: 1, rivals: 1 }, reviewMs), 'unknown');
});

test('who is not listed waits for the review, and then nobody knows', () => {
  const at = (ageMs: number, of: BlockedList | null): string | null =>
    judgeHold({ ...hold, ageMs }, of, none, reviewMs);
  assert.equal(at(reviewMs - 1, list('whole')), null);
  for (const one of [list('whole'), list('refused'), null]) assert.equal(at(reviewMs, one), 'unknown');
});

test('a list that cannot be read is waited for longer, and not for ever', () => {
  const at = (ageMs: number): string | null => judgeHold({ ...hold, ageMs }, list('failed'), none, reviewMs);
  assert.equal(at(giveUpMs - 1), null);
  assert.equal(at(giveUpMs), 'unknown');
});
