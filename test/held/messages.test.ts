import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOldMessages } from '../../src/store/campaigns/retention.ts';
import { findMessage } from '../../src/store/messages/reports.ts';
import { takeMessageOutcomes } from '../../src/store/webhooks/outbox.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import {
  messageChild,
  messageFacts,
  messageNode,
  messageTo,
  openMessages,
  settled,
} from '../support/messages.ts';
import { pass, settleHolds, settleReceipts } from '../support/receipts/held.ts';
import { addCallback } from '../support/receipts/receipts.ts';

async function heldMessages(scene: Scene): Promise<number> {
  return (await scene.pool.query('select 1 from held_messages')).rows.length;
}

async function stateOf(scene: Scene, id: number): Promise<(string | number | null | undefined)[]> {
  const found = await findMessage(scene.pool, id);
  return [found?.state, found?.errcode, found?.reason];
}

test('a held single message is told at once, never sent again, and settled by receipt, list or time', async () => {
  const scene = await makeScene('oa-template');
  const { account, pool } = scene;
  await addCallback(pool, account.appid, true);
  await pool.query(
    `insert into webhooks (appid, url_sealed, host, secret_sealed, topics) values ($1, '', 'h', '', '{outcome.held,outcome.rejected}')`,
    [account.appid],
  );
  account.holds.configure({ share: 1, reviewMs: null });
  const node = await messageNode(scene);
  const ids: number[] = [];
  for (const no of [1, 2, 3])
    ids.push((await node.messages.submit(messageTo(scene, no, { key: `k${no}` }))).id);
  for (const id of ids) {
    const found = await node.messages.outcome(id, 10_000);
    assert.deepEqual([found?.state, found?.errcode, found?.msgid], ['held', 40252, null]);
    const wait = (found?.heldUntil?.getTime() ?? 0) - Date.now();
    assert.ok(wait > 29 * 60_000 && wait <= 30 * 60_000, `${wait} ms`);
  }
  assert.deepEqual(await openMessages(scene), []);
  const told = await takeMessageOutcomes(pool, 10);
  // Which of them is stored first is the database's business.
  assert.deepEqual(
    told.map(({ outcome, key, errcode }) => [outcome, key, errcode]).sort(),
    ['k1', 'k2', 'k3'].map((key) => ['held', key, 40252]),
  );
  const { cli } = scene.site;
  assert.match(await cli.ok(['messages', 'list']), / held for review +40252 /);
  const shown = await cli.ok(['--lang', 'zh', 'messages', 'show', String(ids[0])]);
  assert.match(shown, /审核中：微信会自行下发或拦截，不会重发\n.*40252 .*\n +微信约在 .* 前审完/);

  // The same key is the same message.
  assert.equal((await node.messages.submit(messageTo(scene, 1, { key: 'k1' }))).isRepeat, true);
  assert.equal(scene.calls, 3);

  account.holds.release({ openids: [account.openid(0)] });
  account.holds.block({ openids: [account.openid(1)] });
  assert.equal(await settleReceipts(scene, [account.openid(0)]), 1);
  await settleHolds(scene);
  const [one = 0, two = 0, three = 0] = ids;
  assert.deepEqual(await stateOf(scene, one), ['accepted', null, 'receipt']);
  const { receipt } = (await findMessage(pool, one)) ?? {};
  assert.deepEqual([receipt?.status, receipt?.inferred], ['delivered', true]);
  assert.deepEqual(await stateOf(scene, two), ['rejected', null, 'intercepted']);
  assert.deepEqual(await stateOf(scene, three), ['held', 40252, 'held']);
  assert.deepEqual(
    (await takeMessageOutcomes(pool, 10)).map(({ outcome, key }) => [outcome, key]),
    [
      ['accepted', 'k1'],
      ['rejected', 'k2'],
    ],
  );

  await pass(scene, 31);
  await settleHolds(scene);
  assert.deepEqual(await stateOf(scene, three), ['unknown', null, 'held']);
  assert.equal(await heldMessages(scene), 0);
  await node.stop();
  assert.equal(scene.calls, 3);
});

test('a late hold of a process that was stopped closes the message, and nobody sends it again', async () => {
  const scene = await makeScene('oa-template');
  scene.account.holds.configure({ share: 1, reviewMs: null });
  const child = messageChild(scene, { messages: [messageTo(scene, 1)], point: 'answer', signal: 'SIGSTOP' });
  await child.stopped();
  // Doubts of this node wait for long before they are resolved.
  const node = await messageNode(scene, { answerTimeoutMs: 60_000 });
  await until('it is in doubt', async () => (await openMessages(scene))[0]?.doubted);
  child.go();
  const { rows } = await scene.pool.query<{ id: number }>('select id from messages');
  const id = rows[0]?.id ?? 0;
  const report = await until('its late answer is stored', async () => {
    const found = await findMessage(scene.pool, id);
    return found?.state === 'held' ? found : undefined;
  });
  assert.equal(report.errcode, 40252);
  assert.deepEqual(await messageFacts(scene, id), ['1 in_doubt crash', '1 in_doubt 40252']);
  assert.deepEqual(await openMessages(scene), []);
  assert.equal(scene.calls, 1);
  // The doubt was about the attempt whose answer is known now.
  scene.account.holds.block();
  await settleHolds(scene);
  assert.deepEqual(await stateOf(scene, id), ['rejected', null, 'intercepted']);
  await node.stop();
});

test('a killed node leaves a message in doubt; the repeat under its key is held, and held once', async () => {
  const scene = await makeScene('oa-template');
  scene.account.holds.configure({ share: 1, reviewMs: null });
  const child = messageChild(scene, { messages: [messageTo(scene, 1)], point: 'flush', signal: 'SIGKILL' });
  await child.killed();
  await messageNode(scene);
  const { rows } = await scene.pool.query<{ id: number }>('select id from messages');
  const report = await settled(scene, rows[0]?.id ?? 0);
  assert.equal(report.state, 'held');
  assert.deepEqual([scene.calls, scene.account.holds.list().length], [2, 1]);
  assert.equal(scene.account.holds.release(), 1);
  assert.equal(scene.received(1), 1);
});

test('a held message is not over, however old it is', async () => {
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  scene.account.holds.configure({ share: 1, reviewMs: null });
  const node = await messageNode(scene);
  const { id } = await node.messages.submit(messageTo(scene, 1));
  await settled(scene, id);
  await node.stop();
  await scene.pool.query("update messages set created_at = created_at - interval '9 days'");
  await scene.pool.query("update message_facts set at = at - interval '9 days'");
  assert.equal(await countOldMessages(scene.pool, appid, 5), 0);
  await settleHolds(scene);
  assert.equal((await stateOf(scene, id))[0], 'unknown');
  await scene.pool.query("update message_facts set at = at - interval '9 days'");
  assert.equal(await countOldMessages(scene.pool, appid, 5), 1);
});
