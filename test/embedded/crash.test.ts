import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { processesIn, processState } from '../../src/store/embedded/processes.ts';
import { isRoot, makeScratch, query, skipUnlessUnprivileged } from '../support/embedded/scratch.ts';
import { until } from '../support/in-time.ts';

const skip = skipUnlessUnprivileged;

test('starts after a kill -9 in the middle of initdb, with a whole database', async (t) => {
  const scratch = await makeScratch(t);
  const killed = scratch.start({ holdAt: 'initdb-running' });
  await killed.reached('initdb-running');
  const home = isRoot
    ? // Beside it lies a copy of the binaries when those of the clone cannot be reached.
      join(
        scratch.systemDir,
        (await readdir(scratch.systemDir)).find((name) => /^[0-9a-f]{24}$/.test(name)) ?? '',
      )
    : scratch.dataDir;
  const unfinished = (await readdir(home)).find((name) => name.startsWith('pg.tmp-'));
  assert(unfinished !== undefined);
  // Held, it would outlive its parent and go on writing later.
  const [initdb = 0] = await processesIn(['initdb'], join(home, unfinished), undefined);
  assert(initdb > 0, 'initdb was not caught midway');
  process.kill(initdb, 'SIGSTOP');
  await killed.kill();

  const next = scratch.start();
  const { connection, cluster } = await next.opened;
  assert.deepEqual(await query({ ...connection, database: 'postgres' }, 'SELECT 1 AS one'), [{ one: 1 }]);
  assert.deepEqual(
    (await readdir(join(cluster, '..'))).filter((name) => name.includes('tmp-')),
    [],
  );
  assert.equal(await processState(initdb), undefined);
  await next.close();
});

test('starts although its pid file names a living process of the same user', { skip }, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const first = scratch.start();
  const { pid, cluster, connection } = await first.opened;
  const pidFile = await readFile(join(cluster, 'postmaster.pid'), 'utf8');
  const socketLock = await readFile(join(connection.host, '.s.PGSQL.5432.lock'), 'utf8');
  await first.close();
  const stranger = spawn('sleep', ['60'], { cwd: '/', ...(isRoot ? { uid: 65534, gid: 65534 } : {}) });
  t.after(() => stranger.kill('SIGKILL'));
  const swap = (text: string): string => text.replace(String(pid), String(stranger.pid));
  await writeFile(join(cluster, 'postmaster.pid'), swap(pidFile));
  await writeFile(join(connection.host, '.s.PGSQL.5432.lock'), swap(socketLock));

  const second = scratch.start();
  assert.notEqual((await second.opened).pid, stranger.pid);
  await second.close();
  assert.notEqual(await processState(stranger.pid ?? 0), undefined);
});

test('starts after a kill -9 of the server while an orphan of it computes on', async (t) => {
  const scratch = await makeScratch(t);
  const first = scratch.start();
  const { pid, cluster, connection } = await first.opened;
  await query(connection, 'CREATE TABLE kept AS SELECT 7 AS seven');
  // It does not wait for anything, so it does not notice.
  const computing = query(connection, 'SELECT count(*) FROM generate_series(1, 100000000000)').catch(
    () => {},
  );
  await until('a backend computes', async () => {
    const rows = await query(
      connection,
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%generate_series(1,%' AND pid <> pg_backend_pid() AND state = 'active'",
    );
    return rows.length === 1;
  });
  process.kill(pid, 'SIGKILL');
  await until('the postmaster is gone', async () => (await processState(pid)) === undefined);
  assert.notDeepEqual(await processesIn(['postgres'], cluster, undefined), []);

  const second = scratch.start();
  const again = await second.opened;
  assert.notEqual(again.pid, pid);
  assert.deepEqual(await query(again.connection, 'SELECT seven FROM kept'), [{ seven: 7 }]);
  await computing;
  // The first process lives on, and still counts.
  await second.close();
  assert.notEqual(await processState(again.pid), undefined);
  await first.close();
  assert.equal(await processState(again.pid), undefined);
});

test('waits for the process that holds the lock, then says which; kill -9 frees it', { skip }, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const holding = scratch.start({ holdAt: 'locked' });
  await holding.reached('locked');
  const { code, message } = await scratch.start({ lockTimeoutMs: 200 }).refusal();
  assert.equal(code, 'EMBEDDED_PG_LOCKED');
  assert.match(message, new RegExp(`pid ${holding.child.pid}\\b`));
  const waiting = scratch.start();
  await holding.kill();
  await waiting.opened;
  await waiting.close();
});

const unshare = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;
const skipNamespaces = unshare ? skip : 'may not make a pid namespace';

test('refuses a directory that a server in another container uses', { skip: skipNamespaces }, async (t) => {
  const scratch = await makeScratch(t);
  const inside = scratch.start({ through: ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] });
  const { connection } = await inside.opened;
  const { code } = await scratch.start().refusal();
  assert.equal(code, 'EMBEDDED_PG_BUSY');
  assert.deepEqual(await query(connection, 'SELECT 1 AS one'), [{ one: 1 }]);
  await inside.close();
});
