import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { SimulatedAccount } from '../../src/simulator/index.ts';
import { openEmbeddedPostgres } from '../../src/store/embedded/open.ts';
import { type ExportedRecipient, makeSite, ndjson, type Site } from '../support/campaign.ts';
import { Cli, type RunningCli, until } from '../support/cli.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

// A database for each test: one's push would deliver the other's campaign too.
const [parkedSite, killedSite, miniSite, cutSite] = await Promise.all([
  makeSite(),
  makeSite(),
  makeSite(),
  makeSite(),
]);
const people = 1_500;
const all = people.toLocaleString('en');
const wechat = await startWechat({
  followers: people,
  latencyMs: 40,
  creditsPerUser: 2,
  accounts: [
    { kind: 'service' },
    { kind: 'service' },
    { kind: 'miniprogram' },
    { kind: 'service' },
    { kind: 'service' },
  ],
});
const [parked, killed, mini, cut, embedded] = wechat.accounts;
assert.ok(parked && killed && mini && cut && embedded);

before(async () => {
  for (const [site, account] of [
    [parkedSite, parked],
    [killedSite, killed],
    [miniSite, mini],
    [cutSite, cut],
  ] as const) {
    await site.add(wechat, account);
    // So that a campaign is in the middle for a while.
    await site.cli.ok(['rate', account.appid, '500']);
  }
});

async function push(
  site: Pick<Site, 'file'>,
  account: SimulatedAccount,
  channel: string,
  message: string[],
): Promise<string[]> {
  const openids = Array.from({ length: account.followers }, (_, i) => account.openid(i));
  const file = await site.file(`${account.appid}.txt`, openids.join('\n'));
  return ['push', '--account', account.appid, '--channel', channel, ...message, '--to', `@${file}`, '--yes'];
}

function tutorial(account: SimulatedAccount): string[] {
  return ['--template', templateOf(account, '消息通知'), ...tutorialData];
}

/** Waits until so many were accepted, with the campaign far from its end. */
async function inTheMiddle(account: SimulatedAccount, running: RunningCli): Promise<string> {
  const id = (await running.printed(/Campaign (\d+) /))[1];
  await until('some are accepted', async () => account.summary().accepted > 200);
  assert.ok(account.summary().accepted < account.followers, 'it is not at its end yet');
  assert.ok(id !== undefined);
  return id;
}

async function exported(site: Site, id: string): Promise<ExportedRecipient[]> {
  return ndjson(await site.cli.ok(['campaigns', 'export', id, '--format', 'ndjson']));
}

describe('a campaign that is stopped in the middle', { concurrency: 2 }, () => {
  test('ctrl-C parks it and says how to go on; resuming finishes it, nobody twice, nobody forgotten', async () => {
    const running = parkedSite.cli.start(await push(parkedSite, parked, 'oa-template', tutorial(parked)));
    const id = await inTheMiddle(parked, running);
    const { code, stdout, stderr } = await running.kill('SIGINT');
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`Parked\\. Resume with: hongyan campaigns resume ${id}\\n$`));
    assert.doesNotMatch(stdout + stderr, /unexpected|^\s+at /m);
    const shown = await parkedSite.cli.ok(['campaigns', 'show', id]);
    assert.match(shown, /· paused/);
    const before = await parkedSite.cli.json(['campaigns', 'show', id, '--json']);
    assert.equal(before.accepted, parked.summary().accepted, 'everything in flight was waited for');
    assert.ok(Number(before.unsent) > 0);
    assert.equal(before.unknown, 0);

    const report = await parkedSite.cli.json(['campaigns', 'resume', id, '--json']);
    assert.deepEqual([report.state, report.accepted, report.unsent], ['done', people, 0]);
    const seen = await received(wechat, parked.appid);
    assert.deepEqual([seen.size, Math.max(...seen.values())], [people, 1]);
  });

  test('kill -9: a keyed channel is finished with nobody twice', async () => {
    const running = killedSite.cli.start(await push(killedSite, killed, 'oa-template', tutorial(killed)));
    const id = await inTheMiddle(killed, running);
    await running.kill('SIGKILL');
    const shown = await killedSite.cli.ok(['campaigns', 'show', id]);
    assert.match(shown, new RegExp(`Nobody is sending it.*hongyan campaigns resume ${id}`));

    const report = await killedSite.cli.json(['campaigns', 'resume', id, '--json']);
    assert.deepEqual([report.state, report.accepted, report.unknown, report.unsent], ['done', people, 0, 0]);
    const seen = await received(wechat, killed.appid);
    assert.deepEqual([seen.size, Math.max(...seen.values())], [people, 1]);
    assert.ok((await exported(killedSite, id)).every((row) => row.outcome === 'accepted'));
  });

  test('kill -9: elsewhere those in doubt stay unknown and are never sent again', async () => {
    const message = [
      ...['--template', templateOf(mini, '订单发货通知'), '--data', 'character_string1=SF-1'],
      ...['--data', 'thing2=毛笔', '--data', 'time3=2026-11-22 12:00', '--data', 'name4=张三'],
    ];
    const running = miniSite.cli.start(await push(miniSite, mini, 'mp-subscribe', message));
    const id = await inTheMiddle(mini, running);
    await running.kill('SIGKILL');

    const report = await miniSite.cli.json(['campaigns', 'resume', id, '--json']);
    const { state, accepted, rejected, unknown, unsent } = report;
    assert.deepEqual([state, rejected, unsent], ['done', 0, 0]);
    assert.equal(Number(accepted) + Number(unknown), people);
    assert.ok(Number(unknown) > 0, 'messages in flight at the kill are in doubt');
    assert.ok(Number(unknown) <= people / 4, `only those are: ${unknown}`);
    assert.deepEqual(report.byUnknown, { crash: unknown });
    const seen = await received(wechat, mini.appid);
    assert.equal(Math.max(...seen.values()), 1, 'nobody was messaged twice');
    for (const row of await exported(miniSite, id)) {
      if (row.outcome === 'accepted') assert.equal(seen.get(row.openid), 1, row.openid);
    }
  });

  test('a database that cuts every connection: the push goes on by itself', async () => {
    const running = cutSite.cli.start(await push(cutSite, cut, 'oa-template', tutorial(cut)));
    await inTheMiddle(cut, running);
    await cutSite.store.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'hongyan%' and pid <> pg_backend_pid()`,
    );
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`accepted by WeChat +${all}`));
    assert.match(stderr, /warning: .*connection broke/);
    const seen = await received(wechat, cut.appid);
    assert.deepEqual([seen.size, Math.max(...seen.values())], [people, 1]);
  });

  test('an embedded database that is killed comes back, and the push that reads, plans or sends goes on', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hongyan-gone-'));
    // Run by root, the database's own user must get through to its part.
    await chmod(directory, 0o755);
    const dataDir = join(directory, 'data');
    const cli = new Cli({ HONGYAN_DATA_DIR: dataDir });
    const systemDir = join(directory, 'system');
    try {
      // Made here, so that root's cluster lies in this directory and not in the system's.
      await (await openEmbeddedPostgres({ dataDir, systemDir })).close();
      const secret = join(directory, 'secret.txt');
      await writeFile(secret, embedded.secret);
      const { appid } = embedded;
      const account = ['--appid', appid, '--kind', 'service', '--base-url', wechat.url];
      await cli.ok(['accounts', 'add', ...account, '--secret-file', secret]);
      assert.equal((await stat(join(dataDir, 'secret.key'))).mode & 0o777, 0o600);
      await cli.ok(['rate', appid, '500']);
      const home = await readFile(join(dataDir, 'pg-location.json'), 'utf8').then(
        (text): string => JSON.parse(text).home,
        () => dataDir,
      );
      const kill = async (): Promise<void> => {
        const pidFile = await readFile(join(home, 'pg', 'postmaster.pid'), 'utf8');
        process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
      };

      // Some now and the rest later, so that it is killed between two pages of reading.
      const openids = Array.from({ length: embedded.followers }, (_, i) => embedded.openid(i));
      const args = await push({ file: async () => '-' }, embedded, 'oa-template', tutorial(embedded));
      const bulk = Array.from({ length: 30_000 }, (_, i) => openids[i % 100]);
      const running = cli.start([...args.slice(0, -2), '-', '--yes', '--dedupe', 'openid'], {
        input: `${bulk.join('\n')}\n`,
        holdInput: true,
      });
      const id = await until('a page is stored', async () => {
        const list: { id: number; state: string; audienceCount: number }[] = JSON.parse(
          await cli.ok(['campaigns', 'list', '--json']),
        );
        return list.find((one) => one.state === 'staging' && one.audienceCount > 0)?.id;
      });
      await kill();
      running.child.stdin?.end(`${openids.join('\n')}\n`);
      await running.printed(/The database cannot be reached\..*goes on/);
      await running.printed(/The database is back\./);
      // And once more while it sends.
      await until('some are accepted', async () => embedded.summary().accepted > 200);
      assert.ok(embedded.summary().accepted < embedded.followers, 'it is not at its end yet');
      await kill();
      const { code, stdout, stderr } = await running.ended;
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, new RegExp(`accepted by WeChat +${all}`));
      assert.doesNotMatch(stderr, /^\s+at |unexpected error/m);
      const report = await cli.json(['campaigns', 'show', String(id), '--json']);
      assert.deepEqual([report.audience, report.planned, report.unknown], [30_000 + people, people, 0]);
      const seen = await received(wechat, appid);
      assert.deepEqual([seen.size, Math.max(...seen.values())], [people, 1]);
    } finally {
      await cli.close();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
