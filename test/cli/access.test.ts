import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { buildConsole } from '../support/house/build-console.ts';

const site = await makeSite();
const { cli } = site;
const appid = 'wx00000000000000aa';

test('people are added, changed and listed at the terminal', async () => {
  const added = await cli.ok(['users', 'add', 'ming', '--role', 'sender', '--accounts', appid]);
  assert.match(added, /\/first-start#[\w-]{43}/);
  assert.match(await cli.fails(1, ['users', 'add', 'MING']), /\[USER_NAME_TAKEN\]/);
  assert.match(await cli.ok(['users', 'list']), new RegExp(`ming +sender +${appid} +has no password yet`));
  assert.match(
    await cli.ok(['--lang', 'zh', 'users', 'change', 'ming', '--role', 'viewer', '--disable']),
    /ming：只读（viewer），已停用/,
  );
  assert.match(await cli.fails(1, ['users', 'link', 'ming']), /\[USER_DISABLED\]/);
  assert.match(await cli.fails(1, ['users', 'sign-out', 'lan']), /nobody called lan.*\[USER_NOT_FOUND\]/);
  const [user] = JSON.parse(await cli.ok(['users', 'list', '--json']));
  assert.deepEqual([user.name, user.accounts], ['ming', [appid]]);
});

test('keys are made, shown once, listed and revoked at the terminal', async () => {
  const made = await cli.json([
    'keys',
    'create',
    'shop',
    '--permissions',
    'message.send,message.read',
    '--days',
    '30',
    '--json',
  ]);
  assert.match(String(made.key), /^hy_/);
  const list = await cli.ok(['keys', 'list']);
  assert.match(list, /shop +message.send,message.read +all +valid/);
  assert.ok(!list.includes(String(made.key)));
  await cli.ok(['keys', 'revoke', String(made.id)]);
  assert.match(await cli.ok(['keys', 'list']), /revoked/);
  assert.match(
    await cli.fails(2, ['keys', 'create', 'x', '--permissions', 'message.sned']),
    /message\.sned.*\[USAGE\]/,
  );
});

test('the audit says who did it, and holds no secret', async () => {
  const list = await cli.ok(['audit', 'list', '--action', 'keys.create']);
  assert.match(list, /\(terminal\) +keys\.create [0-9a-f]{12} +- +done/);
  // In the zone of the accounts, and where they have none in common in the usual one.
  assert.match(list, / time .*\n[^\n]* \+08:00 /);
  const chinese = await cli.ok(['--lang', 'zh', 'audit', 'list', '--action', 'keys.create']);
  assert.match(chinese, /时间 .*操作人.*\n.* \+08:00 .*（命令行） +keys\.create .*成功/);
  assert.doesNotMatch(chinese, /UTC/);
  const all = await cli.ok(['audit', 'list', '--json']);
  assert.ok(!/hy_[0-9a-f]{12}_|first-start#/.test(all));
});

test('the first start prints a link that works once and ends those before; there is none as soon as somebody has a password', async () => {
  buildConsole();
  const start = async () => {
    const serve = cli.start(['serve'], {
      env: { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: 'a'.repeat(32) },
    });
    const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
    return { serve, url };
  };
  const { serve, url } = await start();
  const [, link = ''] = await serve.printed(/(http\S+\/first-start#\S+)/);
  const opens = async (at: string, with_: string): Promise<number> => {
    const answer = await fetch(`${at}/v1/sessions/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-requested-with': 'hongyan' },
      body: JSON.stringify({ token: with_.replace(/^.*#/, ''), password: 'wild geese carry letters' }),
    });
    return answer.status;
  };
  const first = await serve.kill('SIGTERM');
  assert.match(
    first.stdout,
    new RegExp(
      `^  console +${url}/\n  API +${url}/v1, .*${url}/docs\n  callback +${url}/callback/APPID, .*\nNobody can sign in`,
      'm',
    ),
  );
  assert.doesNotMatch(first.stdout, /no longer work/);
  const second = await start();
  const [, newer = ''] = await second.serve.printed(/(http\S+\/first-start#\S+)/);
  await second.serve.printed(/Links that were printed before no longer work/);
  assert.notEqual(await opens(second.url, link), 201, 'the earlier link');
  assert.equal(await opens(second.url, newer), 201);
  // Whoever follows a wrong address sees the console say so; a program gets JSON.
  for (const [path, accept, type] of [
    ['/nope', 'text/html,application/xhtml+xml,*/*;q=0.8', /^text\/html/],
    ['/nope', 'application/json', /^application\/problem\+json/],
    ['/nope', '*/*', /^application\/problem\+json/],
    ['/v1/nope', 'text/html', /^application\/problem\+json/],
    ['/assets/nope.js', 'text/html', /^application\/problem\+json/],
  ] as const) {
    const answer = await fetch(second.url + path, { headers: { accept } });
    assert.ok(answer.status === 404 || path === '/v1/nope', `${path}: ${answer.status}`);
    assert.match(answer.headers.get('content-type') ?? '', type, `${path} ${accept}`);
  }
  await second.serve.kill('SIGTERM');
  const again = await start();
  const health = await fetch(`${again.url}/healthz`);
  assert.equal(health.status, 200);
  const { stdout } = await again.serve.kill('SIGTERM');
  assert.doesNotMatch(stdout, /first-start/);
  assert.match(stdout, /There is no account yet: add one in the console/);
  // All addresses are none to open.
  const everywhere = cli.start(['--lang', 'zh', 'serve'], { env: { HONGYAN_LISTEN: '0.0.0.0:0' } });
  const [, port] = await everywhere.printed(/监听于 http:\/\/0\.0\.0\.0:(\d+)/);
  await everywhere.printed(/还没有账号/);
  const { stdout: chinese } = await everywhere.kill('SIGTERM');
  for (const line of ['控制台 +', 'API +', '消息推送 +'])
    assert.match(chinese, new RegExp(`^  ${line}http://127\\.0\\.0\\.1:${port}/`, 'm'));
});
