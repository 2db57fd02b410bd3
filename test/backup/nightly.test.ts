import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { conditionLimits } from '../../src/engine/alerts/kinds.ts';
import { lastTime, NightlyBackup } from '../../src/engine/backup/nightly.ts';
import { findConditions } from '../../src/store/alerts/conditions.ts';
import { openBackup } from '../../src/store/backup/file.ts';
import { type BackupState, backupState } from '../../src/store/backup/nightly.ts';
import { measureInstallation } from '../../src/store/metrics/installation.ts';
import { makeSite, type Site } from '../support/campaign.ts';
import { lastJson, until } from '../support/cli.ts';

/** What the directory holds, oldest first. */
async function filesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort();
}

async function prefixOf(site: Site): Promise<string> {
  const { rows } = await site.store.pool.query<{ uuid: string }>('select uuid from installation');
  return `hongyan-${rows[0]?.uuid.slice(0, 8)}-`;
}

async function measure(site: Site, name: string): Promise<number | undefined> {
  return (await measureInstallation(site.store.pool)).find((one) => one.name === name)?.value;
}

async function untilState(
  site: Site,
  what: string,
  holds: (state: BackupState) => boolean,
): Promise<BackupState> {
  return await until(what, async () => {
    const state = await backupState(site.store.pool);
    return holds(state) && state;
  });
}

/** Keeps the dump waiting at one of its tables, until it is let go. */
async function holdDump(site: Site): Promise<() => Promise<void>> {
  const client = await site.store.pool.connect();
  await client.query('begin');
  // For however long a process takes to begin.
  await client.query('set local idle_in_transaction_session_timeout = 0');
  await client.query('lock table suppressions in access exclusive mode');
  let isHeld = true;
  return async () => {
    if (!isHeld) return;
    isHeld = false;
    await client.query('rollback');
    client.release();
  };
}

/** Half a day away: no second one is due while a test runs. */
const farAway = new Date(Date.now() + 43_200_000).toLocaleTimeString('sv-SE').slice(0, 5);

function nightly(site: Site, directory: string, keep: number, now: () => Date, at = '03:30'): NightlyBackup {
  const { store } = site;
  return new NightlyBackup({ store, logger: silentLogger, version: 'test', now }, { directory, at, keep });
}

const day = 86_400_000;

test('the last time of day is found over midnight', () => {
  const at = (text: string): Date => new Date(`2026-11-27T${text}`);
  assert.deepEqual(lastTime('03:30', at('03:30:00')), at('03:30:00'));
  assert.deepEqual(lastTime('03:30', at('23:59:00')), at('03:30:00'));
  assert.deepEqual(lastTime('03:30', at('03:29:59')), new Date('2026-11-26T03:30:00'));
});

test('a node makes a backup of the day, once for all nodes, and doctor and metrics say so', async () => {
  const site = await makeSite();
  const directory = join(site.directory, 'backups');
  const env = { HONGYAN_BACKUP_DIR: directory, HONGYAN_BACKUP_AT: farAway };
  assert.match(await site.cli.ok(['doctor']), /backup: none is set up/);
  assert.equal(await measure(site, 'backup_age_seconds'), undefined);
  const nodes = [site.cli.start(['serve'], { env }), site.cli.start(['worker'], { env })];
  const { done } = await untilState(site, 'it is made', (state) => state.done !== null);
  await Promise.all(nodes.map((node) => node.printed(/"node started"/)));
  await Promise.all(nodes.map((node) => node.kill('SIGTERM')));
  const [name, ...others] = await filesIn(directory);
  assert.deepEqual(others, []);
  assert.equal(join(directory, name ?? ''), done?.path);
  assert.equal((await stat(done?.path ?? '')).size, done?.bytes);
  assert.equal((await stat(done?.path ?? '')).mode & 0o777, 0o600);
  const file = await openBackup(done?.path ?? '');
  assert.equal(file.manifest.key, null);
  file.close();
  assert.match(await site.cli.ok(['doctor']), /backup: the newest is .*backups\/hongyan-/);
  const { findings } = lastJson(await site.cli.ok(['doctor', '--json'])) as {
    findings: { check: string; ok: boolean }[];
  };
  assert.equal(findings.find(({ check }) => check === 'backup')?.ok, true);
  assert.ok(((await measure(site, 'backup_age_seconds')) ?? 1e9) < 600);
  assert.equal(await measure(site, 'backup_failed'), 0);
});

test('a node that saw one due, and comes to the lock when another has made it, makes no second one', async () => {
  const site = await makeSite();
  const now = (): Date => new Date('2026-11-27T12:00:00');
  const arrived = Promise.withResolvers<void>();
  const letIn = Promise.withResolvers<void>();
  const { pool } = site.store;
  /** What asks for a connection of its own, as the lock does, waits for the other node. */
  const heldPool = new Proxy(pool, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key !== 'connect') return typeof value === 'function' ? value.bind(target) : value;
      return async () => {
        arrived.resolve();
        await letIn.promise;
        return await target.connect();
      };
    },
  });
  const late = nightly(
    { ...site, store: { ...site.store, pool: heldPool } },
    join(site.directory, 'late'),
    2,
    now,
  );
  const early = nightly(site, join(site.directory, 'early'), 2, now);
  try {
    late.start(3_600_000);
    await arrived.promise;
    early.start(3_600_000);
    await untilState(site, 'it is made', (state) => state.done !== null);
  } finally {
    letIn.resolve();
    await Promise.all([early.close(), late.close()]);
  }
  assert.equal((await filesIn(join(site.directory, 'early'))).length, 1);
  assert.deepEqual(await filesIn(join(site.directory, 'late')), []);
  const { rows } = await pool.query('select path from backups');
  assert.equal(rows.length, 1);
});

test('so many backups are kept, and nothing of others is touched', async () => {
  const site = await makeSite();
  const directory = join(site.directory, 'kept');
  await mkdir(directory);
  const prefix = await prefixOf(site);
  const own = [`${prefix}20200101T000000Z.zip`, `${prefix}20200102T000000Z.zip`];
  const foreign = ['hongyan-00000000-20200101T000000Z.zip', 'hongyan-before-update.zip', `${prefix}mine.zip`];
  for (const name of [...own, ...foreign]) await writeFile(join(directory, name), 'x');
  let now = new Date('2026-11-27T12:00:00');
  const backup = nightly(site, directory, 2, () => now);
  let newest = '';
  try {
    backup.start(10);
    await untilState(site, 'the first day', (state) => state.done !== null);
    const first = await until('the oldest is gone', async () => {
      const names = await filesIn(directory);
      return !names.includes(own[0] ?? '') && names;
    });
    assert.ok(first.includes(own[1] ?? ''));
    now = new Date(now.getTime() + day);
    const { done } = await untilState(
      site,
      'the second day',
      (state) => (state.done?.dueAt ?? 0) > new Date('2026-11-28T00:00:00'),
    );
    await until('the next oldest is gone', async () => !(await filesIn(directory)).includes(own[1] ?? ''));
    newest = basename(done?.path ?? '');
  } finally {
    await backup.close();
  }
  const names = await filesIn(directory);
  assert.equal(names.length, foreign.length + 2);
  for (const name of foreign) assert.ok(names.includes(name), name);
  assert.ok(names.includes(newest));
});

test('a node that is killed in the middle leaves no backup that looks whole, and the next one makes it', async () => {
  const site = await makeSite();
  const directory = join(site.directory, 'killed');
  const env = { HONGYAN_BACKUP_DIR: directory, HONGYAN_BACKUP_AT: farAway };
  const letGo = await holdDump(site);
  const first = site.cli.start(['worker'], { env });
  await until('it is in the middle', async () => (await filesIn(directory)).length > 0);
  await first.kill('SIGKILL');
  assert.match((await filesIn(directory)).join(), /^[^,]*\.zip\.partial$/);
  await letGo();
  const second = site.cli.start(['worker'], { env });
  await untilState(site, 'the next one makes it', (state) => state.done !== null);
  await second.printed(/"node started"/);
  assert.equal((await second.kill('SIGTERM')).code, 0);
  const names = await filesIn(directory);
  assert.equal(names.length, 1);
  assert.match(names.join(), /\.zip$/);
  const { rows } = await site.store.pool.query('select code from backups order by id');
  assert.deepEqual(rows, [{ code: 'INTERRUPTED' }, { code: null }]);
});

test('a stop in the middle ends the backup, and does not wait for it', async () => {
  const site = await makeSite();
  const directory = join(site.directory, 'stopped');
  const letGo = await holdDump(site);
  try {
    const node = site.cli.start(['worker'], {
      env: { HONGYAN_BACKUP_DIR: directory, HONGYAN_BACKUP_AT: farAway },
    });
    await until('it is in the middle', async () => (await filesIn(directory)).length > 0);
    await node.printed(/"node started"/);
    assert.equal((await node.kill('SIGTERM')).code, 0);
  } finally {
    await letGo();
  }
  assert.deepEqual(await filesIn(directory), []);
  assert.equal((await backupState(site.store.pool)).failed?.code, 'INTERRUPTED');
});

test('a full disk: the failure is seen, what is there stays, and it is tried again', async (t) => {
  const disk = await mkdtemp(join(tmpdir(), 'hongyan-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]).status !== 0) {
    await rm(disk, { recursive: true });
    t.skip('may not mount a small disk');
    return;
  }
  t.after(async () => {
    spawnSync('umount', ['--lazy', disk]);
    await rm(disk, { recursive: true, force: true });
  });
  const site = await makeSite();
  const old = join(disk, `${await prefixOf(site)}20200101T000000Z.zip`);
  await writeFile(old, Buffer.alloc(60 * 1024));
  let now = new Date();
  const backup = nightly(site, disk, 1, () => now, farAway);
  try {
    backup.start(10);
    const { failed, done } = await untilState(site, 'it has failed', (state) => state.failed !== null);
    assert.equal(failed?.code, 'ENOSPC');
    assert.equal(done, null);
    assert.deepEqual(await filesIn(disk), [basename(old)]);
    assert.equal(await measure(site, 'backup_failed'), 1);
    const wrong = await findConditions(site.store.pool, conditionLimits);
    assert.deepEqual(
      wrong.filter(({ kind }) => kind === 'backup-failed').map(({ details }) => details.code),
      ['ENOSPC'],
    );
    assert.match((await site.cli.run(['doctor'])).stdout, /backup: .* failed at .*ENOSPC/);
    spawnSync('mount', ['-o', 'remount,size=4m', disk]);
    now = new Date(now.getTime() + 16 * 60_000);
    await untilState(site, 'it is made', (state) => state.done !== null && state.failed === null);
    await until('the old one is gone', async () => (await filesIn(disk)).length === 1);
    const left = await findConditions(site.store.pool, conditionLimits);
    assert.ok(!left.some(({ kind }) => kind.startsWith('backup-')));
  } finally {
    await backup.close();
  }
});
