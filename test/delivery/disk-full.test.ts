import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { errorCode } from '../../src/base/errors.ts';
import type { Logger } from '../../src/base/logger.ts';
import { campaignReport } from '../../src/engine/campaigns/report.ts';
import { setRate } from '../../src/store/accounts/pace.ts';
import { findCampaign } from '../../src/store/campaigns/campaigns.ts';
import { recipientOutcomes } from '../../src/store/campaigns/outcomes.ts';
import { pidExists } from '../../src/store/embedded/processes.ts';
import { Cli, until, untilMoved } from '../support/cli.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import { type EmbeddedSite, makeEmbeddedSite, type OpenSite } from '../support/embedded/site.ts';
import { startWechat } from '../support/wechat.ts';

const planned = 4_000;

/** An embedded database on a real file system of so many MB, for whoever may mount one (root); null elsewhere. */
async function siteOnSmallDisk(t: TestContext, megabytes: number): Promise<EmbeddedSite | null> {
  const disk = await mkdtemp(join(tmpdir(), 'hongyan-disk-'));
  const options = `size=${megabytes}m,mode=711`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', disk]).status === 0;
  const site = mounted ? await makeEmbeddedSite(t, disk) : null;
  // After the site's own end: the server must be able to end.
  t.after(async () => {
    if (mounted) spawnSync('umount', ['--lazy', disk]);
    await rm(disk, { recursive: true, force: true });
  });
  return site;
}

/** Takes every byte that is left; not of the machine's own disk, should the small one be gone. */
async function fill(disk: string): Promise<void> {
  const file = await open(join(disk, 'filler'), 'a');
  try {
    let written = 0;
    for (let size = 1024 * 1024; size >= 4096; ) {
      assert.ok(written < 2 ** 29, 'that is not the small disk');
      try {
        const { bytesWritten } = await file.write(Buffer.alloc(size));
        written += bytesWritten;
        if (bytesWritten < size) size /= 2;
      } catch (error) {
        assert.equal(errorCode(error), 'ENOSPC');
        size /= 2;
      }
    }
  } finally {
    await file.close();
  }
}

/** Its next log segment finds no room, and PostgreSQL ends itself rather than lose a commit. */
async function endOnFullDisk(site: OpenSite): Promise<void> {
  const { pid } = site.postgres;
  await until('it has ended', async () => {
    await site.store.pool.query('select pg_switch_wal()').catch(() => {});
    return !pidExists(pid);
  });
}

for (const what of ['its tables', 'its log'] as const) {
  test(`a full disk costs nothing but time, and the database is started again if it had to stop (${what})`, async (t) => {
    const place = await siteOnSmallDisk(t, 256);
    if (place === null) {
      t.skip('may not mount a small disk');
      return;
    }
    const seen = new Set<string>();
    const see = (fields: object, message: string): void => {
      seen.add(message);
      if ('err' in fields) seen.add(errorCode(fields.err) ?? '');
      if ('code' in fields) seen.add(String(fields.code));
    };
    const logger: Logger = { debug() {}, info() {}, warn: see, error: see };
    const simulator = await startWechat({
      kind: 'miniprogram',
      followers: planned,
      creditsPerUser: 10,
      quotas: { '/cgi-bin/message/subscribe/send': null },
    });
    const account = simulator.account();
    const site = await place.open({ logger, answerTimeoutMs: 10_000 });
    const { pool } = site.store;
    await place.add(site.store, simulator, account, 500);
    const id = await insertCampaign(pool, account, 'mp-subscribe', planned, { chunkSize: 1000 });
    await site.work();
    await until('it is under way', async () => account.summary().accepted > 500);
    const { pid } = site.postgres;
    await fill(place.files);
    let last = -1;
    let since = performance.now();
    await until('sending has stopped', async () => {
      // Its next segment finds no room, and PostgreSQL ends itself rather than lose a commit.
      if (what === 'its log') await pool.query('select pg_switch_wal()').catch(() => {});
      const { accepted } = account.summary();
      if (accepted !== last) since = performance.now();
      last = accepted;
      const isSeen = what === 'its log' || seen.has('53100');
      return isSeen && performance.now() - since > 2_000;
    });
    assert.ok(last < planned, 'it went on without a record');
    if (what === 'its log') {
      await until('it is seen that the server cannot start', async () => seen.has('DISK_FULL'));
      await assert.rejects(pool.query('select 1'));
    }

    await rm(join(place.files, 'filler'));
    await untilMoved('the campaign is done', async () => {
      const state = (await findCampaign(pool, id).catch(() => null))?.state;
      return state === 'done' ? null : `${state}, ${account.summary().accepted} accepted`;
    });
    assert.equal(site.postgres.pid !== pid, what === 'its log', 'only one that ended is started again');
    // The process lived, so everything that WeChat answered was stored in the end.
    const report = await campaignReport(pool, id);
    assert.deepEqual([report.accepted, report.unknown, report.unsent, report.rejected], [planned, 0, 0, 0]);
    const outcomes = await recipientOutcomes(pool, id, 0, planned);
    assert.equal(outcomes.length, planned);
    for (const { no, openid, outcome } of outcomes)
      assert.deepEqual([outcome, account.receivedCount(openid)], ['accepted', 1], `no. ${no}`);
    await site.close();
  });
}

test('a push goes on when its full disk has room again, and meanwhile commands say what is the matter', async (t) => {
  const place = await siteOnSmallDisk(t, 256);
  if (place === null) {
    t.skip('may not mount a small disk');
    return;
  }
  const simulator = await startWechat({
    kind: 'miniprogram',
    followers: planned,
    creditsPerUser: 10,
    quotas: { '/cgi-bin/message/subscribe/send': null },
  });
  const account = simulator.account();
  // Made here, so that root's cluster lies on the small disk.
  const site = await place.open({ witness: false });
  await place.add(site.store, simulator, account, 500);
  const id = await insertCampaign(site.store.pool, account, 'mp-subscribe', planned, { chunkSize: 1000 });
  await site.store.pool.query("update campaigns set state = 'paused' where id = $1", [id]);
  const cli = new Cli({
    HONGYAN_DATA_DIR: join(place.files, 'data'),
    HONGYAN_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  try {
    // So slow that it is far from its end when somebody watches, however long a process takes to begin.
    await setRate(site.store.pool, account.appid, 50);
    const running = cli.start(['campaigns', 'resume', String(id)]);
    await until('it is under way', async () => account.summary().accepted > 50);
    const watching = cli.start(['campaigns', 'show', String(id), '--watch', '--json']);
    await watching.printed(/"accepted"/);
    await setRate(site.store.pool, account.appid, 500);
    const before = account.summary().accepted;
    await until('much goes out', async () => account.summary().accepted > before + 300);
    await fill(place.files);
    await endOnFullDisk(site);
    const watched = await watching.ended;
    assert.equal(watched.code, 1);
    assert.match(watched.stderr, /^error: the disk of .* is full.*\[DISK_FULL\]$/im);
    await running.printed(/The database cannot be reached\./);
    await running.printed(/cannot be started yet.*DISK_FULL/);
    assert.match(await cli.fails(1, ['campaigns', 'list']), /disk of .* is full.*\[DISK_FULL\]/i);
    await rm(join(place.files, 'filler'));
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /The database is back\./);
    assert.doesNotMatch(stderr, /^\s+at |unexpected error/m);
    assert.equal(account.summary().accepted, planned);
    for (let i = 0; i < planned; i++) assert.equal(account.receivedCount(account.openid(i)), 1);
  } finally {
    await cli.close();
  }
});

for (const what of ['its tables', 'its log'] as const) {
  test(`ctrl-C ends a push whose disk is full, and it names the disk (${what})`, async (t) => {
    const place = await siteOnSmallDisk(t, 256);
    if (place === null) {
      t.skip('may not mount a small disk');
      return;
    }
    const simulator = await startWechat({ kind: 'service', followers: planned });
    const account = simulator.account();
    const site = await place.open({ witness: false });
    await place.add(site.store, simulator, account, 500);
    const id = await insertCampaign(site.store.pool, account, 'oa-template', planned, { chunkSize: 1000 });
    await site.store.pool.query("update campaigns set state = 'paused' where id = $1", [id]);
    const cli = new Cli({
      HONGYAN_DATA_DIR: join(place.files, 'data'),
      HONGYAN_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    });
    try {
      const running = cli.start(['campaigns', 'resume', String(id)]);
      await until('it is under way', async () => account.summary().accepted > 500);
      await fill(place.files);
      if (what === 'its log') {
        await endOnFullDisk(site);
        await running.printed(/cannot be started yet.*DISK_FULL/);
      } else await running.printed(/outcomes could not be stored yet.*53100/);
      const { code, stdout, stderr } = await running.kill('SIGINT');
      assert.equal(code, 1, stderr);
      const words =
        what === 'its log'
          ? `\\[DISK_FULL\\]\n  make room, then run: hongyan campaigns resume ${id}\n`
          : // Some of it may find room after all.
            `(Parked\\.|\\[DISK_FULL\\]\n  make room, then run: hongyan campaigns resume ${id}\n|before everything could be stored)`;
      assert.match(stdout + stderr, new RegExp(words));
      assert.doesNotMatch(stderr, /^\s+at |unexpected error/m);
      await rm(join(place.files, 'filler'));
      const report = await cli.json(['campaigns', 'resume', String(id), '--json']);
      assert.deepEqual([report.state, report.accepted], ['done', planned]);
      for (let i = 0; i < planned; i++) assert.equal(account.receivedCount(account.openid(i)), 1);
    } finally {
      await cli.close();
    }
  });
}
