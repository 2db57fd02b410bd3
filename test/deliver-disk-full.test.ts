import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { errorCode } from '../src/base/errors.ts';
import type { Logger } from '../src/base/logger.ts';
import { campaignReport } from '../src/engine/report.ts';
import { findCampaign } from '../src/store/campaigns.ts';
import { recipientOutcomes } from '../src/store/outcomes.ts';
import { until } from './support/cli.ts';
import { insertCampaign } from './support/deliver.ts';
import { type EmbeddedSite, makeEmbeddedSite } from './support/embedded-site.ts';
import { startWechat } from './support/wechat.ts';

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
      return performance.now() - since > 2_000;
    });
    assert.ok(last < planned, 'it went on without a record');
    if (what === 'its tables') assert.ok(seen.has('53100'), [...seen].join());
    else {
      await until('it is seen that the server cannot start', async () => seen.has('EMBEDDED_PG_DISK_FULL'));
      await assert.rejects(pool.query('select 1'));
    }

    await rm(join(place.files, 'filler'));
    await until('the campaign is done', async () => {
      const campaign = await findCampaign(pool, id).catch(() => null);
      return campaign?.state === 'done';
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
