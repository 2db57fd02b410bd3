import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { setBaseUrl } from '../support/campaign.ts';
import { Cli, untilMoved } from '../support/cli.ts';
import { openOwnCluster } from '../support/embedded/own-cluster.ts';
import { dumpSchema } from '../support/house/schema-dump.ts';
import { createTestDatabase, databaseUrl } from '../support/postgres.ts';
import {
  knownReleases,
  type Release,
  readRelease,
  releaseKey,
  releases,
  releaseWechat,
  unpackCluster,
} from '../support/releases/release.ts';
import { received, startWechat } from '../support/wechat.ts';

const sealer = createSealer(parseSecretKey(releaseKey));
const versions = await knownReleases();

interface Opened {
  release: Release;
  wechat: Simulator;
  store: Store;
  cli: Cli;
}

/** WeChat drops repeats for ten minutes, and so long a message that may have arrived is sent again; this WeChat knows of none. */
const isOldEnough = ({ madeAt }: Release): boolean => Date.now() - Date.parse(madeAt) > 10 * 60_000;

/** The same WeChat, which has moved, and whose memory of what it was sent is gone. */
async function open(t: TestContext, release: Release, url: string, directory: string): Promise<Opened> {
  const wechat = await startWechat(releaseWechat);
  const cli = new Cli({
    HONGYAN_DATABASE_URL: url,
    HONGYAN_SECRET_KEY: releaseKey,
    HONGYAN_DATA_DIR: join(directory, 'data'),
    HONGYAN_STATE_DIR: join(directory, 'state'),
  });
  const store = await openStore({ connection: { connectionString: url }, sealer, logger: silentLogger });
  t.after(async () => {
    await cli.close();
    await store.close();
  });
  // The secrets are read with the key of then, and sealed for the new address.
  for (const appid of release.appids) await setBaseUrl({ store }, appid, wechat.url);
  await store.pool.query('update accounts set rate_per_s = 1000');
  await store.pool.query('update account_tokens set expires_at = null, token_sealed = null');
  return { release, wechat, store, cli };
}

/** Whoever had the message then has no other one now, and everybody else has one, or is named. */
async function assertGoesOn({ release, wechat, store, cli }: Opened, isPaused = false): Promise<void> {
  const serve = cli.start(['serve']);
  await serve.printed(/"node started"/);
  if (isPaused) for (const { id } of release.running) await cli.ok(['campaigns', 'resume', String(id)]);
  for (const { id, appid, planned, received: before } of release.running) {
    await untilMoved(`campaign ${id} is over`, async () => {
      const { rows } = await store.pool.query<{ state: string; done: number }>(
        `select state, (select sum(accepted + rejected + unknown)::int from chunks where campaign_id = $1) as done
           from campaigns where id = $1`,
        [id],
      );
      return rows[0]?.state === 'done' ? null : JSON.stringify(rows[0]);
    });
    const now = await received(wechat, appid);
    for (const openid of before) assert.equal(now.get(openid), undefined, `${openid} got it again`);
    for (const [openid, count] of now) assert.equal(count, 1, openid);
    const { accepted, unknown } = (await cli.json(['campaigns', 'show', String(id), '--json'])) as {
      accepted: number;
      unknown: number;
    };
    assert.equal(accepted + unknown, planned);
    assert.ok(before.length + now.size >= planned - unknown, 'nobody is forgotten');
  }
  assert.equal((await serve.kill('SIGTERM')).code, 0);
}

async function assertReports({ release, cli }: Opened): Promise<void> {
  for (const { id, report } of release.over) {
    const now = await cli.json(['campaigns', 'show', String(id), '--json']);
    // A later version may say more.
    const same = Object.fromEntries(Object.keys(report).map((key) => [key, now[key]]));
    assert.deepEqual(withoutShare(same), withoutShare(report));
  }
}

/** At which share of its rate the account sends now: the one value of a report that time changes. */
function withoutShare({ receipts, ...report }: Record<string, unknown>): Record<string, unknown> {
  return { ...report, receipts: { ...(receipts as object), share: null } }; // a report's receipts are an object
}

test('there is a fixture of this version, or of one before it', () => {
  assert.ok(versions.length > 0);
});

for (const version of versions) {
  test(`what a release left is upgraded where it lies, and its campaigns go on (${version})`, async (t) => {
    const release = await readRelease(version);
    assert.ok(isOldEnough(release), 'ten minutes after it was written');
    const { cluster, directory } = await openOwnCluster(t, release.password, (place) =>
      unpackCluster(version, place),
    );
    const opened = await open(t, release, databaseUrl(cluster.connection), directory);
    const parts = /^create table \w+ partition of .* FOR VALUES .*;\n(?:comment on table .*\n)*\n/gm;
    const fresh = await readFile(new URL('../../sql/schema.sql', import.meta.url), 'utf8');
    assert.equal((await dumpSchema(opened.store.pool)).replace(parts, ''), fresh, 'as of an empty database');
    await assertReports(opened);
    await assertGoesOn(opened);
    await opened.cli.close();
    await opened.store.close();
  });

  test(`the backup of a release is restored, its campaigns paused, and then go on (${version})`, async (t) => {
    const release = await readRelease(version);
    assert.ok(isOldEnough(release), 'ten minutes after it was written');
    const database = await createTestDatabase();
    const pool = createPool({ ...database.connection }, { max: 1 });
    after(() => pool.end());
    const env = { HONGYAN_SECRET_KEY: releaseKey, HONGYAN_DATABASE_URL: database.url };
    const restoring = new Cli(env);
    await restoring.ok(['restore', join(releases, version, 'backup.zip')]);
    await restoring.close();
    const directory = await mkdtemp(join(tmpdir(), 'hongyan-release-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const opened = await open(t, release, database.url, directory);
    await assertReports(opened);
    for (const { id } of release.running) {
      const { rows } = await opened.store.pool.query(
        'select state, state_reason from campaigns where id = $1',
        [id],
      );
      assert.deepEqual(rows, [{ state: 'paused', state_reason: 'restored' }]);
    }
    await assertGoesOn(opened, true);
  });
}
