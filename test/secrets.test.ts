/**
 * Everything that Hongyan writes while it works and while it fails, at the most talkative level, searched for
 * what must not be in it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Simulator, startSimulator } from '../src/simulator/index.ts';
import { createPool } from '../src/store/database/pool.ts';
import { Cli, type CliResult } from './support/cli.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';
import { freePort } from './support/store/free-port.ts';
import { httpServer, type RunningServer } from './support/wechat/raw-server.ts';

const secretKey = Buffer.from('a key of this test, 32 bytes ok!').toString('base64');
const otherKey = Buffer.from('another key of it, 32 bytes too!').toString('base64');
const wrongSecret = 'f00dfeedf00dfeedf00dfeedf00dfeed';
/** In a field of every message. */
const bodyMark = '订单已发货-B0DYMARK';

/** Must be in nothing that is printed or logged, in no spelling. */
const secrets = new Set([
  secretKey,
  Buffer.from(secretKey, 'base64').toString('hex'),
  otherKey,
  wrongSecret,
  'tokenurl-password',
  'tokenurl-query-key',
  'tokenserver-answer-token',
  'proxy-password',
  'database-password',
]);
/** May be in what people ask for on standard output, but in no log line and no error. */
const personal = new Set([bodyMark]);

interface Output {
  what: string;
  result: CliResult;
}
const outputs: Output[] = [];
let database: TestDatabase;
let simulator: Simulator;
let tap: RunningTap;
let cli: Cli;

interface RunningTap {
  url: string;
  tokens: Set<string>;
  close(): Promise<void>;
}

/** Stands between Hongyan and the simulator and notes every token that passes, in either direction. */
async function startTap(target: string): Promise<RunningTap> {
  const tokens = new Set<string>();
  const note = (text: string): void => {
    // Whole ones: a part of one, at the end of a part of an answer, would be found in many places.
    for (const [, answered, asked] of text.matchAll(/access_token(?:"\s*:\s*"([^"]+)"|=([^&\s]+))/g)) {
      const token = answered ?? asked;
      if (token !== undefined) tokens.add(decodeURIComponent(token));
    }
  };
  const server = createServer((incoming, outgoing) => {
    note(incoming.url ?? '');
    const onward = httpRequest(
      target + incoming.url,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on('data', (chunk: Buffer) => note(chunk.toString('utf8')));
        answer.on('error', () => outgoing.destroy());
        answer.pipe(outgoing);
      },
    );
    // A fault of the simulator reaches the caller as it is: a connection that breaks.
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    tokens,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The finder itself: which of these values are in the text, as they are, in an address, in JSON, in base64 or hex. */
function foundIn(text: string, values: Iterable<string>): string[] {
  return [...values].filter((value) => {
    const bytes = Buffer.from(value, 'utf8');
    const spellings = [
      value,
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('hex'),
    ];
    return spellings.some((spelling) => text.includes(spelling));
  });
}

async function run(
  what: string,
  args: string[],
  options: Parameters<Cli['run']>[1] = {},
): Promise<CliResult> {
  const result = await cli.run(args, options);
  outputs.push({ what, result });
  return result;
}

async function succeeds(
  what: string,
  args: string[],
  options: Parameters<Cli['run']>[1] = {},
): Promise<string> {
  const result = await run(what, args, options);
  assert.equal(result.code, 0, `${what}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

async function fails(
  what: string,
  code: string,
  args: string[],
  options: Parameters<Cli['run']>[1] = {},
): Promise<void> {
  const result = await run(what, args, options);
  assert.notEqual(result.code, 0, what);
  assert.match(result.stderr, new RegExp(code), `${what}: ${result.stdout}${result.stderr}`);
}

const add = (appid: string, kind: string, ...more: string[]): string[] => [
  ...['accounts', 'add', '--appid', appid, '--kind', kind],
  ...more,
];

/** What an operator does, with things going wrong in between. */
async function useEverything(): Promise<void> {
  const account = simulator.account();
  const { appid } = account;
  const template = account.templates().find((one) => one.title === '消息通知')?.template_id ?? '';
  const push = (...more: string[]): string[] => [
    ...['push', '--account', appid, '--channel', 'template', '--template', template, '--again'],
    ...['--data', `keyword1=${bodyMark}`, '--data', 'keyword2={{name}}', '--data', 'keyword3=x', ...more],
  ];
  const everybody = push('--to', 'all', '--yes').map((one) => one.replace('{{name}}', bodyMark));

  await fails(
    'add with a wrong secret',
    '40125',
    add(appid, 'service', '--base-url', tap.url, '--secret-file', '-'),
    {
      input: wrongSecret,
    },
  );
  await succeeds('add', add(appid, 'service', '--base-url', tap.url, '--secret-file', '-'), {
    input: account.secret,
  });
  await succeeds('check', ['accounts', 'check', appid]);
  await succeeds('list', ['accounts', 'list', '--json']);
  await succeeds('followers', ['followers', 'sync', appid, '--details']);
  await succeeds('templates', ['templates', 'sync', appid]);
  await succeeds('dry run', push('--to', '-', '--format', 'csv', '--dry-run', '--yes'), {
    input: `openid,name\n${account.openid(0)},${bodyMark}\nnot-an-openid-${bodyMark},x\n${account.openid(0)},y\n`,
  });
  await succeeds('test message', [...everybody, '--test-to', account.openid(1)]);

  simulator.addFault({ kind: 'cut', next: 2, path: '/cgi-bin/message' });
  simulator.addFault({ kind: 502, next: 2, path: '/cgi-bin/message' });
  simulator.addFault({ kind: 'reset', next: 2, path: '/cgi-bin/message' });
  simulator.addFault({ kind: 43004, next: 2, path: '/cgi-bin/message' });
  const report = await succeeds('push with faults', [...everybody, '--json']);
  assert.match(report, /"unknown":[1-9]/);

  // Before WeChat's clock is moved, which it would find wrong.
  await succeeds('doctor', ['doctor']);

  simulator.advance(3 * 3_600_000); // every token that was stored is over
  await succeeds('push with an expired token', everybody);
  simulator.addFault({ kind: 40001, next: 1, path: '/cgi-bin/message' });
  await succeeds('push with a refused token', everybody);

  const shown = await succeeds('campaigns', ['campaigns', 'list', '--json']);
  const ids = [...shown.matchAll(/"id":\s*(\d+)/g)].map(([, id]) => Number(id));
  await succeeds('show', ['campaigns', 'show', String(Math.max(...ids))]);
  await succeeds('export', ['campaigns', 'export', String(Math.max(...ids))]);

  const worker = cli.start(['serve']);
  await worker.printed(/"node started"/);
  await breakConnections();
  await worker.printed(/"level":40/);
  await succeeds('push through a worker', [...everybody, '--wait']);
  outputs.push({ what: 'serve', result: await worker.kill('SIGTERM') });
}

/** As a restarted database does it: whoever logs the error must not log what the statement was about. */
async function breakConnections(): Promise<void> {
  const pool = createPool({ ...database.connection, application_name: 'test' });
  try {
    await pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name <> 'test'",
    );
  } finally {
    await pool.end();
  }
}

const scratch = await mkdtemp(join(tmpdir(), 'hongyan-secrets-'));
after(() => rm(scratch, { recursive: true, force: true }));

async function secretFile(secret: string): Promise<string> {
  const path = join(scratch, 'secret.txt');
  await writeFile(path, secret);
  return path;
}

/** Each way of not working, with a secret near the place where it goes wrong. */
async function failEverywhere(broken: RunningServer, deadPort: number): Promise<void> {
  const { appid, secret } = simulator.account();
  const nowhere = `http://127.0.0.1:${deadPort}`;
  const stdin = { input: secret };
  const withSecret = ['--secret-file', '-'];
  await fails(
    'unreachable',
    'UNREACHABLE',
    add(appid, 'service', '--base-url', nowhere, ...withSecret),
    stdin,
  );
  await fails('garbage', 'NO_ANSWER', add(appid, 'service', '--base-url', broken.url, ...withSecret), stdin);
  await fails(
    'proxy',
    'UNREACHABLE',
    add(appid, 'service', '--proxy-file', '-', '--secret-file', await secretFile(secret)),
    { input: `http://me:proxy-password@127.0.0.1:${deadPort}` },
  );
  const query = 'token?key=tokenurl-query-key';
  for (const [what, code, url] of [
    [
      'token url with a password',
      'TOKEN_URL_INVALID',
      `http://me:tokenurl-password@127.0.0.1:${deadPort}/${query}`,
    ],
    ['token url, nobody there', 'UNREACHABLE', `${nowhere}/${query}`],
    ['token url, echo', 'NO_ANSWER', `${broken.url}/${query}`],
    ['token url, no page', 'TOKEN_|WECHAT_', `${broken.url}/missing/${query}`],
    ['token url, no token', 'TOKEN_ANSWER_INVALID|NO_ANSWER', `${broken.url}/json/${query}`],
  ] as const) {
    await fails(what, code, add('wxfeedfeedfeedfeed', 'service', '--token-url-file', '-'), { input: url });
  }
  // The token is good, and the gateway echoes the address in which it stands.
  const borrowed = ['--token-url-file', '-', '--base-url', broken.url];
  await fails('token in an echo', 'NO_ANSWER', add('wxfeedfeedfeedfeed', 'service', ...borrowed), {
    input: `${broken.url}/good/${query}`,
  });
  await fails('database', 'DATABASE_UNREACHABLE', ['accounts', 'list'], {
    env: { HONGYAN_DATABASE_URL: `postgres://me:database-password@127.0.0.1:${deadPort}/x` },
  });
  await fails('database url', 'CONFIG_INVALID', ['accounts', 'list'], {
    env: { HONGYAN_DATABASE_URL: 'mysql://me:database-password@127.0.0.1/x' },
  });
  await fails('other key', 'SECRET_KEY_MISMATCH', ['accounts', 'list'], {
    env: { HONGYAN_SECRET_KEY: otherKey },
  });
  await fails('short key', 'SECRET_KEY_INVALID', ['accounts', 'list'], {
    env: { HONGYAN_SECRET_KEY: secretKey.slice(0, 30) },
  });
}

// Some forty processes, one after the other: 40 s, and three minutes where the machine is busy.
describe('what is printed, logged and stored', { timeout: 540_000 }, () => {
  before(async () => {
    database = await createTestDatabase();
    simulator = await startSimulator({ kind: 'service', followers: 30 });
    tap = await startTap(simulator.url);
    cli = new Cli({
      HONGYAN_DATABASE_URL: database.url,
      HONGYAN_SECRET_KEY: secretKey,
      HONGYAN_LOG_LEVEL: 'trace',
    });
    const account = simulator.account();
    secrets.add(account.secret);
    for (let i = 0; i < account.followers; i++) personal.add(account.openid(i));
    // Answers with what it was asked, as a broken gateway might: in a page, as no page, and as JSON of no use.
    await using broken = await httpServer((request, body, response) => {
      const { url = '', method, headers } = request;
      const token = 'tokenserver-answer-token';
      if (url.startsWith('/missing')) response.statusCode = 404;
      if (url.startsWith('/json')) response.end(JSON.stringify({ code: 0, token, url }));
      else if (url.startsWith('/good'))
        response.end(JSON.stringify({ access_token: token, expires_in: 7200 }));
      else response.end(`<html>${method} ${url} ${JSON.stringify(headers)} ${body}</html>`);
    });
    await useEverything();
    await failEverywhere(broken, await freePort());
  });
  after(async () => {
    await cli.close();
    await tap.close();
    await simulator.close();
  });

  test('covers enough to mean something', () => {
    assert.ok(tap.tokens.size >= 2, 'the first token and one after it expired');
    const logs = outputs.map(({ result }) => result.stderr).join('');
    for (const level of [20, 30, 40]) assert.match(logs, new RegExp(`"level":${level}`));
    assert.ok(
      outputs.some(({ result }) => foundIn(result.stdout, personal).length > 0),
      'people were shown whom they message',
    );
  });

  test('holds no secret and no token anywhere', () => {
    const all = [...secrets, ...tap.tokens];
    const leaks = outputs.flatMap(({ what, result }) =>
      foundIn(result.stdout + result.stderr, all).map((value) => `${what}: ${value}`),
    );
    assert.deepEqual(leaks, []);
  });

  test('holds no openid and no message body in logs and errors', () => {
    const leaks = outputs.flatMap(({ what, result }) =>
      foundIn(result.stderr, personal).map((value) => `${what}: ${value}`),
    );
    assert.deepEqual(leaks, []);
  });

  test('doctor hides the password of a proxy', async () => {
    const { stdout, stderr } = await cli.run(['doctor'], {
      env: { HONGYAN_PROXY: 'http://me:proxy-password@127.0.0.1:9', HONGYAN_NO_PROXY: '127.0.0.1' },
    });
    assert.match(stdout, /proxy/);
    assert.deepEqual(foundIn(stdout + stderr, secrets), []);
  });

  test('has secrets and tokens in the database only encrypted', async () => {
    const pool = createPool(database.connection);
    try {
      const { rows: tables } = await pool.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables
          where schemaname not in ('pg_catalog', 'information_schema')`,
      );
      const leaks: string[] = [];
      for (const { name } of tables) {
        const { rows } = await pool.query<{ line: string }>(
          `select to_jsonb(t)::text as line from ${name} t`,
        );
        const text = rows.map(({ line }) => line).join('\n');
        leaks.push(...foundIn(text, [...secrets, ...tap.tokens]).map((value) => `${name}: ${value}`));
        if (name === 'hongyan.accounts') assert.equal(rows.length, 1);
      }
      assert.deepEqual(leaks, []);
    } finally {
      await pool.end();
    }
  });
});

test('the search finds every spelling', () => {
  const value = 'a/b+"c"=键';
  for (const text of [
    `x${value}y`,
    `?a=${encodeURIComponent(value)}&`,
    JSON.stringify({ a: value }),
    `Basic ${Buffer.from(value).toString('base64')}`,
    `\\x${Buffer.from(value).toString('hex')}`,
  ]) {
    assert.deepEqual(foundIn(text, [value, 'absent']), [value], text);
  }
});
