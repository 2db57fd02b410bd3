import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemsFor, outcomeItem, type WebhookItem, withHolder } from './item.ts';
import { parseTopics, webhookTopics } from './topics.ts';

const at = '2026-11-25T00:00:00.000Z';

test('each webhook of the account gets what it asked for, in order, with whom it is about', () => {
  const webhooks = [
    { id: 1, appid: 'wx1', topics: ['follow', 'campaign'] },
    { id: 2, appid: 'wx1', topics: ['follow'] },
    { id: 3, appid: 'wx2', topics: ['follow'] },
  ];
  const items: WebhookItem[] = [
    { topic: 'follow', at, openid: 'oA' },
    { topic: 'scan', at, openid: 'oA' },
    { topic: 'campaign', at, campaignId: 7 },
    { topic: 'follow', at, openid: 'o\0B' },
  ];
  assert.deepEqual(
    itemsFor(webhooks, 'wx1', items).map((one) => [
      one.webhookId,
      one.subject,
      one.msgid,
      JSON.parse(one.body),
    ]),
    [
      [1, 'oA', null, items[0]],
      [2, 'oA', null, items[0]],
      [1, 'campaign:7', null, items[2]],
      [1, 'o\ufffdB', null, items[3]],
      [2, 'o\ufffdB', null, items[3]],
    ],
  );
});

test('a receipt is looked up by its msgid, where that is one, and names whose it is or nobody', () => {
  const webhook = [{ id: 1, appid: 'wx1', topics: ['receipt'] }];
  const receipt = (msgid: string): WebhookItem => ({ topic: 'receipt', at, openid: 'oA', msgid });
  const [known, odd] = itemsFor(webhook, 'wx1', [
    receipt('9223372036854775807'),
    receipt('9223372036854775808'),
  ]);
  const holder = { campaignId: 3, no: 5, messageId: null, key: 'autumn "24"', ref: 'order-7' };
  assert.equal(known?.msgid, '9223372036854775807');
  assert.deepEqual(JSON.parse(withHolder(known?.body ?? '', holder)), {
    ...receipt('9223372036854775807'),
    ...holder,
  });
  const nobody = { campaignId: null, no: null, messageId: null, key: null, ref: null };
  assert.deepEqual(JSON.parse(withHolder(known?.body ?? '', undefined)), {
    ...receipt('9223372036854775807'),
    ...nobody,
  });
  assert.equal(odd?.msgid, null);
  assert.deepEqual(JSON.parse(odd?.body ?? ''), { ...receipt('9223372036854775808'), ...nobody });
});

test('an outcome has its campaign’s key and WeChat’s words for its errcode, as far as they are known', () => {
  const campaign = { campaignId: 1, key: 'autumn', channel: 'oa-template' } as const;
  const one = {
    no: 2,
    openid: 'oA',
    ref: 'order-7',
    outcome: 'rejected',
    reason: null,
    msgid: null,
    at: new Date(at),
  } as const;
  assert.deepEqual(outcomeItem(campaign, { ...one, errcode: 43004 }), {
    ...{ topic: 'outcome.rejected', at, campaignId: 1, no: 2, key: 'autumn', ref: 'order-7', openid: 'oA' },
    ...{ errcode: 43004, errmsg: 'require subscribe', reason: null, msgid: null },
  });
  assert.equal(outcomeItem(campaign, { ...one, errcode: 99_999 }).errmsg, null);
  assert.equal(outcomeItem(campaign, { ...one, errcode: null }).errmsg, null);
});

test('topics by name, by group, and none that do not exist', () => {
  assert.deepEqual(parseTopics('outcome, follow'), [
    'follow',
    'outcome.accepted',
    'outcome.rejected',
    'outcome.unknown',
    'outcome.held',
    'outcome.unsent',
  ]);
  assert.deepEqual(parseTopics('all'), [...webhookTopics]);
  for (const bad of ['', 'follows', 'follow,outcome.', 'ALL']) assert.equal(parseTopics(bad), null, bad);
});
