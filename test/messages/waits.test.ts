import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { activateAccount, pauseAccount } from '../../src/store/accounts/account-states.ts';
import { campaignWait, setRate } from '../../src/store/accounts/pace.ts';
import { listQuotas, setQuotaRules, storeLimit } from '../../src/store/accounts/quotas.ts';
import { until } from '../support/cli.ts';
import { makeScene, Scene } from '../support/deliver.ts';
import { signal, untilDayIsLong } from '../support/in-time.ts';
import { messageFacts, messageNode, messageTo, openMessages, sceneOf, settled } from '../support/messages.ts';
import { templateOf } from '../support/wechat.ts';

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
  await untilDayIsLong();
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setQuotaRules(scene.pool, appid, { reset: null, reservePercent: 20 });
  await storeLimit(scene.pool, appid, scene.path, { daily: 20, source: 'operator', used: null });
  const campaign = await scene.campaign(100);
  const node = await messageNode(scene, { leaseMs: 10_000 });
  await until('the campaign waits for its quota', async () => {
    return (await campaignWait(scene.pool, campaign, [scene.path]))?.what === 'reserve';
  });
  // What was leased may still be on its way.
  await until('it has used its part', async () => scene.calls === 16);
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

test('messages whose quota is found used up while they are being claimed are handed back', async () => {
  await untilDayIsLong();
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setRate(scene.pool, appid, 1_000);
  const none = await messageNode(scene);
  await pauseAccount(scene.pool, appid, 'operator', null);
  await until('they are stored for whoever comes', async () => {
    await none.messages.submit(messageTo(scene, 1));
    return (await openMessages(scene)).filter(({ owner }) => owner === null).length > 3;
  });
  await none.stop();
  await storeLimit(scene.pool, appid, scene.path, { daily: 5, source: 'operator', used: 5 });
  await activateAccount(scene.pool, appid);
  const [claimed, goOn] = [signal('a message is claimed'), signal('the claim may go on')];
  const node = await messageNode(scene, {
    leaseMs: 30_000,
    hooks: {
      reached(point) {
        if (point !== 'claimed') return undefined;
        claimed.give();
        return goOn.promise;
      },
    },
  });
  await claimed.promise;
  // Each asks for the quota, of which there is none, and is answered after that.
  for (let no = 2; no < 12; no++) await node.messages.submit(messageTo(scene, no));
  goOn.give();
  await until('all wait unclaimed', async () =>
    (await openMessages(scene)).every(({ owner }) => owner === null),
  );
  assert.equal(scene.calls, 0);
  await node.stop();
});

test('45009 parks the API for single messages too, and one of them finds out when it is open again', async () => {
  await untilDayIsLong();
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

test('a slow account has few messages claimed ahead', async () => {
  const scene = await makeScene('mp-subscribe', { latencyMs: 300 });
  await setRate(scene.pool, scene.account.appid, 1);
  const under = signal('a message leaves');
  const node = await messageNode(scene, {
    window: 1,
    leaseMs: 10_000,
    hooks: {
      reached(point) {
        if (point === 'dispatch') under.give();
      },
    },
  });
  await Promise.all(Array.from({ length: 20 }, (_, i) => node.messages.submit(messageTo(scene, i + 1))));
  await under.promise;
  const claimed = (await openMessages(scene)).filter(({ owner }) => owner === node.id).length;
  // One in flight, and 2.
  assert.ok(claimed >= 1 && claimed <= 3, `${claimed} are claimed`);
  await node.stop();
});

test('what waits is claimed group after group, without a look at what else is due', async () => {
  const first = await makeScene('oa-template', { accounts: [{ kind: 'service' }, { kind: 'service' }] });
  const { site, simulator, pool } = first;
  const scenes = [first];
  for (const account of simulator.accounts.slice(1)) {
    await site.add(simulator, account);
    scenes.push(sceneOf(first, account, Scene));
  }
  for (const scene of scenes) {
    const template_id = templateOf(scene.account, '消息通知');
    const body = { template_id, data: { keyword1: { value: '标题' } } };
    await pool.query(
      `with made as (
         insert into messages (appid, uuid, channel, openid, template_id, fingerprint, body)
         select $1, gen_random_uuid(), 'oa-template', openid, $2, '\\x00', $3 from unnest($4::text[]) openid returning id)
       insert into open_messages (message_id, appid, channel) select id, $1, 'oa-template' from made`,
      [
        scene.account.appid,
        template_id,
        JSON.stringify(body),
        Array.from({ length: 400 }, (_, i) => scene.account.openid(i)),
      ],
    );
  }
  // The first look claims for both accounts. One of the claims is held, so that there is no second look. Slots last long by
  // this clock, so that whatever is claimed leaves at once.
  const held = signal('all of the other account are sent');
  let claims = 0;
  const node = await messageNode(first, {
    window: 256,
    leaseMs: 30_000,
    clock: { ...systemClock, monotonic: () => performance.now() / 50 },
    hooks: {
      reached: (point) => (point === 'claimed' && ++claims === 1 ? held.promise : undefined),
    },
  });
  await until('all of the other account are sent', async () =>
    scenes.some(({ account }) => account.summary().accepted === 400),
  );
  held.give();
  await until('all of both are', async () =>
    scenes.every(({ account }) => account.summary().accepted === 400),
  );
  await node.stop();
});
