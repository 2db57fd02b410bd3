import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { openInstallation } from '../../src/store/installation/installation.ts';
import { RestoreGuard } from '../../src/store/restore/restore-guard.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';

for (const channel of ['oa-template', 'mp-subscribe'] as const) {
  test(`a restored or promoted database pauses its campaigns, and messages nobody of whom it may have forgotten (${channel})`, async () => {
    const scene = await makeScene(channel);
    const { pool } = scene;
    const open = (): Promise<unknown> =>
      openInstallation(pool, scene.site.store.sealer, new RestoreGuard(silentLogger, null));
    // In the backup: one campaign half sent, its second chunk never claimed; one that waits for its confirmation.
    const id = await scene.campaign(60, { chunkSize: 30 });
    const waiting = await scene.campaign(5);
    await pool.query("update campaigns set state = 'planned' where id = $1", [waiting]);
    await scene.pause(id);
    await pool.query("update campaigns set state = 'running' where id = $1", [id]);

    await open();
    assert.equal((await scene.find(id)).state, 'running', 'the same database is left alone');

    await pool.query('update installation set timeline = timeline - 1');
    await open();
    assert.equal((await scene.find(id)).state, 'paused');
    assert.equal((await scene.find(id)).stateReason, 'restored');
    assert.equal((await scene.find(waiting)).state, 'cancelled');

    const calls = scene.calls;
    await scene.resume(id);
    const node = await scene.node();
    const report = await scene.done(id);
    await node.stop();
    assert.equal(scene.calls, calls, 'not one request');
    assert.deepEqual(report.unknownBy, { crash: 60 });
    assert.equal(report.unsent, 0);

    // From now on it is this database.
    await open();
    const next = await scene.campaign(5);
    const again = await scene.node();
    assert.equal((await scene.done(next)).accepted, 5);
    await again.stop();
  });
}

test('a database that fails over or is exchanged under a working node is noticed by that node', async () => {
  const scene = await makeScene('mp-subscribe');
  const { store } = scene.site;
  await scene.pool.query('update accounts set rate_per_s = 20');
  const id = await scene.campaign(400, { chunkSize: 100 });
  const clients = new AccountClients({ store, logger: silentLogger });
  const engine = await startEngine({ store, clients, logger: silentLogger, role: 'serve', version: '0' });
  try {
    await until('it is under way', async () => scene.calls > 10);
    await scene.pool.query('update installation set timeline = timeline - 1');
    await until('its campaign is paused', async () => (await scene.find(id)).state === 'paused');
    assert.equal((await scene.find(id)).stateReason, 'restored');
  } finally {
    await engine.stop();
    await clients.close();
  }
  assert.ok(scene.calls < 300, 'long before its end');
});
