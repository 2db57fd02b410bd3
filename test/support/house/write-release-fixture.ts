/**
 * `npm run fixture:release -- VERSION`: writes down what an installation of this version leaves behind, for the test that opens what each
 * release left. Once for each release, just before it; a fixture of a released version is never written again.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '../../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../../src/base/seal.ts';
import { startSimulator } from '../../../src/simulator/index.ts';
import { saveAccount } from '../../../src/store/accounts/accounts.ts';
import { newestMigration } from '../../../src/store/database/migrate.ts';
import { saveCallback } from '../../../src/store/events/callbacks.ts';
import { openStore } from '../../../src/store/store.ts';
import { Cli } from '../cli.ts';
import { makeOwnCluster } from '../embedded/own-cluster.ts';
import { databaseUrl } from '../postgres.ts';
import { Gate } from '../receipts/receipt-scene.ts';
import { live } from '../releases/past.ts';
import { packCluster, type Release, releaseKey, releases, releaseWechat } from '../releases/release.ts';

const [version] = process.argv.slice(2);
if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version))
  throw new Error('npm run fixture:release -- VERSION');
const ends: (() => unknown)[] = [];
const { cluster, directory } = await makeOwnCluster({
  after: (end) => void (end !== undefined && ends.push(end as () => unknown)), // it needs no context
});
const place = join(releases, version);
const next = `${place}.new`;
try {
  const sealer = createSealer(parseSecretKey(releaseKey));
  const gate = await new Gate().listen();
  ends.push(() => gate.close());
  const wechat = await startSimulator({
    ...releaseWechat,
    callback: { url: `${gate.url}/callback/{appid}`, mode: 'secure', verify: false },
  });
  ends.push(() => wechat.close());
  const cli = new Cli({
    HONGYAN_DATABASE_URL: databaseUrl(cluster.connection),
    HONGYAN_SECRET_KEY: releaseKey,
    HONGYAN_DATA_DIR: join(directory, 'data'),
    HONGYAN_STATE_DIR: join(directory, 'state'),
    HONGYAN_WEBHOOK_ALLOW: '127.0.0.1',
  });
  const store = await openStore({ connection: { ...cluster.connection }, sealer, logger: silentLogger });
  const appids = wechat.accounts.map(({ appid }) => appid);
  for (const appid of appids) {
    const { kind, secret, events } = wechat.account(appid);
    await saveAccount(store.pool, sealer, {
      ...{ appid, kind, name: '示例', tokenSource: 'secret', secret, baseUrl: wechat.url, proxy: null },
      ratePerS: 1_000,
    });
    if (events.callback !== undefined)
      await saveCallback(store.pool, sealer, {
        ...{ appid, token: events.callback.token, aesKey: events.callback.encodingAESKey, mode: 'secure' },
        ...{ previousToken: null, previousTokenUntil: null, previousAesKey: null, previousAesKeyUntil: null },
        ...{
          format: 'xml',
          publicUrl: gate.url,
          forwardTo: null,
          reply: 'none',
          unsignedFrom: [],
          exclusive: false,
        },
      });
  }
  const [service, mini] = appids.map((appid) => wechat.account(appid));
  if (service === undefined || mini === undefined) throw new Error('two accounts');
  const past = await live({ cli, store, gate, wechat, service, mini, directory });
  const { rows } = await store.pool.query<{ name: string; n: string }>(
    `select relname as name, (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I', relname), false, true, '')))[1]::text as n
       from pg_class where relnamespace = 'hongyan'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  await rm(next, { recursive: true, force: true });
  await mkdir(next, { recursive: true });
  await cli.ok(['backup', join(next, 'backup.zip')]);
  await cli.close();
  await store.close();
  // What is left of the log behind this is only zeros, and small when packed.
  await cluster.query('select pg_switch_wal()');
  await cluster.query('checkpoint');
  const [log] = await cluster.query('select pg_walfile_name(pg_current_wal_lsn()) as name');
  await cluster.stop();
  for (const name of await readdir(join(cluster.files, 'pg_wal')))
    if (/^[0-9A-F]{24}$/.test(name) && name !== log?.name) await rm(join(cluster.files, 'pg_wal', name));
  const about: Release = {
    madeAt: new Date().toISOString(),
    ...{ version, migration: await newestMigration(), appids, ...past },
    major: (await readFile(join(cluster.files, 'PG_VERSION'), 'utf8')).trim(),
    password: cluster.connection.password,
  };
  const packed = await packCluster(cluster.files);
  await writeFile(join(next, 'cluster.tar.zst'), packed);
  await writeFile(join(next, 'about.json'), `${JSON.stringify(about, null, 1)}\n`);
  await rm(place, { recursive: true, force: true });
  await rename(next, place);
  const empty = rows.filter(({ n }) => n === '0').map(({ name }) => name);
  console.log(`${place}: ${(packed.length / 1e6).toFixed(1)} MB. Nothing is in: ${empty.join(', ')}`);
} finally {
  for (const end of ends.reverse()) await end();
}
