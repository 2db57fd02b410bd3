import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallbackFormat, type CallbackMode, startSimulator } from '../../src/simulator/index.ts';
import { sealMessage } from '../../src/wechat/callback/reply.ts';
import { CallbackReceiver, element } from '../support/callback/receiver.ts';
import { sendTo, simulatorFor, trust } from '../support/callback/simulator.ts';
import { Caller, errcodeOf } from '../support/simulated.ts';

const MP_ORDER = {
  character_string1: { value: 'SF-1' },
  thing2: { value: '毛笔' },
  time3: { value: '2026年1月1日 12:00' },
  name4: { value: '张三' },
};

test('an accepted template message is followed by its receipt, in WeChat’s form', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver);
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const [msgid = ''] = await sendTo(caller, [5]);
  assert.equal(await account.events.drained(), true);
  const [push] = receiver.pushes;
  assert.ok(push !== undefined);
  const created = element(push.plain, 'CreateTime') ?? '';
  assert.equal(
    push.plain,
    `<xml><ToUserName><![CDATA[${account.events.originalId}]]></ToUserName>
<FromUserName><![CDATA[${account.openid(5)}]]></FromUserName>
<CreateTime>${created}</CreateTime>
<MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>
<MsgID>${msgid}</MsgID>
<Status><![CDATA[success]]></Status>
</xml>`,
  );
  assert.ok(Math.abs(Number(created) - Date.now() / 1000) < 60);
  assert.equal(push.contentType, 'text/xml');
  assert.equal(push.query.get('openid'), account.openid(5));
  assert.equal(push.query.get('encrypt_type'), null);
  assert.deepEqual(account.events.byMsgid(msgid), {
    seq: 1,
    event: 'TEMPLATESENDJOBFINISH',
    openid: account.openid(5),
    createTime: Number(created),
    status: 'success',
    msgid,
    template_id: caller.template('oa'),
    fate: 'delivered',
    deliveries: 1,
  });
  assert.equal(account.events.byMsgid('1'), undefined);
});

for (const mode of ['plain', 'compatible', 'secure'] as CallbackMode[]) {
  for (const format of ['xml', 'json'] as CallbackFormat[]) {
    test(`what a Mini Program’s user does arrives in ${mode} mode as ${format}`, async () => {
      await using receiver = await new CallbackReceiver().listen();
      await using simulator = await simulatorFor(receiver, {
        kind: 'miniprogram',
        creditsPerUser: 0,
        callback: { url: receiver.url, mode, format },
        events: { connections: 1 },
      });
      const caller = await new Caller(simulator).login();
      const { account } = caller;
      const user = account.user(account.openid(1));
      const [one = '', two = ''] = account.templates().map(({ template_id }) => template_id);
      user.choose([{ template_id: one, choice: 'accept' }]);
      user.choose([
        { template_id: one, choice: 'accept' },
        { template_id: two, choice: 'reject' },
      ]);
      user.choose([{ template_id: one, choice: 'accept' }], { silent: true });
      assert.equal(account.credits(user.openid, one), 3);
      assert.equal(account.credits(user.openid, two), 0);
      const answer = await caller.post('/cgi-bin/message/subscribe/send', {
        touser: user.openid,
        template_id: one,
        data: MP_ORDER,
      });
      assert.equal(errcodeOf(answer), 0, answer);
      user.turnOff([one]);
      assert.equal(account.credits(user.openid, one), 0);
      user.enterSession('商品页');
      user.sendText('你好 ]]> 🪿𠮷 "quoted" \\ <b>');
      await account.events.drained();

      assert.equal(receiver.pushes.length, 6);
      for (const { raw, query } of receiver.pushes) {
        assert.equal(query.get('encrypt_type'), mode === 'plain' ? null : 'aes');
        assert.equal(/Encrypt/.test(raw), mode !== 'plain');
        assert.equal(/FromUserName/.test(raw), mode !== 'secure');
        assert.ok(raw.includes(account.events.originalId));
        if (mode === 'compatible') assert.match(raw, /<\/Encrypt><\/xml>$|,"Encrypt":"[^"]+"\}$/);
      }
      const msgid = /"msgid":(\d+)/.exec(answer)?.[1] ?? '';
      const bodies = receiver.pushes.map(({ plain }) => plain);
      if (format === 'xml') {
        assert.match(
          bodies[1] ?? '',
          new RegExp(
            `<SubscribeMsgPopupEvent>\n<List><TemplateId><!\\[CDATA\\[${one}\\]\\]></TemplateId><SubscribeStatusString><!\\[CDATA\\[accept\\]\\]></SubscribeStatusString><PopupScene>0</PopupScene></List>\n<List>.*reject.*</List>\n</SubscribeMsgPopupEvent>\n</xml>$`,
          ),
        );
        assert.match(
          bodies[2] ?? '',
          new RegExp(
            `<MsgID>${msgid}</MsgID><ErrorCode>0</ErrorCode><ErrorStatus><!\\[CDATA\\[success\\]\\]></ErrorStatus></List>`,
          ),
        );
        assert.match(bodies[3] ?? '', /<SubscribeMsgChangeEvent>\n<List>.*reject.*<\/List>/);
        assert.equal(element(bodies[4] ?? '', 'SessionFrom'), '商品页');
        assert.match(bodies[5] ?? '', /<Content><!\[CDATA\[你好 \]\]> 🪿𠮷 "quoted" \\ <b>\]\]><\/Content>/);
        return;
      }
      const [single, both, sent, change, session, text] = bodies.map((body) => JSON.parse(body));
      const accept = { TemplateId: one, SubscribeStatusString: 'accept', PopupScene: '0' };
      assert.deepEqual(single.List, accept);
      assert.deepEqual(both.List, [
        accept,
        { TemplateId: two, SubscribeStatusString: 'reject', PopupScene: '0' },
      ]);
      assert.deepEqual(sent.List, { TemplateId: one, MsgID: msgid, ErrorCode: '0', ErrorStatus: 'success' });
      assert.deepEqual(change.List, { TemplateId: one, SubscribeStatusString: 'reject' });
      assert.equal(session.SessionFrom, '商品页');
      assert.equal(text.Content, '你好 ]]> 🪿𠮷 "quoted" \\ <b>');
      const messageId = /"MsgId":(\d+)/.exec(bodies[5] ?? '')?.[1] ?? '';
      assert.equal(BigInt(messageId) >> 32n, BigInt(text.CreateTime));
    });
  }
}

test('the number of a text has the second of its time, also where a second ends meanwhile', async (t) => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver);
  const account = simulator.account();
  const start = Date.now();
  let looks = 0;
  const clock = t.mock.method(Date, 'now', () => start + 1_000 * looks++); // each look is a second later
  account.user(account.openid(0)).sendText('你好');
  clock.mock.restore();
  await account.events.drained();
  const { plain = '' } = receiver.pushes[0] ?? {};
  const number = /<MsgId>(\d+)<\/MsgId>/.exec(plain)?.[1] ?? '0';
  assert.equal(BigInt(number) >> 32n, BigInt(element(plain, 'CreateTime') ?? ''));
});

test('what people write stands in XML as WeChat writes it, bare, or as XML wants it', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { events: { connections: 1 } });
  const account = simulator.account();
  const user = account.user(account.openid(0));
  const words = 'a ]]> & <b>';
  const forms = ['unsplit', 'bare', 'split'] as const;
  for (const textForm of forms) {
    account.events.configure({ textForm });
    user.sendText(words);
    await account.events.drained();
  }
  assert.deepEqual(
    receiver.pushes.map(({ plain }) => /<Content>(.*)<\/Content>/.exec(plain)?.[1]),
    [`<![CDATA[${words}]]>`, words, '<![CDATA[a ]]]]><![CDATA[> & <b>]]>'],
  );
  assert.throws(() => account.events.configure({ textForm: 'escaped' as 'bare' }), /textForm/);
});

test('an encrypted empty reply is taken, as WeChat does; encrypted junk is not', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, {
    callback: { url: receiver.url, mode: 'secure' },
    events: { connections: 1, deliveries: 1 },
  });
  const account = simulator.account();
  const { appid, events } = account;
  const { token = '', encodingAESKey = '' } = events.callback ?? {};
  const keys = { appid, token, aesKeys: [encodingAESKey] };
  let content = '';
  receiver.answer = (_, response) => {
    const { Encrypt, MsgSignature, TimeStamp, Nonce } = sealMessage(content, keys, {
      timestamp: 1_714_112_445,
    });
    response.end(
      `<xml><Encrypt>${Encrypt}</Encrypt><MsgSignature>${MsgSignature}</MsgSignature><TimeStamp>${TimeStamp}</TimeStamp><Nonce>${Nonce}</Nonce></xml>`,
    );
  };
  account.user(account.openid(0)).sendText('你好');
  await events.drained();
  content = 'junk';
  account.user(account.openid(1)).sendText('你好');
  await events.drained();
  assert.deepEqual(
    [...events.all()].map(({ fate }) => fate),
    ['delivered', 'given-up'],
  );
  assert.deepEqual(
    events.replies().map(({ problem }) => problem !== undefined),
    [true],
  );
});

test('JSON lists and times take the shapes that were seen', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, {
    kind: 'miniprogram',
    callback: { url: receiver.url, format: 'json' },
  });
  const account = simulator.account();
  const template_id = account.templates()[0]?.template_id ?? '';
  const item = { TemplateId: template_id, SubscribeStatusString: 'accept', PopupScene: '0' };
  const push = async (): Promise<Record<string, unknown>> => {
    account.user(account.openid(0)).choose([{ template_id, choice: 'accept' }]);
    await account.events.drained();
    return JSON.parse(receiver.pushes.at(-1)?.plain ?? '');
  };
  const documented = await push();
  assert.deepEqual([documented.List, typeof documented.CreateTime], [item, 'number']);
  account.events.configure({ listShape: 'array', createTimeAs: 'string' });
  const array = await push();
  assert.deepEqual([array.List, typeof array.CreateTime], [[item], 'string']);
  account.events.configure({ listShape: 'nested' });
  const nested = await push();
  assert.deepEqual([nested.List, nested.SubscribeMsgPopupEvent], [undefined, { List: item }]);
});

test('an Official Account’s people follow, scan and leave; repeats of the same act raise nothing', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { events: { connections: 1 } });
  const account = simulator.account();
  const user = account.user(account.openid(2));
  user.follow();
  user.unfollow();
  user.unfollow();
  user.follow('123');
  user.scan('456');
  user.unfollow();
  user.scan('789');
  await account.events.drained();
  assert.deepEqual(
    receiver.pushes.map(({ plain }) => [element(plain, 'Event'), element(plain, 'EventKey')]),
    [
      ['unsubscribe', ''],
      ['subscribe', 'qrscene_123'],
      ['SCAN', '456'],
      ['unsubscribe', ''],
      ['subscribe', 'qrscene_789'],
    ],
  );
  assert.match(receiver.pushes[1]?.plain ?? '', /<Ticket><!\[CDATA\[gQ.+\]\]><\/Ticket>/);
  assert.throws(() => user.enterSession(), { code: 'SIMULATOR_OPTIONS' });
});

test('a subscription notification and a mass send have receipts; kf, one-time and form messages have none', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { kfOpenShare: 1, creditsPerUser: 1 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const touser = account.openid(0);
  const sends: [string, object][] = [
    ['/cgi-bin/message/custom/send', { touser, msgtype: 'text', text: { content: 'hi' } }],
    [
      '/cgi-bin/message/template/subscribe',
      {
        touser,
        template_id: caller.template('once'),
        scene: '1',
        title: '标题',
        data: { content: { value: '内容' } },
      },
    ],
    [
      '/cgi-bin/message/mass/sendall',
      { filter: { is_to_all: true }, msgtype: 'text', text: { content: 'hi' } },
    ],
  ];
  for (const [path, body] of sends) assert.equal(errcodeOf(await caller.post(path, body)), 0, path);
  await account.events.drained();
  assert.equal(receiver.pushes.length, 1);
  const { plain = '' } = receiver.pushes[0] ?? {};
  assert.deepEqual(
    ['Event', 'MsgID', 'Status', 'TotalCount', 'FilterCount', 'SentCount', 'ErrorCount'].map((name) =>
      element(plain, name),
    ),
    ['MASSSENDJOBFINISH', '1000000001', 'send success', '1000', '1000', '1000', '0'],
  );
  assert.equal(account.events.byMsgid('1000000001')?.fate, 'delivered');
  const order = account.templates().find(({ family }) => family === 'subscribe');
  const keys = [...(order?.content ?? '').matchAll(/\{\{(\w+)\.DATA\}\}/g)].map(([, key = '']) => key);
  const samples: Record<string, string> = {
    character_string: 'SF-1',
    time: '2026年1月1日 12:00',
    amount: '￥1.50',
    const: '已发货',
  };
  const value = (key: string): string => samples[key.replace(/\d+$/, '')] ?? '毛笔';
  const data = Object.fromEntries(keys.map((key) => [key, { value: value(key) }]));
  const answer = await caller.post('/cgi-bin/message/subscribe/bizsend', {
    touser,
    template_id: order?.template_id,
    data,
  });
  assert.equal(errcodeOf(answer), 0, answer);
  await account.events.drained();
  assert.equal(element(receiver.pushes.at(-1)?.plain ?? '', 'Event'), 'subscribe_msg_sent_event');
});

test('the admin API does all of it', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await startSimulator({ accounts: [{}, { kind: 'miniprogram' }] });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at member by member
  const call = async (method: string, path: string, body?: object, of = account): Promise<any> => {
    const response = await fetch(`${simulator.url}/_simulator/accounts/${of.appid}/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer;
  };
  const saved = await call('POST', 'callback', { url: receiver.url, mode: 'compatible' });
  assert.deepEqual(saved, { originalId: account.events.originalId, callback: account.events.callback });
  trust(receiver, account);
  await call('POST', 'events/options', { jitterMs: 0, connections: 1 });
  await call('POST', 'events/pause');
  const [msgid] = await sendTo(caller, [0]);
  const openid = account.openid(0);
  await call('POST', 'unfollow', { openid });
  await call('POST', 'follow', { openid, scene: 'shop' });
  await call('POST', 'scan', { openid, scene: 'door' });
  await call('POST', 'messages/block', { openid });
  await call('POST', 'messages/unblock', { openid });
  await call('POST', 'text', { openid, content: '你好' });
  const waiting = await call('POST', 'events/drain', { timeoutMs: 10 });
  assert.deepEqual([waiting.drained, waiting.pending], [false, 5]);
  await call('POST', 'events/resume');
  const done = await call('POST', 'events/drain');
  assert.deepEqual([done.drained, done.delivered], [true, 5]);
  const { events } = await call('GET', `events?msgid=${msgid}`);
  assert.deepEqual(
    events.map(({ fate }: { fate: string }) => fate),
    ['delivered'],
  );
  const last = await call('GET', `events?openid=${openid}&limit=2`);
  assert.deepEqual(
    last.events.map(({ event }: { event: string }) => event),
    ['SCAN', 'text'],
  );
  const lines = await fetch(`${simulator.url}/_simulator/accounts/${account.appid}/events.ndjson`);
  assert.equal((await lines.text()).trim().split('\n').length, 5);
  assert.deepEqual(await call('GET', 'replies'), { replies: [] });

  const program = simulator.accounts[1];
  assert.ok(program !== undefined);
  const user = program.openid(3);
  const template_id = program.templates()[0]?.template_id ?? '';
  await call('POST', 'callback', { url: receiver.url, format: 'json', verify: false }, program);
  trust(receiver, program);
  const before = program.credits(user, template_id);
  const choices = [{ template_id, choice: 'accept' }];
  const chosen = await call('POST', 'subscriptions/choose', { openid: user, choices }, program);
  assert.deepEqual(chosen, { credits: { [template_id]: before + 1 } });
  await call('POST', 'subscriptions/turn-off', { openid: user, template_ids: [template_id] }, program);
  await call('POST', 'session/enter', { openid: user, sessionFrom: 'x' }, program);
  const summary = await call('POST', 'events/drain', {}, program);
  assert.equal(summary.delivered, 3);
  await call('POST', 'events/clear', {}, program);
  assert.equal(program.events.summary().events, 0);
  assert.deepEqual(await call('POST', 'callback', { url: null }, program), {
    originalId: program.events.originalId,
    callback: null,
  });
  const refused = await fetch(`${simulator.url}/_simulator/accounts/${account.appid}/callback`, {
    method: 'POST',
    body: '{"url":"http://127.0.0.1:1/"}',
  });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /SIMULATOR_CALLBACK/);
});
