import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { terminalActor } from '../../src/app/actor.ts';
import { describeFailure, HongyanError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { simulateCommand } from '../../src/cli/commands/simulate.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { CallbackReceiver } from '../support/callback/receiver.ts';
import { signal } from '../support/in-time.ts';

/** Runs the command until its first complete answer, calls `use`, and interrupts it as ctrl-C would. */
async function simulate(
  args: string[],
  use: (lines: string[]) => Promise<void> = async () => {},
): Promise<void> {
  const interrupt = new AbortController();
  const lines: string[] = [];
  const isLast = (line: string): boolean => line.startsWith('{') || line.includes('ctrl-C');
  const printed = signal('its first whole answer');
  const context: CliContext = {
    config: {
      dataDir: tmpdir(),
      stateDir: tmpdir(),
      auditKeepDays: 365,
      backupAt: '03:30',
      backupKeep: 14,
      simulator: 'off',
      lang: 'en',
      listen: 'off',
      drainSeconds: 0,
      uploadMaxBytes: 1024,
      wxRelay: 'off',
    },
    logger: silentLogger,
    actor: terminalActor('tester', 'here', 'en'),
    signal: interrupt.signal,
    msLeft: () => Number.POSITIVE_INFINITY,
    allowMore() {},
    isTty: false,
    lang: 'en',
    stdout: process.stdout,
    out(line) {
      lines.push(line);
      if (isLast(line)) printed.give();
    },
    err(line) {
      lines.push(line);
    },
    setExit() {},
  };
  const done = simulateCommand(context).exitOverride().parseAsync(args, { from: 'user' });
  await Promise.race([printed.promise, done]);
  try {
    await use(lines);
  } finally {
    interrupt.abort();
    await done;
  }
}

test('prints where it listens and what to type, answers, and ends on ctrl-C', async () => {
  let url = '';
  await simulate(['--port', '0', '--kind', 'sandbox', '--followers', '20'], async (lines) => {
    const text = lines.join('\n');
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? '';
    const appid = /appid {5}(wx[0-9a-f]{16}) {2}\(sandbox, 20 people\)/.exec(text)?.[1];
    const secret = /secret {4}([0-9a-f]{32})/.exec(text)?.[1];
    assert.match(text, /openid {4}o[A-Za-z0-9_-]{27}\n/);
    assert.match(
      text,
      /template {2}[A-Za-z0-9_-]{43} {2}template message: 消息通知 \(keyword1 keyword2 keyword3\)/,
    );
    assert.ok(text.includes(`hongyan accounts add --appid ${appid} --kind sandbox --base-url ${url}`));
    assert.ok(text.includes(`${url}/_simulator`));
    const query = `grant_type=client_credential&appid=${appid}&secret=${secret}`;
    assert.match(await (await fetch(`${url}/cgi-bin/token?${query}`)).text(), /access_token/);
  });
  await assert.rejects(fetch(url));
});

test('holds messages for review as the flags say', async () => {
  const flags = ['--hold', '0.25', '--hold-blocked', '.1', '--hold-minutes', 'off', '--hold-events', 'all'];
  await simulate(['--port', '0', '--json', ...flags], async ([line]) => {
    const { admin, accounts } = JSON.parse(line ?? '');
    const seen = await (await fetch(`${admin}/accounts/${accounts[0].appid}/holds`)).text();
    assert.deepEqual(JSON.parse(seen).options, {
      ...{ share: 0.25, next: 0, openids: null, blockedShare: 0.1, reviewMs: null, events: 'all' },
    });
  });
  for (const wrong of [
    ['--hold', '2'],
    ['--hold-minutes', 'x'],
    ['--hold-events', 'some'],
  ])
    await assert.rejects(simulate(wrong), { code: 'USAGE' });
});

test('says when other machines can reach it, and only then', async () => {
  for (const [host, exposed] of [
    ['127.0.0.1', false],
    ['localhost', false],
    ['0.0.0.0', true],
  ] as const)
    await simulate(['--port', '0', '--host', host], async (lines) => {
      assert.equal(/can be reached from other machines/.test(lines.join('\n')), exposed, host);
    });
});

test('takes several accounts from a file and faults from the command line', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-simulate-'));
  try {
    const file = join(directory, 'accounts.json');
    await writeFile(
      file,
      '\uFEFF[{"kind":"service","followers":3},{"kind":"miniprogram","creditsPerUser":2}]',
    );
    const args = ['--port', '0', '--json', '--accounts', file, '--fault', '-1=0.5', '--fault', 'cut=0.01'];
    await simulate(args, async ([line]) => {
      const { url, admin, accounts } = JSON.parse(line ?? '');
      assert.deepEqual(
        accounts.map(({ kind, followers }: { kind: string; followers: number }) => [kind, followers]),
        [
          ['service', 3],
          ['miniprogram', 1000],
        ],
      );
      assert.equal(admin, `${url}/_simulator`);
      const state = (await (await fetch(admin)).json()) as { faults: { kind: unknown }[] };
      assert.deepEqual(
        state.faults.map(({ kind }) => kind),
        [-1, 'cut'],
      );
    });
    await writeFile(file, '[{"follower":3}]');
    await assert.rejects(simulate(['--port', '0', '--accounts', file]), {
      code: 'USAGE',
      message: /follower/,
    });
    await writeFile(file, '{}');
    await assert.rejects(simulate(['--accounts', file]), { code: 'USAGE', message: /array/ });
    await writeFile(file, '[');
    await assert.rejects(simulate(['--accounts', file]), { code: 'USAGE', message: /not JSON/ });
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('events go to the callback URL, which is asked first', async () => {
  await using receiver = await new CallbackReceiver().listen();
  const url = ['--port', '0', '--callback-url', `${receiver.url}/{appid}`];
  const more = ['--callback-mode', 'secure', '--callback-format', 'json', '--kind', 'miniprogram'];
  await simulate([...url, ...more, '--json'], async ([line]) => {
    const [account] = JSON.parse(line ?? '').accounts;
    const { token, encodingAESKey, ...rest } = account.callback;
    assert.deepEqual(rest, { url: `${receiver.url}/${account.appid}`, mode: 'secure', format: 'json' });
    assert.match(token, /^[A-Za-z0-9]{3,32}$/);
    assert.match(encodingAESKey, /^[A-Za-z0-9]{43}$/);
  });
  await simulate([...url, '--callback-token', 'mine'], async (lines) => {
    const text = lines.join('\n');
    assert.match(
      text,
      /events {4}http:\/\/127.*\/callback\/wx[0-9a-f]{16} {2}\(plain, xml; from gh_[0-9a-f]{12}\)/,
    );
    assert.match(text, /token {5}mine\n {2}aes key {3}[A-Za-z0-9]{43}\n/);
  });
  receiver.verification = () => 'hello';
  await assert.rejects(simulate(url), { code: 'SIMULATOR_CALLBACK', message: /"hello"/ });
  await simulate([...url, '--callback-unverified']);
});

test('wrong usage names the flag and the value', async () => {
  const cases: [string[], RegExp][] = [
    [['--port', '70000'], /--port.*70000/],
    [['--followers', '-5'], /--followers.*-5/],
    [['--latency', 'fast'], /--latency.*fast/],
    [['--kind', 'wecom'], /--kind.*wecom/],
    [['--fault', 'cut=2'], /--fault.*cut=2/],
    [['--fault', 'cut'], /--fault.*cut/],
    [['--fault', 'cutt=1'], /--fault is an errcode .* reset, cut or slow.*"cutt=1"/],
    [['--appid', 'x'], /appid/],
    [['--accounts', '/nowhere/x.json'], /\/nowhere\/x\.json/],
    [['--callback-mode', 'secure'], /--callback-mode needs --callback-url/],
    [['--callback-aes-key', 'secret'], /--callback-aes-key needs --callback-url/],
    [['--callback-url', 'x'], /callback URL.*"x"/],
    [['--callback-url', 'http://x', '--callback-mode', 'clear'], /--callback-mode.*clear/],
    [['--callback-url', 'http://x', '--callback-format', 'json'], /XML only/],
    [['--accounts', 'x', '--appid', 'x'], /--appid and --secret/],
  ];
  for (const [args, message] of cases) {
    await assert.rejects(simulate(args), { code: 'USAGE', message }, args.join(' '));
  }
});

test('wrong options are told in Chinese too, those whose type is wrong and those of which a rule is ours', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'hongyan-simulate-')), 'accounts.json');
  const wrong = { kind: 'wecom', creditsPerUser: -1, appid: 'x', expiredTokenErrcode: 1, people: 3 };
  await writeFile(file, JSON.stringify([wrong]));
  await assert.rejects(simulate(['--accounts', file]), (error: unknown) => {
    assert.ok(error instanceof HongyanError);
    const { what } = describeFailure(error, 'zh', 'cli');
    assert.match(what, /accounts\.0\.appid：应为 wx 加 16 位/);
    assert.match(what, /accounts\.0\.expiredTokenErrcode：无效选项.*42001\|40001\|40014/);
    assert.doesNotMatch(what, /invalid|expected|unrecognized|must/i);
    return true;
  });
  await rm(dirname(file), { recursive: true });
});
