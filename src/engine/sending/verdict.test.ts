import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attempt, judge } from './verdict.ts';

const path = '/cgi-bin/message/template/send';
const first: Attempt = {
  ...{ number: 1, maybeSent: 0, resend: false, path, keyed: true, common: false },
};

function refused(errcode: number, more: Partial<Attempt> = {}): (string | null)[] {
  const answer = { kind: 'refused', errcode, errmsg: '', rid: null, msgid: null } as const;
  const { outcome, campaign, reason } = judge(answer, { ...first, ...more }, 0);
  return [outcome, campaign, reason];
}

test('a message that WeChat holds for review is held, whatever was tried before, and ends no campaign', () => {
  for (const more of [{}, { common: true }, { resend: true }, { maybeSent: 3 }, { keyed: false }])
    assert.deepEqual(refused(40252, more), ['held', 'continue', 'held']);
});

test('irregular content is the recipient’s where the message is personalised, and else everybody’s', () => {
  assert.deepEqual(refused(40250), ['rejected', 'continue', null]);
  assert.deepEqual(refused(40250, { common: true }), ['rejected', 'stop', null]);
  assert.deepEqual(
    refused(40250, { resend: true }),
    ['unknown', 'continue', null],
    'of a repeat it says little',
  );
});

test('a limit that was lowered for violations refuses nobody', () => {
  assert.deepEqual(refused(40251), ['again', 'continue', 'park']);
});

test('a full minute holds the whole account until the next one, and counts against nobody', () => {
  const now = Date.parse('2026-11-26T10:00:59Z');
  const full = { kind: 'refused', errcode: 45011, errmsg: '', rid: null, msgid: null } as const;
  const { outcome, holdMs, waitMs, counts } = judge(full, first, now);
  assert.deepEqual([outcome, holdMs, waitMs, counts], ['again', 1_250, 1_250, false]);
  const other = judge({ ...full, errcode: 43108 }, first, now);
  assert.deepEqual([other.outcome, other.holdMs, other.counts], ['again', 0, true]);
});

test('−1 is repeated as often as the account says where WeChat drops no repeats, and then nobody knows', () => {
  const unkeyed = { keyed: false };
  assert.deepEqual(refused(-1, { ...unkeyed, maybeSent: 1 }), ['again', 'continue', 'maybe-sent']);
  assert.deepEqual(refused(-1, { ...unkeyed, maybeSent: 2 }), ['unknown', 'continue', 'maybe-sent']);
  assert.deepEqual(refused(-1, { ...unkeyed, maybeRetries: 0 }), ['unknown', 'continue', 'maybe-sent']);
  assert.deepEqual(refused(-1, { maybeSent: 9 }), ['again', 'continue', 'maybe-sent'], 'a key makes it safe');
});

test('somebody who is deferred is tried three times', () => {
  assert.deepEqual(refused(43117, { number: 2 }), ['again', 'continue', null]);
  assert.deepEqual(refused(43117, { number: 3 }), ['rejected', 'continue', null]);
  assert.deepEqual(refused(43117, { number: 3, resend: true }), ['unknown', 'continue', null]);
});

test('“duplicate” says that the first attempt arrived where there was one, and else that it is too soon', () => {
  assert.deepEqual(refused(40241, { resend: true }), ['accepted', 'continue', null]);
  assert.deepEqual(refused(40241), ['again', 'continue', null]);
});
