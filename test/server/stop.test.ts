import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { listCampaigns } from '../../src/store/campaigns/campaigns.ts';
import { claimDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { acquireLock } from '../../src/store/embedded/lock.ts';
import { openEmbeddedPostgres } from '../../src/store/embedded/open.ts';
import { findServerHome } from '../../src/store/embedded/server-home.ts';
import { workbook } from '../support/audience/xlsx-file.ts';
import { makeSite } from '../support/campaign.ts';
import { Cli, type CliResult, type RunningCli, type RunOptions, until } from '../support/cli.ts';
import { isRoot, makeScratch, skipUnlessUnprivileged } from '../support/embedded/scratch.ts';
import { inTime } from '../support/in-time.ts';
import { linkDatabase } from '../support/store/database-link.ts';
import { tcpServer } from '../support/wechat/raw-server.ts';
import { startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({ followers: 20_000, kind: 'service', latencyMs: 30 });
const account = wechat.account();
await site.add(wechat, account);
const push = [
  ...['push', '--account', account.appid, '--channel', 'oa-template'],
  ...['--template', templateOf(account, '消息通知'), ...tutorialData, '--yes'],
];

/** It ended by itself, as a person expects, and not because its time was over. */
function assertStopped({ code, signal, stderr }: CliResult): void {
  assert.deepEqual([code, signal], [1, null], stderr);
  assert.match(stderr, /^stopped$/m);
  assert.doesNotMatch(stderr, /^\s+at |unexpected|was still open|without having finished/m);
}

const rows = (n: number): string =>
  `openid,name\n${Array.from({ length: n }, (_, i) => `${account.openid(i % 20_000)},n${i}\n`).join('')}`;

/** The campaign of a push that reads, once the first of its rows are stored. */
async function isReading(running: RunningCli): Promise<number> {
  const { pool } = site.store;
  return await until('rows are read', async () => {
    assert.equal(running.child.exitCode, null, running.stderr);
    const found = (await listCampaigns(pool, null, 100)).find(
      (one) => one.state === 'staging' && one.audienceCount > 0,
    );
    return found?.id;
  });
}

/** What a process has open, where the system tells. */
async function openFiles(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
}

/** Starts a command, and waits until it has opened the database, through a line of its own: this process has connections too. */
async function startConnected(args: readonly string[], options: RunOptions = {}): Promise<RunningCli> {
  const link = await linkDatabase(site.database);
  const env = { ...options.env, HONGYAN_DATABASE_URL: link.url };
  const running = site.cli.start(args, { ...options, env });
  await until('it has opened the database', async () => {
    assert.equal(running.child.exitCode, null, running.stderr);
    return link.connections > 0;
  });
  return running;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

test('a push ends while it reads standard input that never ends, plain and gzip', async () => {
  for (const [i, input] of [rows(30_000), gzipSync(rows(200_000))].entries()) {
    const running = site.cli.start([...push, '--to', '-'], { input, holdInput: true });
    const id = await isReading(running);
    assertStopped(await running.kill(signals[i % signals.length] ?? 'SIGINT'));
    const shown = await site.cli.json(['campaigns', 'show', String(id), '--json']);
    assert.deepEqual([shown.state, shown.reason], ['cancelled', 'audience_incomplete']);
  }
  // Nothing has come yet, not even the first line.
  const silent = await startConnected([...push, '--to', '-'], { input: '', holdInput: true });
  assertStopped(await silent.kill('SIGTERM'));
});

test('a push ends in the middle of a large CSV, gzip or XLSX file', async () => {
  const text = rows(400_000);
  const sheet = Array.from(
    { length: 200_000 },
    (_, i) =>
      `<row><c t="inlineStr"><is><t>${i === 0 ? 'openid' : account.openid(i % 20_000)}</t></is></c></row>`,
  );
  const files = [
    await site.file('large.csv', text),
    await site.file('large.csv.gz', gzipSync(text)),
    await site.file('large.xlsx', workbook({ sheets: { list: sheet.join('') } })),
  ];
  for (const [i, file] of files.entries()) {
    const running = site.cli.start([...push, '--to', `@${file}`]);
    const id = await isReading(running);
    assertStopped(await running.kill(signals[i % signals.length] ?? 'SIGINT'));
    const shown = await site.cli.json(['campaigns', 'show', String(id), '--json']);
    assert.deepEqual([shown.state, shown.reason], ['cancelled', 'audience_incomplete']);
  }
});

test('a push from a named pipe reads what its writer writes, and ends while there is none', async (t) => {
  const pipe = join(site.directory, 'pipe.csv');
  if (spawnSync('mkfifo', [pipe]).status !== 0) return t.skip('no mkfifo');
  const read = site.cli.start([...push, '--to', `@${pipe}`, '--dry-run']);
  const writer = spawn('sh', ['-c', 'cat > "$0"', pipe], { stdio: ['pipe', 'ignore', 'ignore'] });
  writer.stdin.end(rows(1_000));
  const { stdout, code } = await read.ended;
  assert.equal(code, 0, stdout);
  assert.match(stdout, /audience 1,000 = to send 1,000/);

  const second = await startConnected([...push, '--to', `@${pipe}`]);
  // A thread that is held by the opening is seen nowhere; one that is not has it open within two seconds.
  const since = performance.now();
  await until('it waits for a writer', async () => {
    const files = await openFiles(second.child.pid ?? 0);
    return files.includes(pipe) || performance.now() - since > 2_000;
  });
  assertStopped(await second.kill('SIGTERM'));
});

test('a sync of followers ends while WeChat does not answer', async () => {
  await using silent = await tcpServer(() => {});
  await saveAccount(site.store.pool, site.store.sealer, {
    appid: 'wx00000000000000aa',
    kind: 'service',
    name: '',
    tokenSource: 'secret',
    secret: 'f'.repeat(32),
    baseUrl: silent.url,
    proxy: null,
    ratePerS: 100,
  });
  const running = site.cli.start(['followers', 'sync', 'wx00000000000000aa']);
  await until('it asks', async () => silent.connections > 0);
  assertStopped(await running.kill('SIGTERM'));
});

test('a push ends while it asks, and cancels what nobody confirmed', async (t) => {
  if (spawnSync('script', ['--version']).status !== 0) return t.skip('no script(1) for a terminal');
  const ask = push.filter((arg) => arg !== '--yes');
  for (const name of ['SIGTERM', 'SIGHUP'] as const) {
    const line = site.cli.commandLine([...ask, '--to', account.openid(1), '--again']);
    const terminal = spawn('script', ['-qec', `stty cols 120 rows 40; exec ${line}`, '/dev/null'], {
      env: { ...site.cli.environment, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    t.after(() => terminal.kill('SIGKILL'));
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (part: string) => {
      shown += part;
    });
    const ended = once(terminal, 'close');
    await until('it asks', async () => shown.includes('Send to 1 recipients?'));
    const asking = await until('its process', async () => {
      const found = spawnSync('pgrep', ['-P', String(terminal.pid)], { encoding: 'utf8' });
      return Number(found.stdout.trim().split('\n')[0]) || undefined;
    });
    process.kill(asking, name);
    await inTime('the push ends', ended);
    const [last] = await listCampaigns(site.store.pool, account.appid, 1);
    assert.deepEqual([last?.state, last?.stateReason], ['cancelled', 'not_confirmed'], shown);
  }
});

test('a command ends while the database does not answer', async () => {
  const link = await linkDatabase(site.database);
  const cli = new Cli({ ...site.cli.env, HONGYAN_DATABASE_URL: link.url });
  try {
    // In the middle of the start: its connection is there, and its first question gets no answer.
    const stalled = link.stallAt('pg_advisory_lock');
    const starting = cli.start(['campaigns', 'list']);
    await stalled;
    assertStopped(await starting.kill('SIGTERM'));
    // Nor does one come about.
    const seen = link.connections;
    const connecting = cli.start(['campaigns', 'list']);
    await until('it has connected', async () => link.connections > seen);
    assertStopped(await connecting.kill('SIGTERM'));
  } finally {
    await cli.close();
  }
});

test('the second ctrl-C ends a process at once', async () => {
  const link = await linkDatabase(site.database);
  const cli = new Cli({ ...site.cli.env, HONGYAN_DATABASE_URL: link.url });
  try {
    const running = cli.start(['worker']);
    await running.printed(/is working/);
    link.stall();
    running.child.kill('SIGINT');
    await running.printed(/Finishing what is in flight/);
    // As a person does, who presses it until it helps; two within a moment are one.
    const again = setInterval(() => running.child.kill('SIGINT'), 100);
    const { code, signal, stderr } = await running.ended;
    clearInterval(again);
    assert.deepEqual([code, signal], [null, 'SIGINT']);
    assert.doesNotMatch(stderr, /Stopped|^stopped$|without having finished/m);
  } finally {
    await cli.close();
    await link.close();
  }
});

test('a node and a foreground push end in time although the database has stopped answering', async () => {
  const own = await makeSite();
  await own.add(wechat, account);
  for (const args of [
    [...push, '--again', '--to', `@${await own.file('all.csv', rows(20_000))}`, '--dedupe', 'openid'],
    // Goes on with it.
    ['serve'],
  ]) {
    const link = await linkDatabase(own.database);
    const cli = new Cli({ ...own.cli.env, HONGYAN_DATABASE_URL: link.url });
    const running = cli.start(args);
    const before = account.summary().accepted;
    await until('it delivers', async () => account.summary().accepted > before + 100);
    link.stall();
    const begun = performance.now();
    const { code, stderr } = await running.kill('SIGTERM');
    assert.ok(performance.now() - begun < 15_000, stderr);
    assert.doesNotMatch(stderr, /unexpected error|nothing is lost/);
    assert.notEqual(code, 0);
    await link.close();
    await cli.close();
  }
});

test('a first start ends while initdb runs, and leaves nothing half made', async (t) => {
  const scratch = await makeScratch(t);
  const stop = new AbortController();
  const reason = new Error('stop');
  const options = { dataDir: scratch.dataDir, systemDir: scratch.systemDir };
  const hooks = {
    reached(point: string): void {
      if (point === 'initdb-running') stop.abort(reason);
    },
  };
  await assert.rejects(openEmbeddedPostgres({ ...options, signal: stop.signal, hooks }), reason);
  const half = async (): Promise<string[]> =>
    (await readdir(scratch.directory, { recursive: true })).filter((name) => /pg\.tmp|PG_VERSION/.test(name));
  assert.deepEqual(await half(), []);
  const opened = await openEmbeddedPostgres(options);
  await opened.close();
});

test('SIGTERM ends a command while initdb runs', { skip: skipUnlessUnprivileged }, async (t) => {
  const scratch = await makeScratch(t, 'unprivileged');
  const cli = new Cli({
    HONGYAN_DATA_DIR: scratch.dataDir,
    HONGYAN_STATE_DIR: join(scratch.directory, 'state'),
  });
  t.after(() => cli.close());
  const as = isRoot ? { as: { uid: 65534, gid: 65534 } } : {};
  const running = cli.start(['accounts', 'list'], as);
  await until('initdb runs', async () => {
    assert.equal(running.child.exitCode, null, running.stderr);
    return (await readdir(scratch.dataDir).catch(() => [])).some((name) => name.startsWith('pg.tmp-'));
  });
  assertStopped(await running.kill('SIGTERM'));
  assert.deepEqual(
    (await readdir(scratch.dataDir)).filter((name) => name.startsWith('pg.tmp') || name === 'pg'),
    [],
  );
});

test('a start ends while another process starts or stops the same database', async (t) => {
  const scratch = await makeScratch(t);
  await mkdir(scratch.dataDir, { mode: 0o700 });
  const lock = await acquireLock({
    directory: scratch.dataDir,
    lockFile: (
      await findServerHome(await claimDataDirectory(scratch.dataDir), '/var/lib/hongyan-postgres', isRoot)
    ).lockFile,
    timeoutMs: 1_000,
  });
  t.after(() => lock.release());
  const cli = new Cli({ HONGYAN_DATA_DIR: scratch.dataDir });
  t.after(() => cli.close());
  const running = cli.start(['--log-level', 'info', 'accounts', 'list']);
  await until('it waits', async () => /another process starts or stops the database/.test(running.stderr));
  assertStopped(await running.kill('SIGTERM'));
});
