/** What is changed of an account at one node holds at the others, without a restart. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { startServer } from '../../src/server/server.ts';
import { setRate } from '../../src/store/accounts/pace.ts';
import { openStore } from '../../src/store/store.ts';
import { until, untilMoved } from '../support/cli.ts';
import { adminKey, contractSite } from '../support/contract.ts';
import { bodiesOf, received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const options = { kind: 'service', followers: 40 } as const;
const site = await contractSite(options);
const { account, wechat, store, cli } = site;
const { appid } = account;
// The same account at another address: the seed is the same, the secret is not.
const moved = await startWechat(options);
const there = moved.account();
const secret = 'f'.repeat(32);
there.setSecret(secret);

const own = await openStore({
  connection: { ...site.database.connection },
  sealer: store.sealer,
  logger: silentLogger,
});
const clients = new AccountClients({ store: own, logger: silentLogger });
const deps = { store: own, clients, logger: silentLogger };
const engine = await startEngine({ ...deps, role: 'serve', version: 'test' });
const second = await startServer({
  ...{ ...deps, engine, version: 'test', apiToken: adminKey },
  processMeasures: async () => [],
  listen: { host: '127.0.0.1', port: 0 },
});
after(async () => {
  await second.close();
  await engine.stop();
  await clients.close();
  await own.close();
});

async function atSecond(path: string, body?: object) {
  const answer = await fetch(second.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as { id: string; state?: string; message?: { state: string } };
}

/** A message to somebody of the account by the second node, with its outcome. */
async function sentBySecond(i: number): Promise<string> {
  const message = {
    ...{ appid, channel: 'template', touser: account.openid(i), key: randomUUID(), wait: 10_000 },
    template_id: templateOf(account, '消息通知'),
    data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
  };
  return await until('it has its outcome', async () => {
    const { message: sent } = await atSecond('/v1/messages', message);
    return sent !== undefined && sent.state !== 'waiting' && sent.state;
  });
}

async function change(to: { url: string; secret: string }): Promise<void> {
  const token = { source: 'secret', secret: to.secret };
  const sent = { params: { appid }, body: { token, baseUrl: to.url } };
  const { status, body } = await site.call('PATCH /v1/accounts/{appid}', sent);
  assert.equal(status, 200, JSON.stringify(body));
}

test('a message of another node goes to the new address, with the new secret', async () => {
  assert.equal(await sentBySecond(0), 'accepted');
  assert.equal(bodiesOf(account, account.openid(0)).length, 1, 'it had a client of the old one');
  await change({ url: moved.url, secret });
  // What was changed is looked at every two seconds.
  await until('a message goes there', async () => {
    await sentBySecond(1);
    return bodiesOf(there, there.openid(1)).length > 0;
  });
  const before = bodiesOf(account, account.openid(2)).length;
  await sentBySecond(2);
  assert.equal(bodiesOf(account, account.openid(2)).length, before, 'nothing goes to the old one any more');
  assert.equal(bodiesOf(there, there.openid(2)).length, 1);
});

test('a campaign that is being sent goes on there, and nobody has it twice', async () => {
  await change({ url: wechat.url, secret: account.secret });
  account.clearReceived();
  there.clearReceived();
  // Slow, so that somebody is left for the other address, however long the change takes to get about.
  await setRate(store.pool, appid, 2);
  const template = templateOf(account, '消息通知');
  const push = cli.run([
    ...[
      'push',
      '--account',
      appid,
      '--channel',
      'template',
      '--to',
      'all',
      '--sync',
      '--template',
      template,
      ...tutorialData,
    ],
    ...['--yes', '--wait', '--json'],
  ]);
  await untilMoved('some have it', async () => {
    const { rows } = await store.pool.query('select state, plan_bucket from campaigns');
    const { size } = await received(wechat, appid);
    return size >= 3 ? null : JSON.stringify([rows, size]);
  });
  await change({ url: moved.url, secret });
  await until('some have it from there', async () => (await received(moved, appid)).size > 0);
  await setRate(store.pool, appid, 1_000);
  const { code, stderr } = await push;
  assert.equal(code, 0, stderr);
  const [old, next] = [await received(wechat, appid), await received(moved, appid)];
  assert.equal(old.size + next.size, 40, 'everybody');
  assert.ok(
    [...old.values(), ...next.values()].every((count) => count === 1),
    'once',
  );
});
