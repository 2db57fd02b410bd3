import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { locateBinaries } from '../../src/store/embedded/binaries.ts';
import { processesIn, processState } from '../../src/store/embedded/processes.ts';
import { makeScratch, query, skipUnlessRoot } from '../support/embedded/scratch.ts';

const skip = skipUnlessRoot;

/** As after `npm ci --ignore-scripts` by root under umask 077: no x bits, no library links, closed to others. */
async function plainInstall(to: string): Promise<string> {
  const binaries = join(to, 'native');
  await cp(locateBinaries(), binaries, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  for (const name of await readdir(join(binaries, 'bin'))) await chmod(join(binaries, 'bin', name), 0o644);
  for (const name of await readdir(join(binaries, 'lib'))) {
    const path = join(binaries, 'lib', name);
    if ((await lstat(path)).isSymbolicLink()) await unlink(path);
  }
  spawnSync('chmod', ['-R', 'go=', binaries]);
  return binaries;
}

test("works from root's clone in a closed home, installed without scripts", { skip }, async (t) => {
  const scratch = await makeScratch(t);
  const closedHome = join(scratch.directory, 'root');
  await mkdir(closedHome, { mode: 0o700 });
  const binariesDir = await plainInstall(closedHome);
  const dataDir = join(closedHome, '.hongyan');
  const options = { binariesDir, dataDir, through: ['sh', '-c', 'umask 077; exec "$@"', 'sh'] };
  const first = scratch.start(options);
  const { pid, connection, cluster } = await first.opened;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  assert.match(status, /^Uid:\t(?!0\b)(\d+)\t\1\t\1\t\1$/m);
  assert.match(status, /^Groups:\t *$/m);
  const [version = ''] = await readdir(join(scratch.systemDir, 'bin'));
  const copy = await stat(join(scratch.systemDir, 'bin', version, 'bin', 'postgres'));
  assert.deepEqual([copy.uid, copy.mode & 0o777], [0, 0o755]);
  assert.equal((await stat(cluster)).mode & 0o777, 0o700);
  assert.equal((await stat(join(cluster, '..', 'pg-password'))).mode & 0o777, 0o600);
  await query(connection, 'CREATE TABLE kept AS SELECT 7 AS seven');
  await first.close();

  const second = scratch.start(options);
  assert.deepEqual(await query((await second.opened).connection, 'SELECT seven FROM kept'), [{ seven: 7 }]);
  await second.close();
  assert.deepEqual(await readdir(join(scratch.systemDir, 'bin')), [version]);
});

const setpriv = ['setpriv', '--bounding-set', '-sys_ptrace,-sys_admin'];
const hasSetpriv = spawnSync('setpriv', [...setpriv.slice(1), 'true']).status === 0;

test('recognizes its server with no more rights than a container has', {
  skip: skip || !hasSetpriv,
}, async (t) => {
  const scratch = await makeScratch(t);
  const killed = scratch.start({ through: setpriv });
  const { pid } = await killed.opened;
  await killed.kill();
  const next = scratch.start({ through: setpriv });
  assert.equal((await next.opened).pid, pid);
  process.kill(pid, 'SIGKILL');
  const third = scratch.start({ through: setpriv });
  assert.notEqual((await third.opened).pid, pid);
  await third.close();
  await next.close();
  assert.equal(await processState((await third.opened).pid), undefined);
});

test('keeps the database of a deleted data directory, and misses one that is gone', { skip }, async (t) => {
  const scratch = await makeScratch(t);
  const first = scratch.start();
  const { connection, cluster } = await first.opened;
  await query(connection, 'CREATE TABLE kept AS SELECT 7 AS seven');
  await first.kill();
  await rm(scratch.dataDir, { recursive: true });

  const second = scratch.start();
  const fresh = await second.opened;
  await assert.rejects(query(fresh.connection, 'SELECT seven FROM kept'), { code: '42P01' });
  await second.close();
  const names = await readdir(scratch.systemDir);
  assert.equal(names.filter((name) => name.includes('.old-')).length, 1);

  await rename(cluster, `${cluster}-elsewhere`);
  const { code, message } = await scratch.start().refusal();
  assert.equal(code, 'EMBEDDED_PG_CLUSTER_MISSING');
  assert(message.includes(cluster));
});

test("says when the server's user cannot get to the place of its database", { skip }, async (t) => {
  const scratch = await makeScratch(t);
  const closed = join(scratch.directory, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const { code, message } = await scratch.start({ systemDir: join(closed, 'system') }).refusal();
  assert.equal(code, 'EMBEDDED_PG_CLOSED_PATH');
  assert.match(message, /closed.*chmod o\+x/);
});

/** What a program that runs as nobody sees there. */
function asNobody(script: string, ...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', ...args], {
    ...{ uid: 65534, gid: 65534, cwd: '/', encoding: 'utf8' },
  });
  return { code: status, output: stdout + stderr };
}

test('no other program that runs as nobody gets at the database, also while it is made', {
  skip,
}, async (t) => {
  const scratch = await makeScratch(t);
  const making = scratch.start({ holdAt: 'initdb-running' });
  await making.reached('initdb-running');
  const home = join(
    scratch.systemDir,
    (await readdir(scratch.systemDir)).find((name) => /^[0-9a-f]{24}$/.test(name)) ?? '',
  );
  const unfinished = (await readdir(home)).find((name) => name.startsWith('pg.tmp-')) ?? '';
  const [initdb = 0] = await processesIn(['initdb'], join(home, unfinished), undefined);
  assert.ok(initdb > 0, 'initdb was not caught midway');
  // It stands while it is looked at, however long that takes.
  process.kill(initdb, 'SIGSTOP');
  for (const inside of ['password', 'pg', 'pg/PG_VERSION']) {
    const { code, output } = asNobody('ls "$1"', join(home, unfinished, inside));
    assert.notEqual(code, 0, inside);
    assert.match(output, /Permission denied/, inside);
  }
  assert.match(await readFile(`/proc/${initdb}/status`, 'utf8'), /^Uid:\t65534/m, 'it does run as nobody');
  assert.match(asNobody('readlink "/proc/$1/cwd" || echo no', String(initdb)).output, /no\n$/);
  await making.kill();

  const { cluster, pid } = await scratch.start().opened;
  const owner = (await stat(cluster)).uid;
  assert.ok(owner !== 0 && owner !== 65534, `uid ${owner}`);
  assert.match(await readFile(`/proc/${pid}/status`, 'utf8'), new RegExp(`^Uid:\\t${owner}\\t`, 'm'));
  assert.match(asNobody('ls "$1"', cluster).output, /Permission denied/);
});

test('a database that belongs to nobody gets a user of its own, and no planted link is followed', {
  skip,
}, async (t) => {
  const scratch = await makeScratch(t);
  const first = scratch.start();
  const { connection, cluster } = await first.opened;
  await query(connection, 'CREATE TABLE kept AS SELECT 7 AS seven');
  await first.close();
  const stranger = join(scratch.directory, 'of-root');
  await writeFile(stranger, 'x');
  spawnSync('chown', ['-R', '-h', '65534:65534', cluster, join(cluster, '..', 'pg-run')]);
  assert.equal(asNobody('ln -s "$1" "$2"/base/planted && ls "$2"', stranger, cluster).code, 0);

  const second = scratch.start();
  const opened = await second.opened;
  assert.deepEqual(await query(opened.connection, 'SELECT seven FROM kept'), [{ seven: 7 }]);
  const { uid } = await stat(cluster);
  assert.ok(uid !== 0 && uid !== 65534);
  assert.equal((await stat(join(cluster, 'global'))).uid, uid);
  assert.equal((await stat(stranger)).uid, 0);
  assert.match(asNobody('ls "$1"', cluster).output, /Permission denied/);
  await second.close();
});

test('another user of the machine can hold neither the lock of a directory nor a name that stands for it', {
  skip,
}, async (t) => {
  const scratch = await makeScratch(t);
  const nobody = { uid: 65534, gid: 65534 };
  const first = scratch.start();
  const { cluster } = await first.opened;
  const lockFile = `${join(cluster, '..')}-lock.db`;
  assert.deepEqual([(await stat(lockFile)).mode & 0o777, (await stat(lockFile)).uid], [0o600, 0]);
  // What the kernel shows of our sockets to everybody: none that a stranger could bind before us next time.
  const sockets = await readFile('/proc/net/unix', 'utf8');
  assert.doesNotMatch(sockets, /@hongyan/);
  await first.close();
  const hold = `import { DatabaseSync } from 'node:sqlite';
    new DatabaseSync(${JSON.stringify(lockFile)}).exec('begin exclusive');`;
  const stranger = spawnSync(process.execPath, ['--input-type=module', '-e', hold], {
    ...nobody,
    cwd: '/',
    encoding: 'utf8',
  });
  assert.notEqual(stranger.status, 0);
  assert.match(stranger.stderr, /unable to open database file/);
  const again = scratch.start({ lockTimeoutMs: 2_000 });
  await again.opened;
  await again.close();
});
