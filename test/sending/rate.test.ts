import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliverHooks } from '../../src/engine/delivery/hooks.ts';
import { leaseSlots, setRate } from '../../src/store/accounts/pace.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';

/** When messages left, ms: as they are given to the client, since a busy machine lets them arrive in heaps. */
function departures(): { times: number[]; hooks: DeliverHooks } {
  const times: number[] = [];
  const hooks: DeliverHooks = {
    reached(point) {
      if (point === 'dispatch') times.push(performance.now());
    },
  };
  return { times, hooks };
}

/** Most that arrived within `ms`. */
function mostWithin(times: number[], ms: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to++) {
    while ((times[to] ?? 0) - (times[from] ?? 0) >= ms) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

test('three nodes together send no more than the rate', async () => {
  const scene = await makeScene('oa-template');
  await setRate(scene.pool, scene.account.appid, 150);
  const id = await scene.campaign(1_900, { chunkSize: 100 });
  const { times, hooks } = departures();
  const options = { hooks, leaseMs: 10_000 };
  await Promise.all([scene.node(options), scene.node(options), scene.node(options)]);
  await scene.done(id);
  assert.equal(times.length, 1_900);
  assert.ok(mostWithin(times, 10_000) <= 150 * 10 * 1.05, `${mostWithin(times, 10_000)} in 10 s`);
  assert.ok(mostWithin(times, 1_000) <= 150 * 1.5, `${mostWithin(times, 1_000)} in 1 s`);
});

test('a new rate counts on every node, though slots were leased far ahead', async () => {
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setRate(scene.pool, appid, 1);
  const people = 4_000;
  const id = await scene.campaign(people, { chunkSize: 100 });
  const { times, hooks } = departures();
  const options = { hooks, leaseMs: 10_000 };
  await Promise.all([scene.node(options), scene.node(options), scene.node(options)]);
  await until('the first arrived', async () => scene.calls >= 2);
  // At 1/s three nodes have leased slots far ahead; nobody may wait for them.
  await scene.pool.query("update account_pace set next_slot = clock_timestamp() + interval '1 hour'");
  await setRate(scene.pool, appid, 400);
  await until('it is faster', async () => scene.calls >= 300);
  await setRate(scene.pool, appid, 2);
  // Of the old rate 3,700 would leave in ten seconds.
  await until('at most six leave in two seconds', async () => {
    const now = performance.now();
    return (times[0] ?? now) < now - 2_000 && times.filter((at) => at > now - 2_000).length <= 6;
  });
  assert.ok(times.length < people, 'it was slowed down, and not at its end');
  await setRate(scene.pool, appid, 100_000);
  assert.equal((await scene.done(id)).accepted, people);
});

test('leases of slots never overlap, and what nobody leased in time is lost', async () => {
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setRate(scene.pool, appid, 1_000);
  const before = await scene.pool.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::double precision as ms',
  );
  await Promise.all(Array.from({ length: 40 }, () => leaseSlots(scene.pool, appid, 50)));
  const after = await scene.pool.query<{ ms: number }>(
    'select (extract(epoch from next_slot) * 1000)::double precision as ms from account_pace where appid = $1',
    [appid],
  );
  const leasedMs = (after.rows[0]?.ms ?? 0) - (before.rows[0]?.ms ?? 0);
  assert.ok(leasedMs >= 40 * 50, `40 leases of 50 ms moved the schedule by ${leasedMs} ms`);
  await scene.pool.query("update account_pace set next_slot = clock_timestamp() - interval '1 hour'");
  const slice = await leaseSlots(scene.pool, appid, 50);
  assert.ok(slice !== null && slice.endMs > 0 && slice.endMs <= 50, `${slice?.endMs} ms`);
  assert.equal(await leaseSlots(scene.pool, 'wx0000000000000000', 1), null);
});
