import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activateAccount, campaignWait, pauseAccount, setRate } from '../src/store/pace.ts';
import { listQuotas, setQuotaRules, storeLimit } from '../src/store/quotas.ts';
import { until } from './support/cli.ts';
import { makeScene, type Scene } from './support/deliver.ts';
import { messageFacts, messageNode, messageTo, openMessages, settled } from './support/messages.ts';

async function idle(scene: Scene): Promise<void> {
  let inRow = 0;
  let last = -1;
  await until('nothing is sent any more', async () => {
    inRow = scene.calls === last ? inRow + 1 : 0;
    last = scene.calls;
    return inRow >= 30;
  });
}

test('only single messages use the quota’s reserve, and they wait when that is used up too', async () => {
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setQuotaRules(scene.pool, appid, { reset: null, reservePercent: 20 });
  await storeLimit(scene.pool, appid, scene.path, { daily: 20, source: 'operator', used: null });
  const campaign = await scene.campaign(100);
  const node = await messageNode(scene, { leaseMs: 10_000 });
  await until('the campaign waits for its quota', async () => {
    return (await campaignWait(scene.pool, campaign, [scene.path]))?.what === 'reserve';
  });
  await idle(scene);
  assert.equal(scene.calls, 16);

  const submitted = await Promise.all(
    [201, 202, 203, 204, 205, 206].map((no) => node.messages.submit(messageTo(scene, no))),
  );
  await until('four are sent', async () => scene.calls === 20);
  await until('the others wait unclaimed', async () => {
    const open = await openMessages(scene);
    return open.length === 2 && open.every(({ owner, attempt }) => owner === null && attempt === 1);
  });
  await idle(scene);
  assert.equal(scene.calls, 20, 'nothing beyond the limit');

  await storeLimit(scene.pool, appid, scene.path, { daily: 1_000, source: 'operator', used: null });
  for (const { id } of submitted) assert.equal((await settled(scene, id)).state, 'accepted');
  assert.equal((await scene.done(campaign)).accepted, 100);
  assert.equal(scene.account.summary().duplicates, 0);
});

test('45009 parks the API for single messages too, and one of them finds out when it is open again', async () => {
  const scene = await makeScene('oa-template', {
    quotas: { '/cgi-bin/message/template/send': { daily: 3 } },
  });
  const node = await messageNode(scene, { leaseMs: 10_000, window: 1 });
  const ids: number[] = [];
  for (const no of [1, 2, 3, 4, 5, 6]) ids.push((await node.messages.submit(messageTo(scene, no))).id);
  await until('the path is parked', async () => {
    const [row] = await listQuotas(scene.pool, scene.account.appid);
    return row?.parkedUntil ?? undefined;
  });
  await until('the rest waits', async () => (await openMessages(scene)).every(({ owner }) => owner === null));
  await idle(scene);
  const calls = scene.calls;
  scene.account.setQuota(scene.path, { daily: 1_000 });
  await scene.pool.query("update api_quotas set parked_until = clock_timestamp() - interval '1 ms'");
  for (const id of ids) assert.equal((await settled(scene, id)).state, 'accepted');
  assert.ok(calls <= 5, `${calls} calls for three that were left`);
  for (const no of [1, 2, 3, 4, 5, 6]) assert.equal(scene.received(no), 1);
});

test('a paused account’s messages wait, and go out when it is active again', async () => {
  const scene = await makeScene('mp-subscribe');
  await pauseAccount(scene.pool, scene.account.appid, 'test', null);
  const node = await messageNode(scene, { leaseMs: 10_000 });
  const { id } = await node.messages.submit(messageTo(scene, 1));
  assert.equal((await node.messages.outcome(id, 1_500))?.state, 'waiting');
  assert.equal(scene.calls, 0);
  await activateAccount(scene.pool, scene.account.appid);
  assert.equal((await settled(scene, id)).state, 'accepted');
});

test('what is late is not sent', async () => {
  const scene = await makeScene('mp-subscribe');
  await pauseAccount(scene.pool, scene.account.appid, 'test', null);
  const node = await messageNode(scene, { leaseMs: 10_000 });
  const soon = await node.messages.submit(messageTo(scene, 1, { validUntil: new Date(Date.now() + 1_000) }));
  const report = await settled(scene, soon.id);
  assert.deepEqual([report.state, report.reason], ['unsent', 'expired']);
  await activateAccount(scene.pool, scene.account.appid);
  const late = await node.messages.submit(messageTo(scene, 2, { validUntil: new Date(Date.now() - 1) }));
  assert.equal((await settled(scene, late.id)).state, 'unsent');
  assert.equal(scene.calls, 0);
});

test('a node whose address is refused hands its messages to another', {
  skip: process.platform !== 'linux',
}, async () => {
  const scene = await makeScene('oa-template');
  const node = await messageNode(scene, { leaseMs: 10_000 });
  const first = await node.messages.submit(messageTo(scene, 1));
  await settled(scene, first.id);
  scene.account.setIpWhitelist(['127.0.0.2']);
  const refused = await node.messages.submit(messageTo(scene, 2));
  await until('it is refused and put back', async () => {
    return (await messageFacts(scene, refused.id)).includes('1 retry 40164');
  });
  const behind = await node.messages.submit(messageTo(scene, 3));
  await until('it waits for any node', async () => {
    return (await openMessages(scene)).every(({ owner }) => owner === null);
  });
  const calls = scene.calls;
  assert.equal(scene.received(2) + scene.received(3), 0);
  // Another node, which may.
  scene.account.setIpWhitelist(undefined);
  await messageNode(scene, { leaseMs: 10_000 });
  for (const { id } of [refused, behind]) assert.equal((await settled(scene, id)).state, 'accepted');
  assert.equal(scene.calls, calls + 2);
});

test('a node with more than it can send leaves the rest to others, unclaimed and in no doubt', async () => {
  const scene = await makeScene('mp-subscribe', { latencyMs: 20 });
  await setRate(scene.pool, scene.account.appid, 30);
  const busy = await messageNode(scene, { leaseMs: 10_000 });
  const other = await messageNode(scene, { leaseMs: 10_000 });
  const submitted = await Promise.all(
    Array.from({ length: 60 }, (_, i) => busy.messages.submit(messageTo(scene, i + 1))),
  );
  const claimed = (await openMessages(scene)).filter(({ owner }) => owner === busy.id).length;
  assert.ok(claimed <= 16, `${claimed} are claimed`);
  for (const { id } of submitted) assert.equal((await settled(scene, id)).state, 'accepted');
  const { rows } = await scene.pool.query<{ node: string }>('select distinct node from message_facts');
  assert.ok(
    rows.some(({ node }) => node === other.id),
    'the other node helped',
  );
  for (let no = 1; no <= 60; no++) assert.equal(scene.received(no), 1);
});
