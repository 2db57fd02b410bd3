import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';

test('a chunk in which only long waits are left goes back until the first of them', async () => {
  const scene = await makeScene('oa-template');
  // "Too frequently" is tried again after two hours.
  scene.simulator.addFault({ kind: 43117, next: 1, path: scene.path });
  const id = await scene.campaign(3);
  const node = await scene.node({ window: 1 });
  await until('the chunk is handed back', async () => {
    const [chunk] = await scene.chunks(id);
    return chunk?.owner === null && chunk.accepted === 2;
  });
  const { rows } = await scene.pool.query<{ state: string; minutes: number; leased: boolean }>(
    `select state, lease_until is not null as leased,
       (extract(epoch from not_before - clock_timestamp()) / 60)::integer as minutes from chunks where campaign_id = $1`,
    [id],
  );
  const [{ state, minutes, leased } = { state: '', minutes: 0, leased: true }] = rows;
  assert.deepEqual([state, leased], ['open', false]);
  assert.ok(minutes > 110 && minutes <= 120, `${minutes} minutes`);
  // In the same round in which the node takes another campaign's chunk it passes this one by.
  assert.equal((await scene.done(await scene.campaign(1))).accepted, 1);
  assert.deepEqual(
    (await scene.chunks(id)).map(({ epoch }) => epoch),
    [1],
    'nobody takes it before',
  );
  scene.account.clearReceived();

  await scene.pool.query("update chunks set not_before = clock_timestamp() - interval '1 s'");
  await scene.pool.query("update facts set next_at = clock_timestamp() - interval '1 s' where kind = 1");
  assert.equal((await scene.done(id)).accepted, 3);
  assert.deepEqual(
    [1, 2, 3].map((no) => scene.received(no)),
    [1, 0, 0],
    'the first one alone was left',
  );
  await node.stop();
});
