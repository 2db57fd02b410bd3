import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { startServer } from '../../src/server/server.ts';
import { saveCallback } from '../../src/store/events/callbacks.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { callbackSettings, makeEvent, makePush, send } from '../support/push.ts';
import { startWechat, templateOf } from '../support/wechat.ts';

const site = await makeSite();
const { store } = site;
const wechat = await startWechat({ kind: 'miniprogram', followers: 500 });
const account = wechat.account();
const appid = await site.add(wechat, account);
const shipped = templateOf(account, '订单发货通知');
const settings = callbackSettings(appid);
await saveCallback(store.pool, store.sealer, settings);
const token = 'c'.repeat(32);
const clients = new AccountClients({ store, logger: silentLogger });
const engine = await startEngine({ store, clients, logger: silentLogger, role: 'serve', version: 'test' });
const server = await startServer({
  ...{ store, clients, engine, logger: silentLogger, version: 'test', apiToken: token },
  listen: { host: '127.0.0.1', port: 0 },
});
after(async () => {
  await server.close();
  await engine.stop();
  await clients.close();
});

interface Answer {
  status: number;
  detail?: string;
  credits?: Record<string, unknown>[];
}

async function call(
  openid: string,
  body: object | undefined,
  headers: Record<string, string> = {},
  query = '',
): Promise<Answer> {
  const answer = await fetch(`${server.url}/v1/contacts/${openid}/credits${query}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = (await answer.json()) as Omit<Answer, 'status'>;
  return { ...json, status: answer.status };
}

/** What GET says is left for the template. */
async function left(openid: string): Promise<unknown> {
  const { credits } = await call(openid, undefined, {}, `?appid=${appid}&templateId=${shipped}`);
  return credits?.[0]?.left;
}

test('a client reports over HTTP, once for each key, and can ask what is left', async () => {
  const openid = account.openid(300);
  const res = { errMsg: 'requestSubscribeMessage:ok', [shipped]: 'accept' };
  const first = await call(
    openid,
    { appid, results: res, at: '2026-11-20T10:00:00+08:00' },
    { 'idempotency-key': 'tap-1' },
  );
  assert.equal(first.status, 200);
  assert.deepEqual([first.credits?.[0]?.effect, first.credits?.[0]?.left], ['counted', 1]);
  const again = await call(openid, { appid, results: res, key: 'tap-1' });
  assert.deepEqual([again.credits?.[0]?.effect, again.credits?.[0]?.left], ['repeated', 1]);
  const subscribeDetails = JSON.stringify({ [shipped]: JSON.stringify({ status: 'accept' }) });
  const second = await call(openid, { appid, subscribeDetails, key: 'tap-2' });
  assert.deepEqual([second.credits?.[0]?.effect, second.credits?.[0]?.left], ['counted', 2]);
  const asked = await call(openid, undefined, {}, `?appid=${appid}`);
  assert.deepEqual([asked.credits?.[0]?.templateId, asked.credits?.[0]?.left], [shipped, 2]);

  for (const [body, headers, status, message] of [
    [{ appid, results: res }, {}, 400, /needs a key for each tap/],
    [{ appid, results: res, key: 'a' }, { 'idempotency-key': 'b' }, 400, /differ/],
    [{ appid, results: { errMsg: 'ok' }, key: 'a' }, {}, 400, /names no template/],
    [{ appid, subscribeDetails: '{', key: 'a' }, {}, 400, /subscribeDetails is not JSON/],
    [{ appid, results: { [shipped]: 7 }, key: 'a' }, {}, 400, /neither a word/],
    [{ appid, results: res, key: 'a', at: 'now' }, {}, 400, /at: must be a time/],
    [{ appid, result: res, key: 'a' }, {}, 400, /result/],
    [{ appid: 'wx0', results: res, key: 'a' }, {}, 404, /there is no account/],
  ] as const) {
    const answer = await call(openid, body, { ...headers });
    assert.equal(answer.status, status, JSON.stringify(answer));
    assert.match(answer.detail ?? '', message);
  }
  assert.equal((await call(openid, undefined, {}, `?appid=${appid}`)).credits?.[0]?.left, 2);
});

test('WeChat pushes the dialog and the settings to the callback, and a tap that the client reports too counts once', async () => {
  const openid = account.openid(310);
  const item = (choice: string) =>
    `<List><TemplateId><![CDATA[${shipped}]]></TemplateId><SubscribeStatusString><![CDATA[${choice}]]></SubscribeStatusString><PopupScene>0</PopupScene></List>`;
  const push = (event: string, wrapper: string, choice: string, createTime: number) => {
    const fields = Object.entries({ ...makeEvent(event, { FromUserName: openid }), CreateTime: createTime })
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join('');
    return makePush(settings, `<xml>${fields}<${wrapper}>${item(choice)}</${wrapper}></xml>`);
  };
  const second = Math.floor(Date.now() / 1000);
  const popup = push('subscribe_msg_popup_event', 'SubscribeMsgPopupEvent', 'accept', second - 30);
  await until(
    'the server knows the account',
    async () => (await send(server.url, appid, popup)).status === 200,
  );
  // WeChat repeats what it believes not to have arrived.
  assert.equal((await send(server.url, appid, popup)).body, 'success');
  assert.equal(await left(openid), 1);
  const at = new Date((second - 28) * 1000).toISOString();
  const reported = await call(openid, { appid, results: { [shipped]: 'accept' }, at, key: 'tap' });
  assert.deepEqual([reported.credits?.[0]?.effect, reported.credits?.[0]?.left], ['counted', 1]);
  const change = push('subscribe_msg_change_event', 'SubscribeMsgChangeEvent', 'reject', second - 10);
  assert.equal((await send(server.url, appid, change)).body, 'success');
  assert.equal(await left(openid), 0);
});
