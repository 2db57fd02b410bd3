import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveriesOf, type WebhookItem } from './item.ts';
import { parseTopics, webhookTopics } from './topics.ts';

const follow = (i: number, scene: string): WebhookItem => ({
  topic: 'follow',
  at: '2026-11-25T00:00:00.000Z',
  openid: `o${i}`,
  scene,
});

test('splits by number and size, keeps the order, and leaves out what was not asked for', () => {
  const items = Array.from({ length: 2_500 }, (_, i) => follow(i, ''));
  items.splice(100, 0, { ...follow(0, ''), topic: 'scan' });
  const deliveries = deliveriesOf({ id: 7, appid: 'wx"1', topics: ['follow'] }, items);
  assert.deepEqual(
    deliveries.map((one) => [one.webhookId, one.items]),
    [
      [7, 1000],
      [7, 1000],
      [7, 500],
    ],
  );
  const bodies = deliveries.map((one): { appid: string; items: WebhookItem[] } => JSON.parse(one.body));
  assert.equal(bodies[0]?.appid, 'wx"1');
  assert.deepEqual(
    bodies.flatMap((body) => body.items.map((item) => item.openid)),
    Array.from({ length: 2_500 }, (_, i) => `o${i}`),
  );
});

test('one large item is a POST of its own', () => {
  const deliveries = deliveriesOf({ id: 1, appid: 'wx', topics: ['follow'] }, [
    follow(1, ''),
    follow(2, '长'.repeat(600_000)),
    follow(3, ''),
  ]);
  assert.deepEqual(
    deliveries.map((one) => one.items),
    [1, 1, 1],
  );
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
