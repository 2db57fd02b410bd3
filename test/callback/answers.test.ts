import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saveCallback } from '../../src/store/events/callbacks.ts';
import { listEvents } from '../../src/store/events/events.ts';
import { makeCallbackSite } from '../support/callback/site.ts';
import { until, untilWithin } from '../support/in-time.ts';
import { decrypt, makeEvent, makePush, send } from '../support/push.ts';
import { httpServer } from '../support/wechat/raw-server.ts';

const site = await makeCallbackSite();
const { store, url, counter } = site;
let serial = 0;

const message = (): Record<string, string | number> => {
  const { Event: _, ...rest } = makeEvent('', {
    MsgType: 'text',
    Content: '在吗',
    MsgId: String(10n ** 17n + BigInt(++serial)),
  });
  return rest;
};

const stored = async (appid: string): Promise<number> =>
  (await listEvents(store.pool, appid, null, 100_000)).length;

test('users’ messages get nothing, a text or customer service, encrypted where the push was; events get success', async () => {
  for (const mode of ['plain', 'secure'] as const) {
    for (const [reply, expected] of [
      ['none', /^success$/],
      ['transfer', /<MsgType><!\[CDATA\[transfer_customer_service\]\]>/],
      ['text:谢谢 ]]> 🦢', /<MsgType><!\[CDATA\[text\]\]><\/MsgType>\s*<Content>.*谢谢 \]\].*🦢/],
    ] as const) {
      const settings = await site.account('service', { mode, reply });
      const sent = message();
      const answer = await send(url, settings.appid, makePush(settings, sent));
      assert.equal(answer.status, 200);
      let { body } = answer;
      if (mode === 'secure' && reply !== 'none') {
        const sealed = /<Encrypt><!\[CDATA\[([^\]]+)/.exec(body)?.[1] ?? '';
        const opened = decrypt(settings.aesKey, sealed);
        assert.equal(opened.appid, settings.appid);
        body = opened.message;
      }
      assert.match(body, expected);
      if (reply !== 'none')
        assert.match(
          body,
          new RegExp(
            `<ToUserName><!\\[CDATA\\[${sent.FromUserName}\\]\\]>.*<FromUserName><!\\[CDATA\\[gh_`,
            's',
          ),
        );
      const other = await send(url, settings.appid, makePush(settings, makeEvent('subscribe')));
      assert.equal(other.body, 'success');
    }
  }
});

test('a hook hears each event once and may answer a message', async () => {
  const settings = await site.account('service', { mode: 'plain', reply: 'transfer' });
  const heard: string[] = [];
  site.onEvent = async (appid, event) => {
    if (appid !== settings.appid) return undefined;
    heard.push(event.type);
    if (event.type !== 'message') throw new Error('only an event');
    return { kind: 'text', content: 'from the hook' };
  };
  const push = makePush(settings, message());
  assert.match((await send(url, settings.appid, push)).body, /from the hook/);
  assert.match((await send(url, settings.appid, push)).body, /transfer_customer_service/, 'a repeat');
  const event = await send(url, settings.appid, makePush(settings, makeEvent('subscribe')));
  assert.deepEqual([event.status, event.body], [200, 'success'], 'a hook that throws loses nothing');
  assert.deepEqual(heard, ['message', 'follow']);
  site.onEvent = () => new Promise(() => {});
  await untilWithin('a hook that hangs does not take WeChat’s patience', 5_000, async () => {
    const answer = await send(url, settings.appid, makePush(settings, makeEvent('subscribe')));
    assert.equal(answer.body, 'success');
  });
  site.onEvent = () => undefined;
});

test('forwardTo gets the raw request, and its reply is the answer', async () => {
  const got: { url: string; body: string; type: string | undefined; agent: string | undefined }[] = [];
  await using behind = await httpServer((request, body, response) => {
    const { url = '', headers } = request;
    got.push({ url, body, type: headers['content-type'], agent: headers['user-agent'] });
    response
      .writeHead(200, { 'content-type': 'text/xml; charset=gbk' })
      .end(Buffer.from([0x3c, 0xc4, 0xe3, 0x00, 0x3e]));
  });
  const settings = await site.account('service', { forwardTo: `${behind.url}/wx?id=3` });
  got.splice(0);
  const push = makePush(settings, message());
  push.query += '&odd=%E4%BD%A0+%2b&empty=';
  const answer = await send(url, settings.appid, push);
  assert.deepEqual([answer.status, answer.contentType], [200, 'text/xml; charset=gbk']);
  assert.match(answer.body, /^<.+>$/s);
  assert.deepEqual(got, [
    { url: `/wx?id=3&${push.query}`, body: push.body, type: 'text/xml', agent: 'Mozilla/4.0' },
  ]);
  assert.equal(await stored(settings.appid), 1);
  // WeChat repeats what it got no answer to, and so does whoever relays.
  await send(url, settings.appid, push);
  assert.equal(got.length, 2);
  assert.equal(await stored(settings.appid), 1);
  // Nothing that is not WeChat's is relayed.
  await send(url, settings.appid, { ...push, query: 'signature=1' });
  assert.equal(got.length, 2);
});

test('a URL behind that is down, slow, wrong, endless or says too much costs its reply and nothing else', async () => {
  await using gone = await httpServer(() => {});
  await using slow = await httpServer(() => {});
  await using wrong = await httpServer((_, __, response) => response.writeHead(500).end('oops'));
  await using elsewhere = await httpServer((_, __, response) =>
    response.writeHead(302, { location: url }).end(),
  );
  await using endless = await httpServer((_, __, response) => {
    response.on('error', () => {});
    const write = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', write);
    write();
  });
  await using large = await httpServer((_, __, response) => response.end('x'.repeat(1024 * 1024 + 1)));
  await gone[Symbol.asyncDispose]();
  const cases = Object.entries({ gone, slow, wrong, elsewhere, endless, large });
  await Promise.all(
    cases.map(async ([what, behind]) => {
      const settings = await site.account('service', { mode: 'plain' });
      const { appid } = settings;
      await saveCallback(store.pool, store.sealer, {
        ...settings,
        forwardTo: `${behind.url}/wx`,
        reply: 'transfer',
      });
      await until(what, async () => {
        await send(url, appid, makePush(settings, makeEvent('probe')));
        return (await counter(appid, 'forward-failed')) > 0;
      });
      await untilWithin(what, 4_900, async () => {
        const before = await stored(appid);
        const answer = await send(url, appid, makePush(settings, message()));
        assert.equal(answer.status, 200, what);
        assert.match(answer.body, /transfer_customer_service/, what);
        assert.equal(await stored(appid), before + 1, what);
      });
    }),
  );
});

test('two Hongyans that relay to each other do not do so for ever', async () => {
  const settings = await site.account('service');
  await saveCallback(store.pool, store.sealer, {
    ...settings,
    forwardTo: `${url}/callback/${settings.appid}`,
  });
  const { appid } = settings;
  const push = makePush(settings, makeEvent('subscribe'));
  await until('the relayed one is a repeat', async () => {
    await send(url, appid, makePush(settings, makeEvent('subscribe')));
    return (await counter(appid, 'repeated')) > 0;
  });
  assert.equal((await send(url, appid, push)).body, 'success');
});

test('unsigned pushes are taken from chosen addresses with the cloud’s header, and from nobody else', async () => {
  const open = await site.account('miniprogram', { format: 'json', unsignedFrom: ['127.0.0.0/8'] });
  const closed = await site.account('miniprogram', {
    format: 'json',
    unsignedFrom: ['10.0.0.0/8', '::1/128'],
  });
  const never = await site.account('miniprogram', { format: 'json' });
  const body = '{"FromUserName":"o1","CreateTime":1764000000,"MsgType":"event","Event":"subscribe"}';
  const push = { query: '', body, contentType: 'application/json' };
  const cloud = { 'x-wx-source': 'wx' };
  const status = async (appid: string, headers: Record<string, string>, query = ''): Promise<number> =>
    (await send(url, appid, { ...push, query }, headers)).status;
  assert.equal(await status(open.appid, cloud), 200);
  assert.equal(await status(open.appid, {}), 403);
  assert.equal(await status(open.appid, cloud, 'signature=1'), 403, 'what is signed must be signed rightly');
  assert.equal(
    await status(closed.appid, { ...cloud, 'x-forwarded-for': '10.0.0.1', 'x-real-ip': '10.0.0.1' }),
    403,
  );
  assert.equal(await status(never.appid, cloud), 403);
  const check = { ...push, body: '{"action":"CheckContainerPath"}' };
  const answer = await send(url, open.appid, check, cloud);
  assert.deepEqual([answer.status, answer.body], [200, 'success']);
  assert.deepEqual(await Promise.all([open, closed, never].map(({ appid }) => stored(appid))), [1, 0, 0]);
});
