import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setRate } from '../../src/store/accounts/pace.ts';
import { liveNodes } from '../../src/store/database/nodes.ts';
import { makeSite, type Site } from '../support/campaign.ts';
import { RunningCli, until } from '../support/cli.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import { received, startWechat } from '../support/wechat.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The program of tomorrow: this one, in a directory of its own, with one more migration. */
async function laterVersion(t: TestContext, name: string, sql: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-later-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  for (const part of ['bin', 'src', 'sql', 'package.json'])
    await cp(join(root, part), join(directory, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  await writeFile(join(directory, 'sql', name), sql);
  return directory;
}

function startLater(t: TestContext, site: Site, directory: string): RunningCli {
  const child: ChildProcess = spawn(process.execPath, [join(directory, 'bin', 'hongyan.js'), 'serve'], {
    env: site.cli.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  return new RunningCli(child);
}

const columns = `alter table campaigns add column colour text;
alter table chunks add column weight integer not null default 1;
create table colours (appid text primary key, colour text not null);
`;

test('a node of the next version joins one that delivers, and then takes over from it: nobody twice, nobody forgotten', async (t) => {
  const followers = 3_000;
  const wechat = await startWechat({ kind: 'service', followers, latencyMs: 5 });
  const account = wechat.account();
  const site = await makeSite();
  await site.add(wechat, account);
  const { pool } = site.store;
  // Far from its end, however long a process takes to begin.
  await setRate(pool, account.appid, 30);
  const older = site.cli.start(['serve']);
  await older.printed(/"node started"/);
  const id = await insertCampaign(pool, account, 'oa-template', followers, { chunkSize: 100 });
  const got = async (): Promise<number> => (await received(wechat, account.appid)).size;
  await until('the older one delivers', async () => (await got()) > 50);

  const next = startLater(t, site, await laterVersion(t, '9000_colours.sql', columns));
  await next.printed(/"node started"/);
  const joined = await got();
  assert.ok(joined < followers, 'it came while the campaign ran');
  await until('both are there', async () => (await liveNodes(pool)).length === 2);
  const { rows } = await pool.query('select number from schema_migrations where number = 9000');
  assert.equal(rows.length, 1, 'the next version has changed the schema');
  const beside = await got();
  await until('messages go out from both', async () => {
    const owners = await pool.query('select distinct owner from chunks where owner is not null');
    return owners.rows.length === 2 && (await got()) > beside + 50;
  });
  assert.ok((await got()) < followers, 'the older one leaves in the middle');
  const left = await older.kill('SIGTERM');
  assert.equal(left.code, 0, left.stderr);

  await setRate(pool, account.appid, 3_000);
  await until('the campaign is over', async () => {
    const found = await pool.query('select state from campaigns where id = $1', [id]);
    return found.rows[0]?.state === 'done';
  });
  const all = await received(wechat, account.appid);
  assert.equal(all.size, followers);
  assert.deepEqual([...new Set(all.values())], [1]);
  // And one more of the older version still starts beside it.
  const again = site.cli.start(['serve']);
  await again.printed(/"node started"/);
  assert.equal((await again.kill('SIGTERM')).code, 0);
  assert.equal((await next.kill('SIGTERM')).code, 0);
});

test('a version that would break a node that is alive does not start, and changes nothing', async (t) => {
  const site = await makeSite();
  const { pool } = site.store;
  const older = site.cli.start(['serve']);
  await older.printed(/"node started"/);
  const directory = await laterVersion(t, '9001_breaks.sql', `-- breaking\n${columns}`);
  const refused = await startLater(t, site, directory).ended;
  assert.equal(refused.code, 1);
  assert.match(refused.stderr + refused.stdout, /9001_breaks\.sql.*\[SCHEMA_IN_USE\]\s+stop these first/s);
  const { rows } = await pool.query("select to_regclass('hongyan.colours') as t");
  assert.equal(rows[0]?.t, null);
  assert.equal((await older.kill('SIGTERM')).code, 0);

  const next = startLater(t, site, directory);
  await next.printed(/"node started"/);
  const late = await site.cli.start(['serve']).ended;
  assert.equal(late.code, 1);
  assert.match(late.stderr + late.stdout, /\[SCHEMA_TOO_NEW\]/);
  assert.equal((await next.kill('SIGTERM')).code, 0);
});
