import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { blacklistCalls } from '../../src/wechat/calls/blacklist.ts';
import { loginCalls } from '../../src/wechat/calls/login.ts';
import { massCalls } from '../../src/wechat/calls/mass.ts';
import { mediaCalls } from '../../src/wechat/calls/media.ts';
import { networkCalls } from '../../src/wechat/calls/network.ts';
import { quotaCalls } from '../../src/wechat/calls/quota.ts';
import { tagCalls } from '../../src/wechat/calls/tags.ts';
import { oaTemplateCalls, subscribeTemplateCalls } from '../../src/wechat/calls/templates.ts';
import { userCalls } from '../../src/wechat/calls/users.ts';
import { WechatClient } from '../../src/wechat/client.ts';
import { parseTemplateContent } from '../../src/wechat/fields/template-content.ts';

/** What arrived at a server that answers everything with the text it was given. */
interface Arrived {
  line: string;
  query: Record<string, string>;
  body: unknown;
  raw: Buffer;
}

const ok = '{"errcode":0,"errmsg":"ok"}';

describe('what the calls put on the wire', () => {
  let answer = ok;
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const url = new URL(request.url ?? '/', 'http://wechat');
      const isJson = request.headers['content-type']?.startsWith('application/json') ?? false;
      arrived.push({
        line: `${request.method} ${url.pathname}`,
        query: Object.fromEntries(url.searchParams),
        body: isJson ? JSON.parse(raw.toString()) : undefined,
        raw,
      });
      response.setHeader('content-type', 'application/json; encoding=utf-8');
      response.end(answer);
    });
  });
  let client: WechatClient;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A listening TCP server has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    client = new WechatClient({
      appid: 'wxba5fad812f8e6fb9',
      token: { kind: 'none' },
      baseUrl: `http://127.0.0.1:${port}`,
    });
  });
  after(async () => {
    await client.close();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Makes one call against `reply` and returns its result and the one request that arrived. */
  async function exchange<T>(
    reply: string,
    make: () => Promise<T>,
  ): Promise<{ result: T; request: Arrived }> {
    answer = reply;
    arrived.length = 0;
    const result = await make();
    assert.equal(arrived.length, 1);
    const request = arrived[0];
    assert.ok(request);
    return { result, request };
  }

  test('users: page, one person, a hundred people, a remark', async () => {
    const users = userCalls(client.call);
    let { request } = await exchange('{"total":0,"count":0,"next_openid":""}', () => users.page());
    assert.equal(request.line, 'GET /cgi-bin/user/get');
    assert.deepEqual(request.query, {});
    ({ request } = await exchange('{"total":1,"count":0,"next_openid":""}', () => users.page('o1')));
    assert.deepEqual(request.query, { next_openid: 'o1' });
    ({ request } = await exchange('{"subscribe":0,"openid":"o1"}', () => users.info('o1')));
    assert.deepEqual(request.query, { openid: 'o1', lang: 'zh_CN' });
    const batch = await exchange('{"user_info_list":[{"subscribe":0,"openid":"o1"}]}', () =>
      users.batchInfo(['o1'], 'en'),
    );
    assert.deepEqual(batch.request.body, { user_list: [{ openid: 'o1', lang: 'en' }] });
    assert.deepEqual(batch.result, [{ subscribe: 0, openid: 'o1' }]);
    ({ request } = await exchange(ok, () => users.updateRemark('o1', '王姐')));
    assert.equal(request.line, 'POST /cgi-bin/user/info/updateremark');
    assert.deepEqual(request.body, { openid: 'o1', remark: '王姐' });
  });

  test('login goes without a token and with the secret in the query', async () => {
    const { result, request } = await exchange('{"session_key":"k==","openid":"o1"}', () =>
      loginCalls(client.call).codeToSession({ appid: 'wx1', secret: 's', jsCode: 'c' }),
    );
    assert.equal(request.line, 'GET /sns/jscode2session');
    assert.deepEqual(request.query, {
      appid: 'wx1',
      secret: 's',
      js_code: 'c',
      grant_type: 'authorization_code',
    });
    assert.equal(result.openid, 'o1');
  });

  test('clearing the quota with the secret sends it in the body and in the query', async () => {
    const { request } = await exchange(ok, () => quotaCalls(client.call).clearBySecret('wx1', 's'));
    assert.deepEqual(request.query, { appid: 'wx1', appsecret: 's' });
    assert.deepEqual(request.body, request.query);
  });

  test('quota and rid unwrap what WeChat answers', async () => {
    const quota = quotaCalls(client.call);
    const rid = await exchange(
      '{"errcode":0,"errmsg":"ok","request":{"invoke_time":1635156704,"cost_in_ms":30,"request_url":"","request_body":"","response_body":"","client_ip":""}}',
      () => quota.rid('61725984-6126f6f9-040f19c4'),
    );
    assert.equal(rid.result.cost_in_ms, 30);
    assert.deepEqual(rid.request.body, { rid: '61725984-6126f6f9-040f19c4' });
    const one = await exchange(ok, () => quota.clearOne('/channels/ec/order/get'));
    assert.deepEqual(one.request.body, { cgi_path: '/channels/ec/order/get' });
  });

  test('network: addresses and the callback check', async () => {
    const network = networkCalls(client.call);
    const ips = await exchange('{"ip_list":["101.226.103.0/25"]}', () => network.callbackIps());
    assert.deepEqual(ips.result, ['101.226.103.0/25']);
    assert.equal(ips.request.line, 'GET /cgi-bin/getcallbackip');
    const api = await exchange('{"ip_list":[]}', () => network.apiIps());
    assert.equal(api.request.line, 'GET /cgi-bin/get_api_domain_ip');
    const check = await exchange('{"dns":[]}', () => network.checkCallback('dns'));
    assert.deepEqual(check.request.body, { action: 'dns', check_operator: 'DEFAULT' });
  });

  test('mass sends: by tag, by list, preview, status, delete, speed; ids stay exact', async () => {
    const mass = massCalls(client.call);
    const sent = await exchange(
      '{"errcode":0,"errmsg":"send job submission success","msg_id":3147483652,"msg_data_id":9007199254740993}',
      () =>
        mass.sendAll({
          filter: { is_to_all: false, tag_id: 2 },
          msgtype: 'text',
          text: { content: '你好' },
          clientmsgid: 'k1',
        }),
    );
    assert.equal(sent.request.line, 'POST /cgi-bin/message/mass/sendall');
    assert.deepEqual(sent.request.body, {
      filter: { is_to_all: false, tag_id: 2 },
      msgtype: 'text',
      text: { content: '你好' },
      clientmsgid: 'k1',
    });
    assert.equal(sent.result.msg_id, '3147483652');
    assert.equal(sent.result.msg_data_id, '9007199254740993');
    const listed = await exchange('{"errcode":0,"errmsg":"ok","msg_id":1}', () =>
      mass.send({ touser: ['o1', 'o2'], msgtype: 'mpnews', mpnews: { media_id: 'm' } }),
    );
    assert.equal(listed.request.line, 'POST /cgi-bin/message/mass/send');
    const preview = await exchange(ok, () =>
      mass.preview({ towxname: 'someone', msgtype: 'image', image: { media_id: 'm' } }),
    );
    assert.equal(preview.request.line, 'POST /cgi-bin/message/mass/preview');
    const status = await exchange('{"msg_id":201053012,"msg_status":"SEND_SUCCESS"}', () =>
      mass.status('201053012'),
    );
    assert.equal(status.result, 'SEND_SUCCESS');
    assert.deepEqual(status.request.body, { msg_id: '201053012' });
    const deleted = await exchange(ok, () => mass.delete('201053012', 1));
    assert.deepEqual(deleted.request.body, { msg_id: 201053012, article_idx: 1 });
    const speed = await exchange('{"speed":3,"realspeed":15}', () => mass.speed());
    assert.equal(speed.result.realspeed, 15);
    const set = await exchange(ok, () => mass.setSpeed(4));
    assert.deepEqual(set.request.body, { speed: 4 });
  });

  test('an upload is one multipart file with a plain name, and a thumbnail’s id comes under its own name', async () => {
    const bytes = new Uint8Array([0xff, 0xd8, 0xff, 0x00]);
    const { result, request } = await exchange(
      '{"type":"thumb","thumb_media_id":"T1","created_at":1395658920}',
      () => mediaCalls(client.call).upload('thumb', { filename: '封面 "图".JPG', bytes }),
    );
    assert.equal(request.line, 'POST /cgi-bin/media/upload');
    assert.deepEqual(request.query, { type: 'thumb' });
    assert.match(request.raw.toString('latin1'), /name="media"; filename="media\.jpg"/);
    assert.ok(request.raw.includes(Buffer.from(bytes)));
    assert.deepEqual(result, { type: 'thumb', media_id: 'T1', created_at: 1395658920 });
  });

  test('an upload without an id in the answer is an error, not a message without picture', async () => {
    await assert.rejects(
      exchange('{"type":"image","created_at":1395658920}', () =>
        mediaCalls(client.call).upload('image', { filename: 'a.png', bytes: new Uint8Array(1) }),
      ),
      { code: 'WECHAT_NO_ANSWER', message: /media_id: missing/ },
    );
  });

  test('a video that was uploaded is given by its address', async () => {
    const { result, request } = await exchange('{"video_url":"http://v"}', () =>
      mediaCalls(client.call).videoUrl('m1'),
    );
    assert.equal(result, 'http://v');
    assert.deepEqual(request.query, { media_id: 'm1' });
  });

  test('intercepted template messages: one object or a list, and no endless paging', async () => {
    const templates = oaTemplateCalls(client.call);
    const message = { id: 2, tmpl_msg_id: 't', title: '', content: '', send_timestamp: 1, openid: 'o1' };
    const one = await exchange(JSON.stringify({ errcode: 0, msginfo: message }), () =>
      templates.blockedPage('t'),
    );
    assert.deepEqual(one.result, [message]);
    assert.deepEqual(one.request.body, { tmpl_msg_id: 't', largest_id: 0, limit: 100 });
    // A page that is not full is the last one.
    answer = JSON.stringify({
      errcode: 0,
      msginfo: Array.from({ length: 99 }, (_, i) => ({ ...message, id: i + 1 })),
    });
    arrived.length = 0;
    for await (const page of templates.blocked('t')) assert.equal(page.length, 99);
    assert.equal(arrived.length, 1);
    // A server that always answers the same full page.
    answer = JSON.stringify({ errcode: 0, msginfo: Array.from({ length: 100 }, () => message) });
    arrived.length = 0;
    let pages = 0;
    for await (const page of templates.blocked('t')) pages += page.length > 0 ? 1 : 0;
    assert.equal(pages, 2);
    assert.deepEqual(
      arrived.map(({ body }) => (body as { largest_id: number }).largest_id), // the body asserted above
      [0, 2],
    );
  });

  test('groups and files over WeChat’s limits are refused before a call is spent', async () => {
    arrived.length = 0;
    const openids = (n: number): string[] => Array.from({ length: n }, (_, i) => `o${i}`);
    const tooLarge = { code: 'WECHAT_BATCH_TOO_LARGE' };
    const tooSmall = { code: 'WECHAT_BATCH_TOO_SMALL' };
    const users = userCalls(client.call);
    const tags = tagCalls(client.call);
    const blacklist = blacklistCalls(client.call);
    const mass = massCalls(client.call);
    const media = mediaCalls(client.call);
    const text = { msgtype: 'text' as const, text: { content: 'x' } };
    await assert.rejects(users.batchInfo(openids(101)), tooLarge);
    await assert.rejects(users.batchInfo([]), tooSmall);
    await assert.rejects(tags.tagUsers(1, openids(51)), tooLarge);
    await assert.rejects(tags.untagUsers(1, []), tooSmall);
    await assert.rejects(blacklist.block(openids(21)), tooLarge);
    await assert.rejects(blacklist.unblock(openids(21)), tooLarge);
    await assert.rejects(mass.send({ ...text, touser: openids(1) }), tooSmall);
    await assert.rejects(mass.send({ ...text, touser: openids(10_001) }), tooLarge);
    const subscribe = subscribeTemplateCalls(client.call);
    await assert.rejects(subscribe.add({ tid: 1, kidList: [1, 2, 3, 4, 5, 6], sceneDesc: 'x' }), tooLarge);
    await assert.rejects(media.upload('thumb', { filename: 'a.jpg', bytes: new Uint8Array(64 * 1024 + 1) }), {
      code: 'WECHAT_MEDIA_TOO_LARGE',
    });
    await assert.rejects(media.upload('voice', { filename: 'a.wav', bytes: new Uint8Array(1) }), {
      code: 'WECHAT_MEDIA_FORMAT',
    });
    assert.equal(arrived.length, 0);
  });
});

describe('against the simulator', () => {
  test('all 25,000 followers come once, in three calls, also when the walk is broken off and resumed', async () => {
    await using simulator = await startSimulator({ kind: 'service', followers: 25_000 });
    const account = simulator.account();
    const { users, close } = connect(simulator.url, account);
    const all: string[] = [];
    for await (const { openids, total } of users.followers()) {
      assert.equal(total, 25_000);
      all.push(...openids);
    }
    assert.equal(new Set(all).size, 25_000);
    assert.equal(all.length, 25_000);
    assert.equal(account.summary().byApi['/cgi-bin/user/get']?.calls, 3);

    let from = '';
    for await (const page of users.followers()) {
      from = page.nextOpenid;
      break;
    }
    const rest: string[] = [];
    for await (const { openids } of users.followers({ from })) rest.push(...openids);
    assert.deepEqual(rest, all.slice(10_000));
    await close();
  });

  test('both shapes of the last page end the walk, and so does an account without followers', async () => {
    for (const [followers, lastPageNextOpenid] of [
      [20_000, 'openid'],
      [20_000, 'empty'],
      [0, 'openid'],
    ] as const) {
      await using simulator = await startSimulator({ kind: 'service', followers, lastPageNextOpenid });
      const { users, close } = connect(simulator.url, simulator.account());
      let seen = 0;
      for await (const { openids } of users.followers()) seen += openids.length;
      assert.equal(seen, followers);
      await close();
    }
  });

  test('people, tags and blacklist', async () => {
    await using simulator = await startSimulator({ kind: 'service', followers: 300 });
    const account = simulator.account();
    const { client, users, close } = connect(simulator.url, account);
    const openids = Array.from({ length: 250 }, (_, index) => account.openid(index));
    const infos: string[] = [];
    for await (const group of users.infos(openids)) infos.push(...group.map(({ openid }) => openid));
    assert.deepEqual(infos, openids);
    assert.equal(account.summary().byApi['/cgi-bin/user/info/batchget']?.calls, 3);

    const tags = tagCalls(client.call);
    const tag = await tags.create('广东');
    await tags.tagUsers(tag.id, openids.slice(0, 50));
    await tags.untagUsers(tag.id, openids.slice(0, 10));
    const members: string[] = [];
    for await (const page of tags.members(tag.id)) members.push(...page.openids);
    assert.deepEqual(members.sort(), openids.slice(10, 50).sort());
    assert.deepEqual(await tags.ofUser(openids[20] ?? ''), [tag.id]);
    assert.equal((await tags.list()).find(({ id }) => id === tag.id)?.count, 40);
    await tags.rename(tag.id, '广东人');
    await tags.delete(tag.id);
    await assert.rejects(tags.tagUsers(tag.id, openids.slice(0, 1)), {
      code: 'WECHAT_ERROR',
      errcode: 45159,
    });

    const blacklist = blacklistCalls(client.call);
    await blacklist.block(openids.slice(0, 20));
    await blacklist.unblock(openids.slice(0, 5));
    const blocked: string[] = [];
    for await (const page of blacklist.members()) blocked.push(...page.openids);
    assert.deepEqual(blocked.sort(), openids.slice(5, 20).sort());
    await close();
  });

  test('templates of both families are listed, added and deleted, and their content can be read', async () => {
    await using simulator = await startSimulator({ kind: 'service', followers: 1 });
    const { client, close } = connect(simulator.url, simulator.account());
    const oa = oaTemplateCalls(client.call);
    const listed = await oa.list();
    assert.ok(listed.length > 0);
    for (const { content } of listed) assert.ok(parseTemplateContent(content).fields.length > 0, content);
    const first = listed[0]?.template_id ?? '';
    await oa.delete(first);
    assert.ok(!(await oa.list()).some(({ template_id }) => template_id === first));
    const subscribe = subscribeTemplateCalls(client.call);
    const [title] = (await subscribe.titles((await subscribe.categories()).map(({ id }) => id))).data;
    assert.ok(title);
    const keywords = await subscribe.keywords(title.tid);
    const id = await subscribe.add({
      tid: title.tid,
      kidList: keywords.slice(0, 2).map(({ kid }) => kid),
      sceneDesc: '测试',
    });
    const mine = (await subscribe.list()).find(({ priTmplId }) => priTmplId === id);
    assert.ok(mine);
    assert.equal(parseTemplateContent(mine.content).fields.length, 2);
    await subscribe.delete(id);
    await close();
  });

  test('a picture is uploaded and the quota of an API is told', async () => {
    await using simulator = await startSimulator({ kind: 'service', followers: 1 });
    const account = simulator.account();
    const { client, close } = connect(simulator.url, account);
    const media = await mediaCalls(client.call).upload('image', {
      filename: 'a.png',
      bytes: new Uint8Array(1000),
    });
    assert.equal(media.type, 'image');
    assert.ok(media.media_id.length > 0);
    const quota = quotaCalls(client.call);
    assert.ok((await quota.get('/cgi-bin/user/get')).quota.daily_limit > 0);
    await quota.clear(account.appid);
    await assert.rejects(quota.get('/cgi-bin/nothing'), { errcode: 76021 });
    await close();
  });
});

function connect(
  baseUrl: string,
  account: { appid: string; secret: string },
): { client: WechatClient; users: ReturnType<typeof userCalls>; close: () => Promise<void> } {
  const { appid, secret } = account;
  const client = new WechatClient({ appid, token: { kind: 'secret', secret }, baseUrl });
  return { client, users: userCalls(client.call), close: () => client.close() };
}
