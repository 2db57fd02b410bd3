import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { processState } from '../../src/store/embedded/processes.ts';
import { isRoot, makeScratch, query, skipUnlessUnprivileged } from '../support/embedded/scratch.ts';
import { inTime } from '../support/in-time.ts';

const users = isRoot ? (['root', 'unprivileged'] as const) : (['unprivileged'] as const);

for (const user of users) {
  const skip = user === 'unprivileged' ? skipUnlessUnprivileged : false;
  const as = user === 'unprivileged' ? user : undefined;

  test(`keeps its data in UTF-8 without LANG, and its secrets to itself (${user})`, { skip }, async (t) => {
    const scratch = await makeScratch(t, as);
    const first = scratch.start();
    const { connection, pid } = await first.opened;
    assert.equal((await stat(scratch.dataDir)).mode & 0o777, 0o700);
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    assert.doesNotMatch(environment, /HONGYAN|not for the server/);
    await query(connection, "CREATE TABLE geese AS SELECT '鸿雁𠮷🪿' AS name");
    const settings = await query(
      connection,
      `SELECT current_setting('server_encoding') AS encoding, datlocale AS locale, current_setting('fsync') AS fsync,
         current_setting('synchronous_commit') AS commit, current_setting('listen_addresses') AS addresses
       FROM pg_database WHERE datname = current_database()`,
    );
    assert.deepEqual(settings, [
      { encoding: 'UTF8', locale: 'C.UTF-8', fsync: 'on', commit: 'on', addresses: '' },
    ]);
    await assert.rejects(query({ ...connection, password: 'wrong' }, 'SELECT 1'), { code: '28P01' });
    await first.close();
    assert.equal(await processState(pid), undefined);

    const second = scratch.start();
    const again = await second.opened;
    assert.deepEqual(await query(again.connection, 'SELECT name, length(name) FROM geese'), [
      { name: '鸿雁𠮷🪿', length: 4 },
    ]);
    await second.close();
  });

  test(`serves several processes until the last one leaves (${user})`, { skip }, async (t) => {
    const scratch = await makeScratch(t, as);
    // Five at once on an empty directory: one creates the cluster, the others find it.
    const holders = [1, 2, 3, 4, 5].map(() => scratch.start());
    const pids = await Promise.all(holders.map(async (holder) => (await holder.opened).pid));
    assert.equal(new Set(pids).size, 1);
    const [pid = 0] = pids;
    const last = holders.pop();
    assert(last !== undefined);
    await Promise.all(holders.map(async (holder) => await holder.close()));
    assert.deepEqual(await query((await last.opened).connection, 'SELECT 1 AS one'), [{ one: 1 }]);
    await last.close();
    assert.equal(await processState(pid), undefined);
    const { cluster } = await last.opened;
    const left = await readdir(join(cluster, '..'));
    assert.deepEqual(
      left.filter((name) => name.includes('tmp')),
      [],
    );
  });
}

test('attaches right after a kill -9; the dead neither hold the server nor take it away', async (t) => {
  const scratch = await makeScratch(t);
  const killed = scratch.start();
  const { pid, connection } = await killed.opened;
  await killed.kill();
  const living = scratch.start();
  assert.equal((await living.opened).pid, pid);
  const killedToo = scratch.start();
  await killedToo.opened;
  await killedToo.kill();
  const passing = scratch.start();
  await passing.opened;
  await passing.close();
  assert.deepEqual(await query(connection, 'SELECT 1 AS one'), [{ one: 1 }]);
  await living.close();
  assert.equal(await processState(pid), undefined);
});

test('ctrl-C ends Hongyan, not the server', { skip: skipUnlessUnprivileged }, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const holder = scratch.start({ detached: true });
  const { pid } = await holder.opened;
  assert(holder.child.pid !== undefined);
  // A terminal sends it to the whole process group.
  process.kill(-holder.child.pid, 'SIGINT');
  await inTime('ctrl-C ends it', once(holder.child, 'exit'));
  const next = scratch.start();
  assert.equal((await next.opened).pid, pid);
  await next.close();
});

test('works in a directory whose path is too long for a socket', {
  skip: skipUnlessUnprivileged,
}, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const dataDir = join(scratch.directory, `目录, "with" spaces ${'x'.repeat(100)}`, '数据');
  const first = scratch.start({ dataDir });
  const { connection, pid } = await first.opened;
  assert.match(connection.host, /^\/tmp\/hongyan-/);
  assert.equal((await stat(connection.host)).mode & 0o777, 0o700);
  const second = scratch.start({ dataDir });
  assert.equal((await second.opened).pid, pid);
  await first.close();
  await second.close();
  await assert.rejects(stat(connection.host), { code: 'ENOENT' });
});

test('ends the server when its directory was deleted under it', {
  skip: skipUnlessUnprivileged,
}, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const holder = scratch.start();
  const { pid } = await holder.opened;
  await rm(scratch.dataDir, { recursive: true, force: true, maxRetries: 3 });
  await holder.close();
  assert.equal(await processState(pid), undefined);
});
