import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { errorCode } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { listen } from '../../src/store/database/listen.ts';
import { openStore } from '../../src/store/store.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { startPgbouncer, withoutPgbouncer } from '../support/store/pgbouncer.ts';

describe('behind PgBouncer', { skip: withoutPgbouncer }, () => {
  test('in session mode, without any setting of its own, a node delivers and is told of work', async (t) => {
    const scene = await makeScene('mp-subscribe');
    const url = await startPgbouncer(t, scene.site.database.connection, 'session');
    const store = await openStore({
      connection: { connectionString: url },
      sealer: scene.site.store.sealer,
      logger: silentLogger,
    });
    const clients = new AccountClients({ store, logger: silentLogger });
    const engine = await startEngine({ store, clients, logger: silentLogger, role: 'serve', version: '0' });
    try {
      const ids = [await scene.campaign(300), await scene.campaign(300)];
      await until('both are done', async () => {
        const found = await Promise.all(ids.map((id) => scene.find(id)));
        return found.every(({ state }) => state === 'done');
      });
      const timeout = await store.pool.query('show idle_in_transaction_session_timeout');
      assert.equal(timeout.rows[0].idle_in_transaction_session_timeout, '10s');
      // A notification, and not the next look at the table.
      const told = Promise.withResolvers<void>();
      const topic = `test-${randomUUID()}`;
      const listener = await listen(store.pool, [topic], () => told.resolve());
      await store.pool.query('select pg_notify($1, $2)', [topic, 'x']);
      await told.promise;
      await listener.close();
    } finally {
      await engine.stop();
      await clients.close();
      await store.close();
    }
  });

  for (const mode of ['transaction', 'statement'] as const) {
    test(`does not start in another mode, and says why (${mode})`, async (t) => {
      const scene = await makeScene('mp-subscribe');
      const url = await startPgbouncer(t, scene.site.database.connection, mode);
      const opening = openStore({
        connection: { connectionString: url },
        sealer: scene.site.store.sealer,
        logger: silentLogger,
      });
      await assert.rejects(opening, (error) => errorCode(error) === 'DATABASE_POOLER');
    });
  }
});
