import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { assertWentOn, makeFailoverScene } from '../support/embedded/failover-scene.ts';

for (const [what, channel] of [
  ['killed', 'unkeyed'],
  ['planned', 'keyed'],
] as const)
  test(`a synchronous standby takes over: sending goes on by itself, nobody twice, nobody forgotten (${what})`, async (t) => {
    const scene = await makeFailoverScene(t, true, channel);
    const { site, standby } = scene;
    if (what === 'killed') await site.cluster.crash();
    else await site.cluster.stop();
    const crashed = performance.now();
    const before = site.accepted;
    site.link.leadTo(standby.connection);
    await standby.promote();
    await until('it goes on', async () => site.accepted > before + 100).catch((error: unknown) => {
      const logs = site.nodes.map(({ stderr }) => stderr.slice(-2_000)).join('\n---\n');
      throw new Error(`${before} before, ${site.accepted} now:\n${logs}`, { cause: error });
    });
    t.diagnostic(`${Math.round(performance.now() - crashed)} ms after the crash it went on`);
    const counts = await assertWentOn(scene);
    t.diagnostic(JSON.stringify(counts));
    assert.equal(counts.unsent, 0);
  });

test('one node dies with the server: the others go on without its word once its lease is long over', async (t) => {
  const scene = await makeFailoverScene(t, true, 'keyed');
  const { site, standby } = scene;
  site.nodes[0]?.child.kill('SIGKILL');
  await site.cluster.crash();
  site.link.leadTo(standby.connection);
  await standby.promote();
  const counts = await assertWentOn(scene);
  t.diagnostic(JSON.stringify(counts));
});
