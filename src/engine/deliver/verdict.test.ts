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
    assert.deepEqual(refused(40252, more), ['held', 'go on', 'held']);
});

test('irregular content is the recipient’s where the message is personalised, and else everybody’s', () => {
  assert.deepEqual(refused(40250), ['rejected', 'go on', null]);
  assert.deepEqual(refused(40250, { common: true }), ['rejected', 'stop', null]);
  assert.deepEqual(
    refused(40250, { resend: true }),
    ['unknown', 'go on', null],
    'of a repeat it says little',
  );
});

test('a limit that was lowered for violations refuses nobody', () => {
  assert.deepEqual(refused(40251), ['again', 'go on', 'park']);
});
