/** Every call of the client, against a server that answers with something else than WeChat would. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { WechatClient } from '../../src/wechat/client.ts';
import { WechatTransportError } from '../../src/wechat/error.ts';
import { httpServer } from '../support/wechat/raw-server.ts';

let answer = '';
const server = await httpServer((_request, _body, response) => response.end(answer));
const client = new WechatClient({ appid: 'wx1', token: { kind: 'none' }, baseUrl: server.url });
after(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

interface Tried {
  call: () => Promise<unknown>;
  /** What WeChat answers. */
  good: Record<string, unknown>;
  /** Fields of it without which it promises nothing. All others may be missing. */
  promised: string[];
}

const ok = { errcode: 0, errmsg: 'ok' };
const done = (call: () => Promise<unknown>): Tried => ({ call, good: ok, promised: ['errcode'] });
const sent = (call: () => Promise<unknown>): Tried => ({
  call,
  good: { ...ok, msgid: '3557254367693750277' },
  promised: ['errcode'],
});
const listed = { count: 1, data: { openid: ['o1'] }, next_openid: 'o1' };
const text = { msgtype: 'text', text: { content: 'x' } } as const;
const data = { keyword1: { value: 'x' } };
const templated = { touser: 'o1', template_id: 't', data };
const person = { subscribe: 1, openid: 'o1' };
const mass = { call: () => client.mass.sendAll({ ...text, filter: { is_to_all: true } }) };
const massAnswer = { good: { ...ok, msg_id: 34182, msg_data_id: 7 }, promised: ['errcode', 'msg_id'] };
const file = { filename: 'a.png', bytes: new Uint8Array(1) };

async function all(pages: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const page of pages) list.push(page);
  return list;
}

const groups: Record<string, Record<string, Tried[]>> = {
  messages: {
    oaTemplate: [sent(() => client.messages.oaTemplate(templated))],
    oaSubscribe: [sent(() => client.messages.oaSubscribe(templated))],
    oaOnce: [
      sent(() =>
        client.messages.oaOnce({ ...templated, scene: '1', title: 't', data: { content: { value: 'x' } } }),
      ),
    ],
    mpSubscribe: [sent(() => client.messages.mpSubscribe(templated))],
    mpForm: [sent(() => client.messages.mpForm({ ...templated, form_id: 'f' }))],
    kf: [sent(() => client.messages.kf({ touser: 'o1', ...text }))],
    kfTyping: [done(() => client.messages.kfTyping({ touser: 'o1', command: 'Typing' }))],
  },
  users: {
    page: [
      {
        call: () => client.users.page(),
        good: { total: 1, ...listed },
        promised: ['total', 'count', 'data'],
      },
    ],
    followers: [
      {
        call: () => all(client.users.followers()),
        good: { total: 1, ...listed },
        promised: ['total', 'count', 'data'],
      },
    ],
    info: [{ call: () => client.users.info('o1'), good: person, promised: ['subscribe', 'openid'] }],
    batchInfo: [
      {
        call: () => client.users.batchInfo(['o1']),
        good: { user_info_list: [person] },
        promised: ['user_info_list'],
      },
    ],
    batchInfoApart: [
      {
        call: () => client.users.batchInfoApart(['o1']),
        good: { user_info_list: [person] },
        promised: ['user_info_list'],
      },
    ],
    infos: [
      {
        call: () => all(client.users.infos(['o1'])),
        good: { user_info_list: [person] },
        promised: ['user_info_list'],
      },
    ],
    updateRemark: [done(() => client.users.updateRemark('o1', 'x'))],
  },
  tags: {
    create: [{ call: () => client.tags.create('x'), good: { tag: { id: 1, name: 'x' } }, promised: ['tag'] }],
    list: [
      {
        call: () => client.tags.list(),
        good: { tags: [{ id: 2, name: '星标组', count: 0 }] },
        promised: ['tags'],
      },
    ],
    rename: [done(() => client.tags.rename(1, 'x'))],
    delete: [done(() => client.tags.delete(1))],
    memberPage: [{ call: () => client.tags.memberPage(1), good: listed, promised: ['count', 'data'] }],
    members: [{ call: () => all(client.tags.members(1)), good: listed, promised: ['count', 'data'] }],
    tagUsers: [done(() => client.tags.tagUsers(1, ['o1']))],
    untagUsers: [done(() => client.tags.untagUsers(1, ['o1']))],
    ofUser: [
      { call: () => client.tags.ofUser('o1'), good: { tagid_list: [134, 2] }, promised: ['tagid_list'] },
    ],
  },
  blacklist: {
    page: [
      {
        call: () => client.blacklist.page(),
        good: { total: 1, ...listed },
        promised: ['total', 'count', 'data'],
      },
    ],
    members: [
      {
        call: () => all(client.blacklist.members()),
        good: { total: 1, ...listed, next_openid: '' },
        promised: ['total', 'count', 'data'],
      },
    ],
    block: [done(() => client.blacklist.block(['o1']))],
    unblock: [done(() => client.blacklist.unblock(['o1']))],
  },
  login: {
    codeToSession: [
      {
        call: () => client.login.codeToSession({ appid: 'wx1', secret: 's', jsCode: 'c' }),
        good: { session_key: 'k==', openid: 'o1', unionid: 'u1' },
        promised: ['session_key', 'openid'],
      },
    ],
  },
  media: {
    upload: [
      {
        call: () => client.media.upload('image', file),
        good: { type: 'image', media_id: 'm', created_at: 1395658920 },
        promised: ['type', 'media_id', 'created_at'],
      },
    ],
    videoUrl: [
      { call: () => client.media.videoUrl('m'), good: { video_url: 'http://v' }, promised: ['video_url'] },
    ],
  },
  mass: {
    sendAll: [{ ...mass, ...massAnswer }],
    send: [{ call: () => client.mass.send({ ...text, touser: ['o1', 'o2'] }), ...massAnswer }],
    preview: [done(() => client.mass.preview({ ...text, touser: 'o1' }))],
    status: [
      {
        call: () => client.mass.status('1'),
        good: { msg_id: 1, msg_status: 'SEND_SUCCESS' },
        promised: ['msg_status'],
      },
    ],
    delete: [done(() => client.mass.delete('1'))],
    speed: [
      {
        call: () => client.mass.speed(),
        good: { speed: 3, realspeed: 15 },
        promised: ['speed', 'realspeed'],
      },
    ],
    setSpeed: [done(() => client.mass.setSpeed(4))],
  },
  oaTemplates: {
    setIndustry: [done(() => client.oaTemplates.setIndustry('1', '2'))],
    industry: [
      {
        call: () => client.oaTemplates.industry(),
        good: { primary_industry: { first_class: 'IT科技', second_class: '互联网' } },
        promised: ['primary_industry'],
      },
    ],
    add: [
      {
        call: () => client.oaTemplates.add('TM00015'),
        good: { ...ok, template_id: 't' },
        promised: ['errcode', 'template_id'],
      },
    ],
    list: [
      {
        call: () => client.oaTemplates.list(),
        good: { template_list: [{ template_id: 't', title: 'x', content: '', example: '' }] },
        promised: ['template_list'],
      },
      // None is an answer too, if WeChat gives it.
      { call: () => client.oaTemplates.list(), good: { template_list: [] }, promised: ['template_list'] },
    ],
    delete: [done(() => client.oaTemplates.delete('t'))],
    blockedPage: [
      {
        call: () => client.oaTemplates.blockedPage('t'),
        good: { ...ok, msginfo: [] },
        promised: ['msginfo'],
      },
    ],
    blocked: [
      {
        call: () => all(client.oaTemplates.blocked('t')),
        good: { ...ok, msginfo: [] },
        promised: ['msginfo'],
      },
    ],
  },
  subscribeTemplates: {
    categories: [
      {
        call: () => client.subscribeTemplates.categories(),
        good: { ...ok, data: [{ id: 616, name: '公交' }] },
        promised: ['errcode', 'data'],
      },
    ],
    titles: [
      {
        call: () => client.subscribeTemplates.titles([616]),
        good: { ...ok, count: 1, data: [{ tid: 99, title: '付款成功通知', type: 2, categoryId: '616' }] },
        promised: ['errcode', 'count', 'data'],
      },
    ],
    keywords: [
      {
        call: () => client.subscribeTemplates.keywords(99),
        good: { ...ok, data: [{ kid: 1, name: '物品名称', example: '名称', rule: 'thing' }] },
        promised: ['errcode', 'data'],
      },
    ],
    add: [
      {
        call: () => client.subscribeTemplates.add({ tid: 1, kidList: [1, 2], sceneDesc: 'x' }),
        good: { ...ok, priTmplId: 't' },
        promised: ['errcode', 'priTmplId'],
      },
    ],
    list: [
      {
        call: () => client.subscribeTemplates.list(),
        good: { ...ok, data: [{ priTmplId: 't', title: 'x', content: '', example: '', type: 2 }] },
        promised: ['errcode', 'data'],
      },
    ],
    delete: [done(() => client.subscribeTemplates.delete('t'))],
  },
  quota: {
    get: [
      {
        call: () => client.quota.get('/cgi-bin/message/custom/send'),
        good: { ...ok, quota: { daily_limit: 10, used: 1, remain: 9 } },
        promised: ['errcode', 'quota'],
      },
    ],
    clear: [done(() => client.quota.clear('wx1'))],
    clearBySecret: [done(() => client.quota.clearBySecret('wx1', 's'))],
    clearOne: [done(() => client.quota.clearOne('/channels/ec/x'))],
    rid: [
      {
        call: () => client.quota.rid('61725984-6126f6f9-040f19c4'),
        good: {
          ...ok,
          request: {
            invoke_time: 1635156704,
            cost_in_ms: 30,
            request_url: '',
            request_body: '',
            response_body: '',
            client_ip: '',
          },
        },
        promised: ['errcode', 'request'],
      },
    ],
  },
  network: {
    checkCallback: [
      {
        call: () => client.network.checkCallback(),
        good: {
          dns: [{ ip: '1.2.3.4', real_operator: 'UNICOM' }],
          ping: [{ ip: '1.2.3.4', from_operator: 'UNICOM', package_loss: '0%', time: '23ms' }],
        },
        promised: ['dns', 'ping'],
      },
    ],
    callbackIps: [
      { call: () => client.network.callbackIps(), good: { ip_list: ['127.0.0.1'] }, promised: ['ip_list'] },
    ],
    apiIps: [{ call: () => client.network.apiIps(), good: { ip_list: [] }, promised: ['ip_list'] }],
  },
};

const tried = Object.entries(groups).flatMap(([group, calls]) =>
  Object.entries(calls).flatMap(([name, list]) => list.map((one) => ({ name: `${group}.${name}`, ...one }))),
);

/** What stands before WeChat and answers status 200 in its place, and what is left of an answer that was cut or changed. */
const foreign: unknown[] = [
  { code: 403, message: 'Request blocked' },
  { code: 0, msg: 'success', data: null },
  { errcode: 'ok' },
  { errcode: null, errmsg: 'ok' },
  {},
  [],
  [ok],
  null,
  'ok',
  0,
  true,
];

async function isRefused(one: (typeof tried)[number], body: unknown): Promise<void> {
  answer = JSON.stringify(body);
  await assert.rejects(
    one.call,
    (error) => error instanceof WechatTransportError && error.reason === 'unparsable' && error.left,
    `${one.name} takes ${answer.slice(0, 100)}`,
  );
}

test('every call of the client is tried here', () => {
  const isCalls = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  const own = Object.entries(client).filter(([, value]) => isCalls(value));
  assert.deepEqual(
    Object.fromEntries(own.map(([group, calls]) => [group, Object.keys(calls).sort()])),
    Object.fromEntries(Object.entries(groups).map(([group, calls]) => [group, Object.keys(calls).sort()])),
  );
});

test('no call takes something else for WeChat’s answer', async () => {
  for (const one of tried) for (const body of foreign) await isRefused(one, body);
});

test('each call takes WeChat’s answer, with more than it knows, and refuses one without a field that it promises', async () => {
  for (const one of tried) {
    answer = JSON.stringify({ ...one.good, another: [1] });
    await one.call();
    for (const field of Object.keys(one.good)) {
      const { [field]: value, ...rest } = one.good;
      if (one.promised.includes(field)) {
        await isRefused(one, rest);
        for (const other of [null, 'x', -1, [null], { x: 1 }])
          if (typeof other !== typeof value || other === null)
            await isRefused(one, { ...rest, [field]: other });
      } else {
        answer = JSON.stringify(rest);
        await one.call();
      }
    }
  }
});

test('people who were not asked about, or twice, are no answer', async () => {
  const about = (...openids: string[]): unknown => ({
    user_info_list: openids.map((openid) => ({ subscribe: 0, openid })),
  });
  const batch = {
    name: 'batchInfo',
    call: () => client.users.batchInfo(['o1', 'o2']),
    good: {},
    promised: [],
  };
  for (const body of [about('o1', 'o3'), about('o1', 'o1'), { user_info_list: [{ openid: 'o1' }] }])
    await isRefused(batch, body);
  answer = JSON.stringify(about('o2'));
  assert.equal((await client.users.batchInfo(['o1', 'o2'])).length, 1);
  const info = { ...batch, name: 'info', call: () => client.users.info('o1') };
  await isRefused(info, { subscribe: 0, openid: 'o2' });
});

test('a page whose count is not the number of its openids is no answer', async () => {
  const page = { name: 'page', call: () => client.users.page(), good: {}, promised: [] };
  for (const wrong of [
    { total: 3, count: 2, data: { openid: ['o1'] }, next_openid: 'o1' },
    { total: 3, count: 0, data: { openid: ['o1'] }, next_openid: 'o1' },
    { total: 3, count: 1, next_openid: '' },
    { total: 3, count: 1, data: { openid: [1] }, next_openid: '' },
    { total: '3', count: 0, next_openid: '' },
  ])
    await isRefused(page, wrong);
});
