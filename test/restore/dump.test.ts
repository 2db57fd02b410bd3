import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer } from '../../src/base/seal.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { RestoreGuard } from '../../src/store/restore/restore-guard.ts';
import { openStore } from '../../src/store/store.ts';
import { makeScene } from '../support/deliver.ts';
import { createTestDatabase } from '../support/postgres.ts';

/** What a guard says of restores: why. */
function listen(): { why: string[]; logger: typeof silentLogger } {
  const why: string[] = [];
  const error = (fields: object): void => {
    if ('why' in fields) why.push(String(fields.why));
  };
  return { why, logger: { ...silentLogger, error } };
}

test('a dump that is restored in the same cluster is noticed by a process that starts', async () => {
  const scene = await makeScene('mp-subscribe');
  const id = await scene.campaign(5);
  // Started and stopped again: the cluster, its timeline and its log are those that they were, or further.
  const start = async (): Promise<string[]> => {
    const { why, logger } = listen();
    const guard = new RestoreGuard(logger, null);
    const pool = createPool({ ...scene.site.database.connection }, { guard, max: 1 });
    await guard.start(pool);
    await pool.end();
    return why;
  };
  assert.deepEqual(await start(), []);
  // As `pg_restore --clean` does: the tables are made and filled again.
  await scene.pool.query(
    `alter table installation rename to dumped;
     create table installation (like dumped including all);
     insert into installation select * from dumped;
     drop table dumped`,
  );
  assert.deepEqual(await start(), ['dump']);
  const { state, stateReason } = await scene.find(id);
  assert.deepEqual([state, stateReason], ['paused', 'restored']);
  assert.deepEqual(await start(), [], 'once');
  await scene.pool.query('vacuum full installation');
  assert.deepEqual(await start(), [], 'a table that was only rewritten is the same');
});

test('a copy of the database in the same cluster is not taken for the database', async () => {
  const sealer = createSealer(Buffer.alloc(32, 7));
  const copy = await createTestDatabase({
    template: {
      name: `copied ${randomUUID()}`,
      prepare: async (connection) => {
        await (await openStore({ connection, sealer, logger: silentLogger })).close();
      },
    },
  });
  const { why, logger } = listen();
  await (await openStore({ connection: { ...copy.connection }, sealer, logger })).close();
  assert.deepEqual(why, ['dump']);
});

test('a database of a history that another one has followed is noticed by a process that starts', async (t) => {
  const scene = await makeScene('mp-subscribe');
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-witness-'));
  t.after(() => rm(directory, { recursive: true }));
  const start = async (): Promise<string[]> => {
    const { why, logger } = listen();
    const guard = new RestoreGuard(logger, directory);
    const pool = createPool({ ...scene.site.database.connection }, { guard, max: 1 });
    await guard.start(pool);
    await pool.end();
    return why;
  };
  assert.deepEqual(await start(), []);
  const columns = ['history_id', 'history_at', 'system_identifier', 'timeline', 'oids'];
  const { rows } = await scene.pool.query(`select ${columns.join(', ')} from installation`);
  // A backup of before was put in its place by mistake, and worked with …
  await scene.pool.query('update installation set timeline = timeline - 1');
  assert.deepEqual(await start(), ['timeline']);
  const id = await scene.campaign(5);
  // … and then the right one was put back: as far as it ever was, but it knows nothing of what was sent meanwhile.
  await scene.pool.query(
    `update installation set ${columns.map((name, i) => `${name} = $${i + 1}`).join(', ')}`,
    columns.map((name) => rows[0]?.[name]),
  );
  assert.deepEqual(await start(), ['history']);
  const { state, stateReason } = await scene.find(id);
  assert.deepEqual([state, stateReason], ['paused', 'restored']);
  assert.deepEqual(await start(), [], 'once');
});
