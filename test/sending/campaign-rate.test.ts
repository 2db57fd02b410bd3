import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliverHooks } from '../../src/engine/delivery/hooks.ts';
import { leaseCampaignSlots, setCampaignRate, setRate } from '../../src/store/accounts/pace.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';

/** When messages of each campaign left, ms. */
function departures(): { of(campaign: number): number[]; hooks: DeliverHooks } {
  const times = new Map<number, number[]>();
  const of = (campaign: number): number[] => {
    const list = times.get(campaign) ?? [];
    times.set(campaign, list);
    return list;
  };
  const hooks: DeliverHooks = {
    reached(point, { claim }) {
      if (point === 'dispatch') of(claim.campaignId).push(performance.now());
    },
  };
  return { of, hooks };
}

function mostWithin(times: readonly number[], ms: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to++) {
    while ((times[to] ?? 0) - (times[from] ?? 0) >= ms) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

test('three nodes keep a campaign at its own rate, and another one of the account does not wait for it', async () => {
  const scene = await makeScene('oa-template');
  await setRate(scene.pool, scene.account.appid, 2_000);
  const slow = await scene.campaign(4_800, { chunkSize: 400 });
  assert.ok(await setCampaignRate(scene.pool, slow, 15));
  const { of, hooks } = departures();
  const options = { hooks, leaseMs: 10_000 };
  await Promise.all([scene.node(options), scene.node(options), scene.node(options)]);
  await until('the slow one is open on all nodes', async () => {
    const owners = (await scene.chunks(slow)).flatMap(({ owner }) => (owner === null ? [] : [owner]));
    return new Set(owners).size === 3;
  });
  const quick = await scene.campaign(3_000, { chunkSize: 500 });
  await scene.pool.query("select pg_notify('hongyan_work', '')");
  // Were its chunks not beside those of the slow one it would wait for one of them to end: 400 people at 5/s.
  assert.equal((await scene.done(quick)).accepted, 3_000);
  assert.equal((await scene.find(slow)).state, 'running');
  const sentUntilThen = of(slow).length;
  await until('it went on', async () => of(slow).length >= sentUntilThen + 40);
  assert.ok(mostWithin(of(slow), 5_000) <= 15 * 5 * 1.1 + 4, `${mostWithin(of(slow), 5_000)} in 5 s`);
  // Its end does not take as long as the rest would.
  await setCampaignRate(scene.pool, slow, null);
  assert.equal((await scene.done(slow)).accepted, 4_800);
});

test('a changed rate of a campaign counts while it runs, up and down, and never beyond its account’s', async () => {
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setRate(scene.pool, appid, 300);
  const people = 4_000;
  const id = await scene.campaign(people, { chunkSize: 200 });
  await setCampaignRate(scene.pool, id, 1);
  const { of, hooks } = departures();
  const options = { hooks, leaseMs: 10_000 };
  await Promise.all([scene.node(options), scene.node(options)]);
  await until('the first left', async () => of(id).length >= 2);
  // At 1/s slots are leased far ahead, and nobody may wait for them.
  await scene.pool.query("update campaign_pace set next_slot = clock_timestamp() + interval '1 hour'");
  await setCampaignRate(scene.pool, id, 100_000);
  await until('it is faster', async () => of(id).length >= 900);
  assert.ok(
    mostWithin(of(id), 2_000) <= 300 * 2.3,
    `${mostWithin(of(id), 2_000)} in 2 s at 300/s of the account`,
  );
  await setCampaignRate(scene.pool, id, 2);
  await until('at most six leave in two seconds', async () => {
    const now = performance.now();
    return (of(id)[0] ?? now) < now - 2_000 && of(id).filter((at) => at > now - 2_000).length <= 6;
  });
  assert.ok(of(id).length < people, 'it was slowed down, and not at its end');
  await setRate(scene.pool, appid, 100_000);
  await setCampaignRate(scene.pool, id, null);
  assert.equal((await scene.done(id)).accepted, people);
  assert.equal(await setCampaignRate(scene.pool, id, 5), false, 'it is over');
});

test('leases of a campaign’s slots never overlap, and one without a rate has none', async () => {
  const scene = await makeScene('oa-template');
  const id = await scene.campaign(10);
  assert.equal(await leaseCampaignSlots(scene.pool, id, 1), null);
  await setCampaignRate(scene.pool, id, 1_000);
  const before = await scene.pool.query<{ ms: number }>(
    'select (extract(epoch from steady_now()) * 1000)::double precision as ms',
  );
  const slices = await Promise.all(Array.from({ length: 40 }, () => leaseCampaignSlots(scene.pool, id, 50)));
  const after = await scene.pool.query<{ ms: number }>(
    `select (extract(epoch from next_slot) * 1000)::double precision as ms from campaign_pace where campaign_id = $1`,
    [id],
  );
  const leasedMs = (after.rows[0]?.ms ?? 0) - (before.rows[0]?.ms ?? 0);
  assert.ok(
    leasedMs >= 40 * 50,
    `40 leases of 50 slots of a millisecond moved the schedule by ${leasedMs} ms`,
  );
  assert.deepEqual(new Set(slices.map((slice) => slice?.ratePerS)), new Set([1_000]));
});
