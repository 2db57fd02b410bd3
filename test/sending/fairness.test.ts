import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { makeScene, Scene } from '../support/deliver.ts';

test('campaigns of ten of nine accounts do not wait for a large one of another', async () => {
  const big = await makeScene('oa-template', {
    record: 'counts',
    followers: 100_000,
    latencyMs: 5,
    accounts: Array.from({ length: 10 }, () => ({ kind: 'service' as const })),
  });
  const { site, simulator } = big;
  const small: Scene[] = [];
  for (const account of simulator.accounts.slice(1)) {
    await site.add(simulator, account);
    small.push(new Scene(site, { ...simulator, account: () => account }, 'oa-template'));
  }
  const bigId = await big.campaign(100_000, { chunkSize: 1_000 });
  // The usual patience: on a busy machine the scene's short one would leave people unknown.
  await big.node({ answerTimeoutMs: 10_000 });
  await until('the large one is under way', async () => big.calls > 1_000);
  const ids = await Promise.all(small.map((scene) => scene.campaign(10, { probed: false })));
  await big.pool.query("select pg_notify('hongyan_work', '')");
  const from = big.calls;
  const reports = await Promise.all(small.map((scene, i) => scene.done(ids[i] ?? 0)));
  const meanwhile = big.calls - from;
  assert.ok(meanwhile < 20_000, `the large one sent ${meanwhile} until the small ones were done`);
  assert.equal((await big.find(bigId)).state, 'running');
  small.forEach((scene, i) => {
    const { accepted, rejectedBy, unknownBy, unsentBy } = reports[i] ?? {};
    const expected = { accepted: 10, rejectedBy: {}, unknownBy: {}, unsentBy: {} };
    assert.deepEqual({ accepted, rejectedBy, unknownBy, unsentBy }, expected);
    assert.equal(scene.account.summary().accepted, 10);
  });
  await big.pause(bigId);
  await until('it is handed back', async () =>
    (await big.chunks(bigId)).every(({ owner }) => owner === null),
  );
});
