import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../app/messages/messages.ts';
import { messageLines } from './message-lines.ts';

const message: Message = {
  ...{ id: 7, appid: 'wx00000000000000aa', channel: 'oa-template', touser: 'oOne', templateId: 't' },
  ...{ key: null, ref: null, replaces: null, next: null, state: 'waiting' },
  ...{ errcode: null, reason: null, msgid: null, attempts: 0 },
  ...{ createdAt: new Date(), validUntil: null, at: null, nextAt: null, heldUntil: null, receipt: null },
};
const lines = (more: Partial<Message>): string[] =>
  messageLines({ ...message, ...more }, 'Asia/Shanghai', 'en').slice(1);

test('a message that waits says from when it is tried, in the account’s zone', () => {
  assert.deepEqual(lines({}), []);
  assert.match(lines({ nextAt: new Date('2026-11-27T16:30:00Z') }).join(), /tried.* from 2026-11-28 00:30/);
});

test('more than one attempt is told, and one is not', () => {
  assert.deepEqual(lines({ attempts: 1 }), []);
  assert.deepEqual(lines({ attempts: 2 }), ['  attempts: 2']);
});

test('an accepted message without a receipt is not taken for delivered', () => {
  assert.match(lines({ state: 'accepted' }).join(), /receipt/);
  assert.deepEqual(lines({ state: 'rejected' }), []);
});

test('what a receipt settled is told once, with the receipt', () => {
  const at = new Date('2026-11-27T16:30:00Z');
  const receipt = { status: 'delivered', at, inferred: true } as const;
  const told = lines({ state: 'accepted', reason: 'receipt', receipt });
  assert.equal(told.length, 2);
  assert.match(told[0] ?? '', /delivered {2}2026-11-28 00:30/);
});
