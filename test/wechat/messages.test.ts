import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { type KfContent, kfMsgtypes } from '../../src/wechat/calls/kf.ts';
import { type ChannelInfo, channelNames, channels } from '../../src/wechat/channels.ts';
import { WechatClient } from '../../src/wechat/client.ts';

type Simulator = Awaited<ReturnType<typeof startSimulator>>;

function clientOf(simulator: Simulator, index: number): WechatClient {
  const account = simulator.accounts[index];
  assert.ok(account !== undefined);
  const { appid, secret } = account;
  return new WechatClient({ appid, token: { kind: 'secret', secret }, baseUrl: simulator.url });
}

test('every channel’s message arrives as it was written, and its msgid is WeChat’s', async () => {
  await using simulator = await startSimulator({
    record: 'full',
    followers: 2,
    kfOpenShare: 1,
    accounts: [{ kind: 'service' }, { kind: 'miniprogram', legacy: true }],
  });
  const [oa, mp] = simulator.accounts;
  assert.ok(oa !== undefined && mp !== undefined);
  await using oaClient = clientOf(simulator, 0);
  await using mpClient = clientOf(simulator, 1);
  const follower = oa.openid(0);
  const user = mp.openid(0);
  const idOf = (account: typeof oa, title: string): string =>
    account.templates().find((template) => template.title === title)?.template_id ?? '';
  const keywords = { keyword1: { value: '甲' }, keyword2: { value: '乙' }, keyword3: { value: '丙' } };

  const oaTemplate = {
    touser: follower,
    template_id: idOf(oa, '消息通知'),
    data: keywords,
    client_msg_id: 'once',
  };
  const oaSubscribe = {
    touser: follower,
    template_id: idOf(oa, '活动开始提醒'),
    data: { thing1: { value: '读书会' }, time2: { value: '2026年1月1日 12:00' } },
  };
  const onceId = oa.templates().find(({ family }) => family === 'once')?.template_id ?? '';
  oa.grantCredits(follower, onceId, 1, 1000);
  const oaOnce = {
    touser: follower,
    template_id: onceId,
    scene: '1000',
    title: '更新',
    data: { content: { value: '内容', color: '#173177' } },
  };
  const mpSubscribe = {
    touser: user,
    template_id: idOf(mp, '订单发货通知'),
    page: 'index?foo=bar',
    miniprogram_state: 'formal' as const,
    lang: 'zh_CN' as const,
    data: {
      character_string1: { value: 'SF-1' },
      thing2: { value: '毛笔' },
      time3: { value: '2026年1月1日 12:00' },
      name4: { value: '张三' },
    },
  };
  const mpForm = {
    touser: user,
    template_id: mp.templates().find(({ family }) => family === 'form')?.template_id ?? '',
    form_id: mp.issueFormId(user),
    data: keywords,
  };
  const kf = { touser: user, msgtype: 'text' as const, text: { content: '您好 🪿' } };

  const first = await oaClient.messages.oaTemplate(oaTemplate);
  assert.match(first.msgid ?? '', /^\d{17,}$/);
  assert.deepEqual(await oaClient.messages.oaTemplate(oaTemplate), first);
  const answers = {
    'oa-template': first,
    'oa-subscribe': await oaClient.messages.oaSubscribe(oaSubscribe),
    'oa-once': await oaClient.messages.oaOnce(oaOnce),
    'mp-subscribe': await mpClient.messages.mpSubscribe(mpSubscribe),
    'mp-form': await mpClient.messages.mpForm(mpForm),
    kf: await mpClient.messages.kf(kf),
  };
  await mpClient.messages.kfTyping({ touser: user, command: 'Typing' });

  const received = [...oa.messages(), ...mp.messages()];
  const byChannel = Object.fromEntries(received.map((message) => [message.channel, message]));
  assert.equal(received.length, channelNames.length);
  const sent = {
    'oa-template': oaTemplate,
    'oa-subscribe': oaSubscribe,
    'oa-once': oaOnce,
    'mp-subscribe': mpSubscribe,
    'mp-form': mpForm,
    kf,
  };
  for (const channel of channelNames) {
    assert.deepEqual(byChannel[channel]?.body, sent[channel], channel);
    const info: ChannelInfo = channels[channel];
    if (info.msgid === 'never') assert.equal(answers[channel].msgid, null, channel);
    else assert.equal(answers[channel].msgid, String(byChannel[channel]?.msgid), channel);
  }
});

test('every kf content is accepted from the accounts that may send it, and only from them', async () => {
  await using simulator = await startSimulator({
    followers: 2,
    accounts: [{ kind: 'service' }, { kind: 'miniprogram' }],
  });
  for (const [index, family] of (['oa', 'mp'] as const).entries()) {
    const account = simulator.accounts[index];
    assert.ok(account !== undefined);
    const touser = account.openid(0);
    await using client = clientOf(simulator, index);
    const contents: KfContent[] = [
      { msgtype: 'text', text: { content: 'x' } },
      {
        msgtype: 'news',
        news: { articles: [{ title: 't', description: 'd', url: 'https://e.com', picurl: '' }] },
      },
      {
        msgtype: 'msgmenu',
        msgmenu: { head_content: '满意吗', list: [{ id: '101', content: '满意' }], tail_content: '谢谢' },
      },
      {
        msgtype: 'link',
        link: { title: 't', description: 'd', url: 'https://e.com', thumb_url: 'https://e.com/t' },
      },
      { msgtype: 'image', image: { media_id: 'no such media' } },
    ];
    for (const content of contents) {
      account.openKfWindow(touser);
      const allowed = kfMsgtypes[content.msgtype].includes(family);
      const answer = await client.messages.kf({ touser, ...content }).then(
        () => 0,
        (error: { errcode?: number }) => error.errcode,
      );
      // 40007: the msgtype is right, and the media_id is not one.
      const expected = content.msgtype === 'image' ? 40007 : 0;
      if (allowed) assert.equal(answer, expected, `${family} ${content.msgtype}`);
      else assert.notEqual(answer, 0, `${family} ${content.msgtype}`);
    }
  }
});

test('each of the gateway’s faults is told for what it may have done', async () => {
  await using simulator = await startSimulator({ record: 'full', followers: 1 });
  const account = simulator.account();
  await using client = clientOf(simulator, 0);
  const message = (id: string): string =>
    JSON.stringify({
      touser: account.openid(0),
      template_id: account.templates()[0]?.template_id,
      data: { keyword1: { value: '甲' }, keyword2: { value: '乙' }, keyword3: { value: '丙' } },
      client_msg_id: id,
    });
  const { path } = channels['oa-template'];
  simulator.addFault({ kind: 'cut', next: 1, path });
  const cut = await client.send(path, message('a'));
  assert.ok(cut.kind === 'no-answer' && cut.reason === 'reset');
  assert.equal(account.messages().length, 1);
  // The same key again: WeChat has it already, so nobody gets it twice.
  assert.equal((await client.send(path, message('a'))).kind, 'accepted');
  assert.equal(account.messages().length, 1);

  simulator.addFault({ kind: 'reset', next: 1, path });
  const reset = await client.send(path, message('b'));
  assert.ok(reset.kind === 'no-answer' && reset.reason === 'reset');
  assert.equal(account.messages().length, 1);

  for (const [kind, expected] of [
    [503, 'not-sent busy'],
    [502, 'no-answer gateway'],
    [504, 'no-answer gateway'],
  ] as const) {
    simulator.addFault({ kind, next: 1, path });
    const answer = await client.send(path, message('c'));
    assert.equal('reason' in answer && `${answer.kind} ${answer.reason}`, expected);
  }
  simulator.addFault({ kind: -1, next: 1, path });
  const busy = await client.send(path, message('c'));
  assert.ok(
    busy.kind === 'refused' && busy.errcode === -1 && busy.rid !== null && !busy.errmsg.includes('rid'),
  );
  assert.equal(account.messages().length, 1);
});
