import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { until } from '../support/cli.ts';
import { Caller, errcodeOf, refusal, withoutRid } from '../support/simulated.ts';

const TEMPLATE_SEND = '/cgi-bin/message/template/send';
const SUBSCRIBE_SEND = '/cgi-bin/message/subscribe/send';
const KF_SEND = '/cgi-bin/message/custom/send';

const ORDER = {
  character_string1: { value: 'SF-1' },
  thing2: { value: '毛笔' },
  time3: { value: '2026年1月1日 12:00' },
};
const OA_ORDER = { ...ORDER, amount4: { value: '￥1.50' }, const5: { value: '已发货' } };
const MP_ORDER = { ...ORDER, name4: { value: '张三' } };

test('an accepted template message has a bare 64-bit msgid and is on record', async () => {
  await using simulator = await startSimulator({ record: 'full' });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const body = { touser: account.openid(1), template_id: caller.template('oa', 1), data: OA_ORDER };
  const answer = await caller.post(TEMPLATE_SEND, body);
  const msgid = /^\{"errcode":0,"errmsg":"ok","msgid":(\d{19})\}$/.exec(answer)?.[1] ?? '';
  const sentAtMs = Number(BigInt(msgid) >> 24n) + 1_509_592_271_000;
  assert.ok(Math.abs(sentAtMs - simulator.now()) < 60_000);
  const [message] = account.messages(account.openid(1));
  assert.equal(message?.msgid, msgid);
  assert.deepEqual(message?.body, body);
  assert.equal(account.receivedCount(account.openid(1)), 1);
  assert.equal(account.receivedCount(account.openid(2)), 0);
});

test('template/send checks recipient, template, fields and link, in this order', async () => {
  await using simulator = await startSimulator({ linkedMiniprograms: ['wx00000000000000aa'] });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const good = { touser: account.openid(0), template_id: caller.template('oa', 1), data: OA_ORDER };
  const linked = { appid: 'wx00000000000000aa', pagepath: 'index?foo=bar' };
  const bad = { touser: 'x', template_id: 'x', data: {}, miniprogram: { appid: 'x' } };
  const steps: [object, number, string][] = [
    [bad, 40003, 'invalid openid'],
    [{ ...bad, touser: good.touser }, 40037, 'invalid template_id'],
    [
      { ...good, data: {}, miniprogram: { appid: 'x' } },
      47003,
      'argument invalid! data.character_string1.value i',
    ],
    [{ ...good, miniprogram: { appid: 'x' } }, 40013, 'invalid appid'],
    [{ ...good, miniprogram: { ...linked, pagepath: 'https://x' } }, 40165, 'invalid weapp pagepath'],
  ];
  for (const [body, errcode, text] of steps) {
    assert.equal(withoutRid(await caller.post(TEMPLATE_SEND, body)), refusal(errcode, text));
  }
  account.unfollow(good.touser);
  assert.equal(withoutRid(await caller.post(TEMPLATE_SEND, good)), refusal(43004, 'require subscribe'));
  account.follow(good.touser);
  assert.equal(errcodeOf(await caller.post(TEMPLATE_SEND, { ...good, miniprogram: linked })), 0);
  assert.equal(account.summary().accepted, 1);
});

test('47003 names the first bad field, says whether it is empty, and is cut at 48 characters only if asked to', async () => {
  await using simulator = await startSimulator({ accounts: [{}, { argumentTextLimit: 0 }] });
  const cut = await new Caller(simulator).login();
  const whole = await new Caller(simulator, simulator.accounts[1]).login();
  const send = async (caller: Caller, data: unknown): Promise<string> =>
    withoutRid(
      await caller.post(TEMPLATE_SEND, {
        touser: caller.account.openid(0),
        template_id: caller.template('oa', 1),
        data,
      }),
    );
  const long = { ...OA_ORDER, thing2: { value: '一'.repeat(21) }, time3: { value: '' } };
  assert.equal(await send(cut, long), refusal(47003, 'argument invalid! data.thing2.value invalid'));
  const empty = { ...OA_ORDER, time3: { value: '' } };
  assert.equal(await send(cut, empty), refusal(47003, 'argument invalid! data.time3.value is empty'));
  const bad = { ...OA_ORDER, character_string1: { value: '中文' } };
  assert.equal(await send(cut, bad), refusal(47003, 'argument invalid! data.character_string1.value i'));
  assert.equal(
    await send(whole, bad),
    refusal(47003, 'argument invalid! data.character_string1.value invalid'),
  );
  const text = JSON.stringify(OA_ORDER);
  assert.equal(
    await send(whole, text),
    refusal(47003, 'argument invalid! data.character_string1.value is empty'),
  );
});

test('free keys of the tutorials’ template take anything', async () => {
  await using simulator = await startSimulator({ kind: 'sandbox' });
  const caller = await new Caller(simulator).login();
  const data = { keyword1: { value: '长'.repeat(300), color: '#173177' } };
  const body = { touser: caller.account.openid(0), template_id: caller.template('oa'), data };
  assert.equal(errcodeOf(await caller.post(TEMPLATE_SEND, body)), 0);
});

test('a repeated client_msg_id reaches its person once in 10 minutes', async () => {
  for (const how of ['same-ok', 40241, 45065] as const) {
    await using simulator = await startSimulator({ duplicateClientMsgId: how });
    const caller = await new Caller(simulator).login();
    const { account } = caller;
    const send = (index: number, client_msg_id: string): Promise<string> =>
      caller.post(TEMPLATE_SEND, {
        touser: account.openid(index),
        template_id: caller.template('oa'),
        data: {},
        client_msg_id,
      });
    const first = await send(0, 'k');
    const second = await send(0, 'k');
    if (how === 'same-ok') assert.equal(second, first);
    else assert.equal(errcodeOf(second), how);
    assert.notEqual(await send(1, 'k'), first);
    assert.equal(errcodeOf(await send(0, 'l')), 0);
    assert.equal(account.receivedCount(account.openid(0)), 2);
    simulator.advance(600_000);
    assert.notEqual(await send(0, 'k'), first);
    assert.equal(account.receivedCount(account.openid(0)), 3);
    assert.equal(account.summary().duplicates, 1);
  }
});

test('a one-time credit is spent by each send; then 43101, until another is granted', async () => {
  await using simulator = await startSimulator({ kind: 'miniprogram', creditsPerUser: 2 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const template_id = caller.template('subscribe');
  const touser = account.openid(0);
  const send = (data: unknown = MP_ORDER): Promise<string> =>
    caller.post(SUBSCRIBE_SEND, { touser, template_id, data });
  assert.match(await send(), /^\{"errcode":0,"errmsg":"ok","msgid":\d{19}\}$/);
  assert.equal(errcodeOf(await send({})), 47003);
  assert.equal(account.credits(touser, template_id), 1);
  assert.equal(errcodeOf(await send()), 0);
  assert.equal(withoutRid(await send()), refusal(43101, 'user refuse to accept the msg'));
  assert.equal(errcodeOf(await send({})), 43101);
  account.grantCredits(touser, template_id);
  assert.equal(errcodeOf(await send()), 0);
  assert.equal(account.receivedCount(touser), 3);
});

test('the order of field and credit checks, and the msgid of subscribe/send, can be switched', async () => {
  await using simulator = await startSimulator({
    kind: 'miniprogram',
    creditsPerUser: 1,
    msgidInSubscribe: false,
    sendCheckOrder: ['openid', 'template', 'fields', 'credit'],
  });
  const caller = await new Caller(simulator).login();
  const body = {
    touser: caller.account.openid(0),
    template_id: caller.template('subscribe'),
    data: MP_ORDER,
  };
  assert.equal(await caller.post(SUBSCRIBE_SEND, body), '{"errcode":0,"errmsg":"ok"}');
  assert.equal(errcodeOf(await caller.post(SUBSCRIBE_SEND, { ...body, data: {} })), 47003);
  assert.equal(errcodeOf(await caller.post(SUBSCRIBE_SEND, body)), 43101);
});

test('a long-term template goes out without credits, to the values of its lists, until it is refused', async () => {
  await using simulator = await startSimulator({ kind: 'miniprogram', creditsPerUser: 0 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const template_id = caller.template('subscribe', 1);
  const touser = account.openid(0);
  const send = (place: string): Promise<string> =>
    caller.post(SUBSCRIBE_SEND, {
      touser,
      template_id,
      data: {
        time1: { value: '12:00' },
        enum_string2: { value: place },
        enum_string3: { value: '洗涤完成' },
      },
    });
  assert.equal(errcodeOf(await send('客厅')), 0);
  assert.equal(errcodeOf(await send('客厅')), 0);
  assert.equal(
    withoutRid(await send('车库')),
    refusal(47003, 'argument invalid! data.enum_string2.value invali'),
  );
  account.revokeCredits(touser, template_id);
  assert.equal(errcodeOf(await send('客厅')), 43101);
});

test('two sends to one openid at once answer 43108, to two openids not', async () => {
  await using simulator = await startSimulator({ kind: 'miniprogram', creditsPerUser: 9 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const template_id = caller.template('subscribe');
  const send = (index: number): Promise<string> =>
    caller.post(SUBSCRIBE_SEND, { touser: account.openid(index), template_id, data: MP_ORDER });
  // Only the first one of these is slow, so that it is under way while the others are answered.
  simulator.addFault({ kind: 'slow', next: 1, slowMs: 3_600_000, path: SUBSCRIBE_SEND });
  const slow = send(0).catch(() => 'cut off by close');
  await until('the slow one has arrived', async () => account.summary().accepted > 0);
  assert.equal(
    withoutRid(await send(0)),
    refusal(43108, 'Cannot make concurrent calls to the same OpenID, please try again'),
  );
  assert.equal(errcodeOf(await send(1)), 0);
  assert.equal(errcodeOf(await send(1)), 0);
  await simulator.close();
  assert.equal(await slow, 'cut off by close');
});

test('pages of the released Mini Program only', async () => {
  await using simulator = await startSimulator({ kind: 'miniprogram', pages: ['pages/index/index'] });
  const caller = await new Caller(simulator).login();
  const send = (page: string): Promise<string> =>
    caller.post(SUBSCRIBE_SEND, {
      touser: caller.account.openid(0),
      template_id: caller.template('subscribe', 1),
      data: {
        time1: { value: '12:00' },
        enum_string2: { value: '客厅' },
        enum_string3: { value: '洗涤完成' },
      },
      page,
    });
  assert.equal(errcodeOf(await send('pages/index/index?from=push')), 0);
  assert.equal(withoutRid(await send('pages/none')), refusal(41030, 'invalid page'));
});

test('subscription notifications reach people who do not follow; a one-time subscription has one credit a scene', async () => {
  await using simulator = await startSimulator({ creditsPerUser: 1 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const touser = account.openid(0);
  account.unfollow(touser);
  const notice = {
    touser,
    template_id: caller.template('subscribe'),
    data: { thing1: { value: '读书会' }, time2: { value: '2019年8月8日' } },
  };
  assert.match(await caller.post('/cgi-bin/message/subscribe/bizsend', notice), /"msgid":\d{19}\}$/);
  const once = {
    touser,
    template_id: caller.template('once'),
    scene: '1000',
    title: '更新',
    data: { content: { value: '内容', color: '#173177' } },
  };
  const path = '/cgi-bin/message/template/subscribe';
  assert.equal(await caller.post(path, once), '{"errcode":0,"errmsg":"ok"}');
  assert.equal(errcodeOf(await caller.post(path, once)), 43101);
  assert.equal(errcodeOf(await caller.post(path, { ...once, scene: 2 })), 0);
  const long = { ...once, scene: 3, title: '一'.repeat(16) };
  assert.equal(withoutRid(await caller.post(path, long)), refusal(40062, 'invalid title size'));
});

test('customer-service messages pass while the window is open', async () => {
  await using simulator = await startSimulator({ accounts: [{}, { kind: 'miniprogram' }] });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const touser = account.openid(0);
  const send = (): Promise<string> =>
    caller.post(KF_SEND, { touser, msgtype: 'text', text: { content: '您好' } });
  const closed = refusal(45015, 'response out of time limit or subscription is canceled');
  assert.equal(withoutRid(await send()), closed);
  account.openKfWindow(touser);
  for (let n = 1; n <= 5; n++) assert.equal(await send(), '{"errcode":0,"errmsg":"ok"}');
  assert.equal(withoutRid(await send()), refusal(45047, 'out of response count limit'));
  simulator.advance(48 * 3_600_000);
  await caller.login();
  assert.equal(withoutRid(await send()), closed);
  account.openKfWindow(touser, 'menu');
  assert.equal(errcodeOf(await send()), 0);
  const refusals: [object, number][] = [
    [{ msgtype: 'text', text: { content: '' } }, 44004],
    [{ msgtype: 'text', text: { content: '一'.repeat(683) } }, 45002],
    [{ msgtype: 'image', image: { media_id: 'x' } }, 40007],
    [{ msgtype: 'news', news: { articles: [{}, {}] } }, 45008],
    [{ msgtype: 'link', link: {} }, 40008],
    [{ msgtype: 'toString' }, 40008],
  ];
  for (const [body, errcode] of refusals) {
    assert.equal(errcodeOf(await caller.post(KF_SEND, { touser, ...body })), errcode, JSON.stringify(body));
  }
  const program = await new Caller(simulator, simulator.accounts[1]).login();
  const user = program.account.openid(0);
  program.account.openKfWindow(user, 'enter');
  const text = { touser: user, msgtype: 'text', text: { content: '您好' } };
  assert.equal(errcodeOf(await program.post(KF_SEND, text)), 0);
  assert.equal(errcodeOf(await program.post(KF_SEND, text)), 0);
  assert.equal(errcodeOf(await program.post(KF_SEND, text)), 45047);
});

test('a customer-service video needs a thumb, unless the oldest examples are right', async () => {
  for (const kfVideoThumb of [undefined, 'optional'] as const) {
    await using simulator = await startSimulator(kfVideoThumb === undefined ? {} : { kfVideoThumb });
    const caller = await new Caller(simulator).login();
    const { account } = caller;
    const touser = account.openid(0);
    const { media_id } = JSON.parse(await caller.upload('video', 'a.mp4'));
    const { thumb_media_id } = JSON.parse(await caller.upload('thumb', 'a.jpg'));
    account.openKfWindow(touser);
    const send = async (video: object): Promise<number> =>
      errcodeOf(await caller.post(KF_SEND, { touser, msgtype: 'video', video }));
    assert.equal(await send({ media_id, thumb_media_id }), 0);
    assert.equal(await send({ media_id }), kfVideoThumb === undefined ? 40007 : 0);
    assert.equal(await send({ media_id, thumb_media_id: 'x' }), 40007, 'one that is given is looked at');
    assert.equal(await send({ thumb_media_id }), 40007);
  }
});

test('the tutorials’ four steps run against a legacy account, each form_id once', async () => {
  await using simulator = await startSimulator({ kind: 'miniprogram', legacy: true });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const [touser] = JSON.parse(await caller.get('/cgi-bin/user/get')).data.openid;
  const send = (form_id: string): Promise<string> =>
    caller.post('/cgi-bin/message/wxopen/template/send', {
      touser,
      template_id: caller.template('form'),
      page: 'pages/index/index',
      form_id,
      data: {
        keyword1: { value: '标题', color: '#173177' },
        keyword2: { value: '内容', color: '#173177' },
        keyword3: { value: '时间', color: '#173177' },
      },
    });
  const formId = account.issueFormId(touser);
  assert.equal(await send(formId), '{"errcode":0,"errmsg":"ok"}');
  assert.equal(withoutRid(await send(formId)), refusal(41029, 'form id used count reach limit'));
  const invalid = refusal(41028, 'invalid form id');
  assert.equal(withoutRid(await send('the formId is a mock one')), invalid);
  assert.equal(withoutRid(await send(account.issueFormId(account.openid(1)))), invalid);
  const prepayId = account.issueFormId(touser, 'prepay');
  for (let n = 1; n <= 3; n++) assert.equal(errcodeOf(await send(prepayId)), 0);
  assert.equal(errcodeOf(await send(prepayId)), 41029);
  const late = account.issueFormId(touser);
  simulator.advance(7 * 86_400_000);
  await caller.login();
  assert.equal(withoutRid(await send(late)), invalid);
  assert.equal(account.receivedCount(touser, { channel: 'mp-form' }), 4);
});

test('retired endpoints say so', async () => {
  await using simulator = await startSimulator({ kind: 'miniprogram' });
  const caller = await new Caller(simulator).login();
  assert.equal(
    withoutRid(await caller.post('/cgi-bin/message/wxopen/template/send', {})),
    refusal(45103, 'This API has been unsupported'),
  );
  assert.equal(errcodeOf(await caller.post('/cgi-bin/message/wxopen/template/uniform_send', {})), 45109);
});

test('a form_id message is refused where legacy is off, with the errcode that was chosen', async () => {
  await using simulator = await startSimulator({
    accounts: [{ kind: 'miniprogram' }, { kind: 'miniprogram', retiredErrcode: 46101 }],
  });
  const texts: string[] = [];
  for (const account of simulator.accounts) {
    const caller = await new Caller(simulator, account).login();
    texts.push(withoutRid(await caller.post('/cgi-bin/message/wxopen/template/send', {})));
  }
  assert.deepEqual(texts, [
    refusal(45103, 'This API has been unsupported'),
    refusal(
      46101,
      'this api have been not supported since 2020-01-11 00:00:00, please use new api(subscribeMessage)!',
    ),
  ]);
});
