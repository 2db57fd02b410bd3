import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { locateBinaries } from '../../src/store/embedded/binaries.ts';
import { shortHash } from '../../src/store/embedded/server-home.ts';
import {
  makeScratch,
  query,
  type Scratch,
  skipUnlessRoot,
  skipUnlessUnprivileged,
} from '../support/embedded/scratch.ts';

const skip = skipUnlessUnprivileged;

test('says which platforms have an embedded PostgreSQL, and the way out', () => {
  assert.throws(() => locateBinaries('sunos-x64'), {
    code: 'EMBEDDED_PG_UNSUPPORTED_PLATFORM',
    message: /sunos-x64.*linux-x64.*HONGYAN_DATABASE_URL/,
  });
  const other = process.platform === 'darwin' ? 'linux-x64' : 'darwin-arm64';
  assert.throws(() => locateBinaries(other), {
    code: 'EMBEDDED_PG_PACKAGE_MISSING',
    message: /optional.*HONGYAN_DATABASE_URL/,
  });
});

test("leaves other people's directories alone", { skip }, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const photos = join(scratch.directory, 'photos');
  await mkdir(photos, { mode: 0o755 });
  await writeFile(join(photos, 'goose.jpg'), '');
  const { uid, gid } = await stat(scratch.directory);
  await chown(photos, uid, gid);
  const foreign = await scratch.start({ dataDir: photos }).refusal();
  assert.equal(foreign.code, 'EMBEDDED_PG_FOREIGN_DIRECTORY');
  assert.match(foreign.message, /goose\.jpg/);
  assert.deepEqual(await readdir(photos), ['goose.jpg']);
  assert.equal((await stat(photos)).mode & 0o777, 0o755);

  // The key may be there before everything else: for a restore it has to be.
  const place = join(scratch.directory, 'place');
  await mkdir(place, { mode: 0o700 });
  await writeFile(join(place, 'secret.key'), 'a key', { mode: 0o600 });
  for (const path of [place, join(place, 'secret.key')]) await chown(path, uid, gid);
  const holder = scratch.start({ dataDir: place });
  await holder.opened;
  await holder.close();
  assert.equal(await readFile(join(place, 'secret.key'), 'utf8'), 'a key');

  const file = await scratch.start({ dataDir: join(photos, 'goose.jpg') }).refusal();
  assert.equal(file.code, 'EMBEDDED_PG_FOREIGN_DIRECTORY');

  const cluster = join(scratch.dataDir, 'pg');
  const notes = join(cluster, 'notes.txt');
  await mkdir(scratch.dataDir, { mode: 0o700 });
  await writeFile(join(scratch.dataDir, 'hongyan-data.txt'), 'id 1\n');
  await mkdir(cluster);
  await writeFile(notes, 'mine');
  for (const path of [scratch.dataDir, cluster]) await chown(path, uid, gid);
  assert.equal((await scratch.start().refusal()).code, 'EMBEDDED_PG_FOREIGN_DIRECTORY');
  assert.equal(await readFile(notes, 'utf8'), 'mine');
});

test('refuses a directory that may not be written, or that another user owns', { skip }, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  await chmod(scratch.directory, 0o555);
  assert.equal((await scratch.start().refusal()).code, 'EMBEDDED_PG_NOT_WRITABLE');
  assert.equal((await scratch.start({ dataDir: '/usr' }).refusal()).code, 'EMBEDDED_PG_WRONG_OWNER');
});

test('says that a disk is not mounted, or that nothing can be made there', { skip }, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const link = join(scratch.directory, 'disk');
  await symlink(join(scratch.directory, 'not-mounted'), link);
  for (const dataDir of [link, join(link, 'data')]) {
    const { code, message } = await scratch.start({ dataDir }).refusal();
    assert.equal(code, 'EMBEDDED_PG_NOT_WRITABLE');
    assert.match(message, /disk is a link to .*not-mounted, which is not there/);
  }
  assert.match((await scratch.start({ dataDir: '/proc/hongyan' }).refusal()).message, /takes no directories/);
});

test("refuses another version's cluster and leaves it as it was", { skip }, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const first = scratch.start();
  const { cluster } = await first.opened;
  await first.close();
  await writeFile(join(cluster, 'PG_VERSION'), '17\n');
  const { code, message } = await scratch.start().refusal();
  assert.equal(code, 'EMBEDDED_PG_OTHER_VERSION');
  assert.match(
    message,
    /17.*18.*backup with the version of Hongyan that made it, and restore that with this one/,
  );
  // As it will be when this version is the old one.
  await writeFile(join(cluster, 'PG_VERSION'), '19\n');
  assert.match(
    (await scratch.start().refusal()).message,
    /made by PostgreSQL 19, and this Hongyan brings 18/,
  );

  await writeFile(join(cluster, 'PG_VERSION'), '18\n');
  await rm(join(cluster, '..', 'pg-password'));
  assert.equal((await scratch.start().refusal()).code, 'EMBEDDED_PG_PASSWORD_LOST');
});

test('refuses a user id without an entry in /etc/passwd', { skip: skipUnlessRoot || skip }, async (t) => {
  const scratch = await makeScratch(t);
  const as = { uid: 54321, gid: 54321 };
  await chown(scratch.directory, as.uid, as.gid);
  const { code, message } = await scratch.start({ as }).refusal();
  assert.equal(code, 'EMBEDDED_PG_NO_PASSWD_ENTRY');
  assert.match(message, /54321/);
});

test('does not trust a socket directory that somebody else made', {
  skip: skipUnlessRoot || skip,
}, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const dataDir = join(scratch.directory, 'x'.repeat(120));
  const planted = `/tmp/hongyan-65534-${shortHash(dataDir)}`;
  await mkdir(planted, { mode: 0o700 });
  await chown(planted, 54321, 54321);
  t.after(async () => await rm(planted, { recursive: true, force: true }));
  assert.equal((await scratch.start({ dataDir }).refusal()).code, 'EMBEDDED_PG_UNSAFE_DIRECTORY');
});

async function mountSmallDisk(scratch: Scratch, directory: string, mebibytes: number): Promise<boolean> {
  await mkdir(directory);
  if (
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'none', directory]).status !== 0
  ) {
    return false;
  }
  scratch.beforeRemoval(() => spawnSync('umount', ['--lazy', directory]));
  return true;
}

test('says how much is free on a full disk, and starts once there is room', {
  skip: skipUnlessRoot,
}, async (t) => {
  const scratch = await makeScratch(t);
  const disk = join(scratch.directory, 'disk');
  if (!(await mountSmallDisk(scratch, disk, 200))) {
    t.skip('may not mount a small disk');
    return;
  }
  const systemDir = join(disk, 'system');
  const ballast = join(disk, 'ballast');
  await writeFile(ballast, Buffer.alloc(100 * 1024 * 1024));
  const atFirst = await scratch.start({ systemDir }).refusal();
  assert.equal(atFirst.code, 'DISK_FULL');
  assert.match(atFirst.message, /\d+ MB free.*needs 128 MB/);

  await rm(ballast);
  const holder = scratch.start({ systemDir });
  const { connection } = await holder.opened;
  await query(connection, 'CREATE TABLE kept AS SELECT 7 AS seven');
  await holder.close();

  // Twice the disk, so to its last byte, and never to that of the machine: so that the server cannot even write its pid file.
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k', 'count=6400']);
  const later = await scratch.start({ systemDir }).refusal();
  assert.equal(later.code, 'DISK_FULL');

  await rm(ballast);
  const again = scratch.start({ systemDir });
  assert.deepEqual(await query((await again.opened).connection, 'SELECT seven FROM kept'), [{ seven: 7 }]);
  await again.close();
});
