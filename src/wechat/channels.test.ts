import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCode } from '../base/errors.ts';
import { type AccountKind, accountKinds, channelNames, channels, resolveChannel } from './channels.ts';

function resolved(name: string, kind: AccountKind): string {
  try {
    return resolveChannel(name, kind);
  } catch (error) {
    return errorCode(error) ?? 'no code';
  }
}

test('every channel resolves by its own name on exactly its kinds of account', () => {
  for (const kind of accountKinds) {
    for (const name of channelNames) {
      const expected = channels[name].kinds.includes(kind) ? name : 'CHANNEL_NOT_FOR_ACCOUNT';
      assert.equal(resolved(name, kind), expected, `${name} on ${kind}`);
    }
  }
});

test('the wire’s names count where the account leaves them one meaning', () => {
  const cases: [string, AccountKind, string][] = [
    ['template', 'service', 'oa-template'],
    ['template', 'sandbox', 'oa-template'],
    ['template', 'official', 'CHANNEL_NOT_FOR_ACCOUNT'],
    ['template', 'miniprogram', 'CHANNEL_AMBIGUOUS'],
    ['subscribe', 'miniprogram', 'mp-subscribe'],
    ['subscribe', 'service', 'CHANNEL_AMBIGUOUS'],
    ['subscribe', 'sandbox', 'CHANNEL_NOT_FOR_ACCOUNT'],
    ['bizsend', 'service', 'oa-subscribe'],
    ['bizsend', 'miniprogram', 'CHANNEL_NOT_FOR_ACCOUNT'],
    ['custom', 'miniprogram', 'kf'],
    ['custom', 'official', 'kf'],
    ['wxopen', 'miniprogram', 'mp-form'],
    ['template/subscribe', 'official', 'oa-once'],
    ['uniform_send', 'service', 'CHANNEL_UNKNOWN'],
    ['constructor', 'service', 'CHANNEL_UNKNOWN'],
    ['', 'service', 'CHANNEL_UNKNOWN'],
  ];
  for (const [name, kind, expected] of cases)
    assert.equal(resolved(name, kind), expected, `${name} on ${kind}`);
});
