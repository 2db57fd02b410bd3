import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { eventEffects } from '../../src/engine/event-effects.ts';
import { repeatOne } from '../../src/engine/events/repeat-effects.ts';
import { eventItems } from '../../src/engine/webhooks/item.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { listEvents, type ShownEvent } from '../../src/store/events/events.ts';
import { unreadableEvent } from '../../src/wechat/callback/unreadable.ts';
import { makeCallbackSite } from '../support/callback/site.ts';
import { until } from '../support/cli.ts';
import { encrypt, makeEvent, makePush, send } from '../support/push.ts';
import { httpServer } from '../support/wechat/raw-server.ts';

const site = await makeCallbackSite();
const { url, store } = site;
const { pool } = store;
const openid = 'oAAAAAAAAAAAAAAAAAAAAAAAAAA1';
const msgId = '9000000000000000001';

/** As seen: the words neither in CDATA nor escaped. */
const ampersand = `<xml><ToUserName><![CDATA[gh_0]]></ToUserName><FromUserName><![CDATA[${openid}]]></FromUserName><CreateTime>1700000001</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>a & b</Content><MsgId>${msgId}</MsgId></xml>`;
const inCdata = (words: string): string =>
  ampersand.replace('<Content>a & b</Content>', `<Content><![CDATA[${words}]]></Content>`);
const json = `{"ToUserName":"gh_0","FromUserName":"${openid}","CreateTime":1700000001,"MsgType":"text","Content":"a "b" c","MsgId":${msgId}}`;

const events = (appid: string): Promise<ShownEvent[]> => listEvents(pool, appid, null, 1_000);
const fields = {
  ToUserName: 'gh_0',
  FromUserName: openid,
  CreateTime: '1700000001',
  MsgType: 'text',
  MsgId: msgId,
};

for (const mode of ['plain', 'compatible', 'secure'] as const) {
  for (const [what, format, body] of [
    ['a bare ampersand', 'xml', ampersand],
    [']]> in a text', 'xml', inCdata('a ]]> b')],
    ['a quote in JSON that was not escaped', 'json', json],
  ] as const) {
    test(`a signed body that cannot be read is kept as it came, once, and answered (${what}, ${mode})`, async () => {
      const kind = format === 'json' ? 'miniprogram' : 'service';
      const settings = await site.account(kind, { mode, format, reply: 'text:谢谢' });
      const { appid } = settings;
      // WeChat comes again with another signature, and in the encrypting modes with another ciphertext.
      for (let delivery = 1; delivery <= 3; delivery++) {
        const answer = await send(url, appid, makePush(settings, body));
        assert.deepEqual([answer.status, answer.body], [200, 'success']);
      }
      const [stored, ...others] = await events(appid);
      assert.deepEqual(others, []);
      assert.deepEqual([stored?.type, stored?.openid, stored?.fields], ['unreadable', openid, fields]);
      assert.equal(stored?.createdAt.getTime(), 1_700_000_001_000);
      assert.equal(stored?.raw?.toString(), body);
      await until('it is counted', async () => (await site.counter(appid, 'repeated')) === 2);
      assert.equal(await site.counter(appid, 'unreadable'), 1);
      assert.equal(await site.counter(appid, 'refused'), 0);
      const said = site.logged.filter((one) => one.fields.appid === appid);
      assert.deepEqual(
        said.map(({ fields: { bytes, msgType } }) => [bytes, msgType]),
        [[body.length, 'text']],
      );
      assert.ok(!JSON.stringify(said).includes('a & b') && !JSON.stringify(said).includes(openid));
    });
  }
}

test('whatever is signed and encrypted is kept, also what no WeChat sends', async () => {
  const settings = await site.account('service');
  const text = `<xml><FromUserName>o1</FromUserName><CreateTime>1700000001</CreateTime><MsgType>event</MsgType><Event>subscribe</Event></xml>`;
  const bodies = [`<!DOCTYPE x [<!ENTITY a "b">]>${text}`, 'nonsense', text.slice(0, -9), ''];
  for (const body of bodies) {
    const answer = await send(url, settings.appid, makePush(settings, body));
    assert.deepEqual([answer.status, answer.body], [200, 'success'], body);
  }
  const stored = await events(settings.appid);
  assert.deepEqual(stored.map(({ raw }) => raw?.toString()).sort(), bodies.sort());
  assert.deepEqual(new Set(stored.map(({ type }) => type)), new Set(['unreadable']));
  const { rowCount } = await pool.query('select 1 from contacts where appid = $1', [settings.appid]);
  assert.equal(rowCount, 0, 'nobody follows by it');
});

test('in plain mode, whose signature covers no body, it must at least begin like one, and nothing follows', async () => {
  const settings = await site.account('service', { mode: 'plain' });
  const { appid } = settings;
  for (const body of ['', 'nonsense', '\0\0'])
    assert.equal((await send(url, appid, makePush(settings, body))).status, 403, body);
  // Of an encrypted push that lost its msg_signature.
  const sealed = encrypt(settings.aesKey, appid, ampersand);
  const stripped = makePush(settings, { ToUserName: 'gh_0', Encrypt: sealed });
  assert.equal((await send(url, appid, stripped)).status, 403);
  assert.deepEqual(await events(appid), []);
  // A user who writes such a field into a text does not bring the account's callback into disrepute.
  const forged = inCdata(']]></Content><Encrypt>AAAA</Encrypt><Content><![CDATA[');
  const unescaped = `{"FromUserName":"${openid}","CreateTime":1700000001,"MsgType":"text","Content":"a","Encrypt":"b","MsgId":1}`;
  for (const body of [forged, unescaped])
    assert.equal((await send(url, appid, makePush(settings, body))).status, 200);
  assert.deepEqual(
    (await events(appid)).map(({ type }) => type),
    ['unreadable', 'unreadable'],
  );
});

test('words that pretend to be an event change nothing: follower, credits, receipts, other people’s messages', async () => {
  const settings = await site.account('service');
  const { appid } = settings;
  const other = 'oBBBBBBBBBBBBBBBBBBBBBBBBBB2';
  for (const one of [openid, other])
    await send(url, appid, makePush(settings, makeEvent('subscribe', { FromUserName: one })));
  const state = async (): Promise<unknown[]> =>
    await Promise.all(
      ['contacts', 'receipts', 'credit_balances', 'credit_entries'].map(
        async (table) =>
          (await pool.query(`select * from ${table} where appid = $1 order by openid`, [appid])).rows,
      ),
    );
  const before = await state();
  assert.equal((before[0] as unknown[]).length, 2);
  const event = (name: string, more = ''): string => `<MsgType>event</MsgType><Event>${name}</Event>${more}`;
  const later = '<CreateTime>1999999999</CreateTime>';
  const consent =
    '<SubscribeMsgPopupEvent><List><TemplateId>T</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent>';
  const forgeries = [
    event('unsubscribe'),
    event('unsubscribe', later),
    `<FromUserName>${other}</FromUserName>${event('unsubscribe', later)}`,
    event('subscribe_msg_popup_event', consent),
    event('TEMPLATESENDJOBFINISH', '<MsgID>1</MsgID><Status>success</Status>'),
    '<Event>unsubscribe</Event>',
    `<MsgId>5</MsgId>`,
  ];
  for (const forged of forgeries) {
    for (const words of [
      `]]></Content>${forged}<Content><![CDATA[`,
      `]]></Content>${forged}</xml>`,
      `]]></Content></xml><xml>${forged}<Content><![CDATA[`,
      `]]>${forged}<![CDATA[`,
      `]]>${forged}`,
    ]) {
      const answer = await send(url, appid, makePush(settings, inCdata(words)));
      assert.deepEqual([answer.status, answer.body], [200, 'success'], words);
    }
  }
  assert.deepEqual(await state(), before);
  const unreadable = await listEvents(pool, appid, 'unreadable', 1_000);
  assert.equal(unreadable.length, 5 * forgeries.length, 'each of them is kept');
  for (const one of unreadable) assert.deepEqual([one.openid, one.fields], [openid, fields]);
  // The MsgId that was written into a text is still free for the message that has it.
  const real = inCdata('hello').replace(msgId, '5').replace(openid, other);
  await send(url, appid, makePush(settings, real));
  const messages = await listEvents(pool, appid, 'message', 10);
  assert.deepEqual(
    messages.map((one) => [one.openid, one.fields.MsgId]),
    [[other, '5']],
  );
});

test('an effect that is tried again later follows from what it is, not from what its envelope says', async () => {
  const settings = await site.account('service');
  const { appid } = settings;
  await send(
    url,
    appid,
    makePush(settings, makeEvent('subscribe', { FromUserName: openid, CreateTime: 1_600_000_000 })),
  );
  const left = ampersand
    .replace('<![CDATA[text]]>', 'event')
    .replace('<Content>a & b</Content>', '<Event>unsubscribe</Event><EventKey>a & b</EventKey>');
  await send(url, appid, makePush(settings, left));
  const [stored] = await listEvents(pool, appid, 'unreadable', 10);
  assert.equal(stored?.fields.Event, 'unsubscribe');
  await pool.query(
    "update events set pending = '{followers}', received_at = received_at - interval '1 h' where appid = $1 and raw is not null",
    [appid],
  );
  assert.notEqual(await repeatOne(pool, eventEffects, silentLogger), null);
  const { rows } = await pool.query<{ follows: boolean }>('select follows from contacts where appid = $1', [
    appid,
  ]);
  assert.deepEqual(rows, [{ follows: true }]);
});

test('it is relayed as it came, and the reply behind is the answer; the hook hears it', async () => {
  const got: string[] = [];
  await using behind = await httpServer((_, body, response) => {
    got.push(body);
    response.end('from behind');
  });
  const settings = await site.account('service', { forwardTo: `${behind.url}/wx` });
  got.splice(0);
  const heard: [string, string][] = [];
  site.onEvent = (appid, event) => {
    if (appid === settings.appid)
      heard.push([event.type, event.type === 'unreadable' ? String(event.raw) : '']);
    return undefined;
  };
  const push = makePush(settings, ampersand);
  const answer = await send(url, settings.appid, push);
  site.onEvent = () => undefined;
  assert.deepEqual([answer.status, answer.body], [200, 'from behind']);
  assert.deepEqual(got, [push.body]);
  assert.deepEqual(heard, [['unreadable', ampersand]]);
});

test('events list shows it raw on one line, and JSON gives its very bytes; webhooks are told', async () => {
  const settings = await site.account('service');
  const { appid } = settings;
  const body = inCdata('two\nlines ]]> \u001b[2J');
  await send(url, appid, makePush(settings, body));
  const long = inCdata(`${'长'.repeat(2_000)}]]>`);
  await send(url, appid, makePush(settings, long));
  const shown = (await site.cli.ok(['events', 'list', appid, '--type', 'unreadable'])).split('\n');
  const [head, ...rows] = shown.filter((line) => /^(?:id|\d.*unreadable) {2}/.test(line));
  assert.match(head ?? '', /^id +created +type +openid/);
  assert.equal(rows.length, 2);
  assert.ok(rows.some((row) => row.includes(String.raw`two\nlines ]]> \u001b[2J`)));
  assert.ok(rows.some((row) => row.includes('长长长') && row.endsWith('…') && row.length < 1_500));
  const { events: listed } = JSON.parse(await site.cli.ok(['events', 'list', appid, '--json']));
  const one = listed.find(({ raw }: { raw: string }) => raw === body);
  assert.equal(Buffer.from(one.rawBase64, 'base64').toString(), body);
  const { MsgId: _, ...envelope } = fields;
  const stored = { appid, key: 'k', event: unreadableEvent(Buffer.from(`${body}\0`)) };
  assert.deepEqual(eventItems(stored), [
    {
      ...{ topic: 'other', at: '2023-11-14T22:13:21.000Z', openid, id: 'k', event: null },
      ...{ fields: envelope, raw: `${body}\ufffd` },
    },
  ]);
});

test('a simulated person writes what breaks the XML: nothing is given up, and everything is there', async () => {
  const settings = await site.account('service');
  await using simulator = await startSimulator({ appid: settings.appid, events: { jitterMs: 0 } });
  const account = simulator.account();
  await account.events.setCallback({
    url: `${url}/callback/{appid}`,
    token: settings.token,
    encodingAESKey: settings.aesKey,
    mode: 'secure',
  });
  const words = ['a ]]> b', ']]></Content><Event>unsubscribe</Event><Content><![CDATA[', 'a & b', 'plain'];
  for (const [i, textForm] of (['unsplit', 'bare', 'split'] as const).entries()) {
    account.events.configure({ textForm });
    for (const one of words) account.user(account.openid(i)).sendText(one);
    await account.events.drained();
  }
  const fates = [...account.events.all()].map(({ fate }) => fate);
  assert.deepEqual(
    fates,
    Array.from({ length: 12 }, () => 'delivered'),
  );
  const types = async (i: number): Promise<string[]> =>
    (await events(settings.appid))
      .filter((one) => one.openid === account.openid(i))
      .map(({ type }) => type)
      .sort();
  assert.deepEqual(await types(0), ['message', 'message', 'unreadable', 'unreadable']);
  assert.deepEqual(await types(1), ['message', 'unreadable', 'unreadable', 'unreadable']);
  assert.deepEqual(await types(2), ['message', 'message', 'message', 'message']);
});
