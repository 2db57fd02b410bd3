import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startSimulator } from '../src/simulator/index.ts';
import { createTestDatabase } from './support/postgres.ts';

const run = promisify(execFile);

/** Runs an example as a reader would; resolves with its exit code and everything that it printed. */
async function example(name: string, env: Record<string, string>): Promise<{ code: number; text: string }> {
  const file = new URL(`../examples/${name}`, import.meta.url).pathname;
  try {
    const { stdout, stderr } = await run(process.execPath, [file], {
      env: { PATH: process.env.PATH, ...env },
    });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    // execFile rejects with these when the process ran and failed.
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

test('the tutorials’ four steps reach the first follower of a legacy account', async () => {
  await using simulator = await startSimulator({
    kind: 'miniprogram',
    legacy: true,
    followers: 3,
    record: 'full',
  });
  const account = simulator.account();
  const openid = account.openid(0);
  const template = account.templates().find(({ family }) => family === 'form');
  const env = {
    WECHAT_BASE_URL: simulator.url,
    WECHAT_APPID: account.appid,
    WECHAT_SECRET: account.secret,
    WECHAT_TEMPLATE_ID: template?.template_id ?? '',
    WECHAT_FORM_ID: account.issueFormId(openid),
  };
  const { code, text } = await example('four-steps.ts', env);
  assert.equal(code, 0, text);
  assert.deepEqual(
    account.messages().map(({ body }) => body),
    [
      {
        touser: openid,
        template_id: env.WECHAT_TEMPLATE_ID,
        page: 'pages/index/index',
        form_id: env.WECHAT_FORM_ID,
        data: {
          keyword1: { value: '系统通知', color: '#173177' },
          keyword2: { value: '您的订单已发货', color: '#173177' },
          keyword3: { value: '2026年1月1日 12:00', color: '#173177' },
        },
      },
    ],
  );
  assert.doesNotMatch(text, new RegExp(`${account.secret}|${openid}`));

  const again = await example('four-steps.ts', env);
  assert.equal(again.code, 1);
  assert.match(again.text, /41029/);
});

test('without the legacy switch the tutorials’ endpoint is retired', async () => {
  await using simulator = await startSimulator({ kind: 'sandbox', followers: 3 });
  const account = simulator.account();
  const { code, text } = await example('four-steps.ts', {
    WECHAT_BASE_URL: simulator.url,
    WECHAT_APPID: account.appid,
    WECHAT_SECRET: account.secret,
    WECHAT_TEMPLATE_ID: 'x',
    WECHAT_FORM_ID: 'x',
  });
  assert.equal(code, 1);
  assert.match(text, /45103/);
  assert.equal(account.messages().length, 0);
});

test('the same job as it is done now: a follower of a service account, a user of a Mini Program', async () => {
  await using simulator = await startSimulator({
    record: 'full',
    followers: 3,
    accounts: [{ kind: 'service' }, { kind: 'miniprogram', creditsPerUser: 1 }],
  });
  const [service, program] = simulator.accounts;
  assert.ok(service !== undefined && program !== undefined);

  const follower = await example('four-steps-today.ts', {
    WECHAT_BASE_URL: simulator.url,
    WECHAT_APPID: service.appid,
    WECHAT_SECRET: service.secret,
  });
  assert.equal(follower.code, 0, follower.text);
  const [message] = service.messages(service.openid(0));
  assert.ok(message?.msgid !== undefined && follower.text.includes(`msgid ${message.msgid}`), follower.text);
  assert.equal(service.messages().length, 1);

  const env = {
    WECHAT_BASE_URL: simulator.url,
    WECHAT_APPID: program.appid,
    WECHAT_SECRET: program.secret,
    WECHAT_OPENID: program.openid(1),
  };
  const user = await example('four-steps-today.ts', env);
  assert.equal(user.code, 0, user.text);
  assert.equal(program.messages(program.openid(1)).length, 1);

  const refused = await example('four-steps-today.ts', env);
  assert.equal(refused.code, 1);
  assert.match(refused.text, /43101/);
  assert.match(refused.text, /订阅/);
});

test('a program with the engine inside sends one message, however often it is started', async () => {
  await using simulator = await startSimulator({ kind: 'service', followers: 3, record: 'full' });
  const account = simulator.account();
  const template = account
    .templates()
    .find(({ content }) =>
      ['keyword1', 'keyword2', 'keyword3'].every((key) => content.includes(`{{${key}.DATA}}`)),
    );
  const { url } = await createTestDatabase();
  const env = {
    DATABASE_URL: url,
    SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    WECHAT_BASE_URL: simulator.url,
    WECHAT_APPID: account.appid,
    WECHAT_SECRET: account.secret,
    WECHAT_OPENID: account.openid(1),
    WECHAT_TEMPLATE_ID: template?.template_id ?? '',
    MESSAGE_KEY: 'order-1',
  };
  const first = await example('embed.ts', env);
  assert.deepEqual([first.code, first.text], [0, 'message 1: accepted\n']);
  const again = await example('embed.ts', env);
  assert.deepEqual([again.code, again.text], [0, 'message 1 (again): accepted\n']);
  assert.deepEqual(
    account.messages().map(({ openid }) => openid),
    [account.openid(1)],
  );
  const wrong = await example('embed.ts', { ...env, SECRET_KEY: Buffer.alloc(32, 8).toString('base64') });
  assert.equal(wrong.code, 1);
  assert.match(wrong.text, /^SECRET_KEY_MISMATCH: /m);
});
