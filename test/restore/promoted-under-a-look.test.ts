import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import { lookAt } from '../../src/store/restore/look.ts';
import { openStore } from '../../src/store/store.ts';
import { makeOwnCluster } from '../support/embedded/own-cluster.ts';
import { until } from '../support/in-time.ts';

const sealer = createSealer(parseSecretKey(Buffer.alloc(32, 7).toString('base64')));

test('a standby that is promoted while it is looked at is a standby, or on the new timeline', async (t) => {
  const { cluster, directory } = await makeOwnCluster(t);
  await (await openStore({ connection: { ...cluster.connection }, sealer, logger: silentLogger })).close();
  // Asked what its log is, it takes so long over the next question that it is promoted before the last one.
  await cluster.query(`create function hongyan.promoted() returns boolean language plpgsql as
    $$ begin while pg_is_in_recovery() loop perform pg_sleep(0.01); end loop; return true; end $$`);
  await cluster.query(`create or replace function hongyan.replication_state(
      out standby_names text, out is_durable boolean, out standbys integer, out async_standbys integer, out replayed text
    ) language plpgsql stable as $$ begin perform hongyan.promoted(); end $$`);
  await cluster.stop();
  const standby = await cluster.standby(join(directory, 'standby'));
  const client = new pg.Client({ ...standby.connection, application_name: 'looker' });
  client.on('error', () => {}); // the server ends before it
  await client.connect();
  t.after(() => client.end().catch(() => {}));
  const look = lookAt(client, { beats: [], acknowledged: null });
  await until('it waits in the middle of its look', async () => {
    const rows = await standby.query(
      "select from pg_stat_activity where application_name = 'looker' and wait_event = 'PgSleep'",
    );
    return rows.length === 1;
  });
  await standby.promote();
  const { isStandby, position } = (await look) ?? assert.fail('it was not looked at');
  assert.ok(isStandby || position.timeline === 2, JSON.stringify({ isStandby, position }));
  const after = await lookAt(client, { beats: [], acknowledged: null });
  assert.deepEqual([after?.isStandby, after?.position.timeline], [false, 2]);
});
