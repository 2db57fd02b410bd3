import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { Caller, errcodeOf, holdClock, refusal, withoutRid } from '../support/simulated.ts';

const OK = '{"errcode":0,"errmsg":"ok"}';

test('template messages: list, add, delete, industry', async () => {
  await using simulator = await startSimulator();
  const caller = await new Caller(simulator).login();
  const listed = async (): Promise<{ template_id: string; content: string; primary_industry: string }[]> =>
    JSON.parse(await caller.get('/cgi-bin/template/get_all_private_template')).template_list;
  const [tutorial, order] = await listed();
  assert.match(tutorial?.template_id ?? '', /^[A-Za-z0-9_-]{43}$/);
  assert.equal(
    tutorial?.content,
    '标题：{{keyword1.DATA}}\n内容：{{keyword2.DATA}}\n时间：{{keyword3.DATA}}',
  );
  assert.equal(tutorial?.primary_industry, 'IT科技');
  assert.match(order?.content ?? '', /^订单编号:\{\{character_string1\.DATA\}\}\n.*\n$/s);
  const add = (body: object): Promise<string> => caller.post('/cgi-bin/template/api_add_template', body);
  const added = JSON.parse(
    await add({ template_id_short: '47123', keyword_name_list: ['预约时间', '预约项目'] }),
  );
  assert.equal((await listed())[2]?.content, '预约时间:{{time2.DATA}}\n预约项目:{{thing1.DATA}}\n');
  assert.equal(errcodeOf(await add({ template_id_short: '47123' })), 40246);
  assert.equal(errcodeOf(await add({ template_id_short: 'TM00015' })), 0);
  assert.equal(withoutRid(await add({ template_id_short: 'TM1' })), refusal(40037, 'invalid template_id'));
  const remove = { template_id: added.template_id };
  assert.equal(await caller.post('/cgi-bin/template/del_private_template', remove), OK);
  assert.equal(errcodeOf(await caller.post('/cgi-bin/template/del_private_template', remove)), 40037);
  const industry = { industry_id1: '13', industry_id2: '1' };
  assert.equal(await caller.post('/cgi-bin/template/api_set_industry', industry), OK);
  assert.equal(
    withoutRid(await caller.post('/cgi-bin/template/api_set_industry', industry)),
    refusal(43100, 'change template too frequently'),
  );
  assert.equal(
    await caller.get('/cgi-bin/template/get_industry'),
    '{"primary_industry":{"first_class":"运输与仓储","second_class":"快递"},"secondary_industry":{"first_class":"IT科技","second_class":"互联网|电子商务"}}',
  );
});

test('subscribe messages: list with enums, library, add, delete', async () => {
  await using simulator = await startSimulator({ kind: 'miniprogram' });
  const caller = await new Caller(simulator).login();
  const list = JSON.parse(await caller.get('/wxaapi/newtmpl/gettemplate'));
  assert.equal(list.errcode, 0);
  const [oneTime, longTerm] = list.data;
  assert.equal(oneTime.type, 2);
  assert.equal('keywordEnumValueList' in oneTime, false);
  assert.equal(longTerm.type, 3);
  assert.deepEqual(longTerm.keywordEnumValueList[0], {
    enumValueList: ['客厅', '厨房', '卫生间', '阳台'],
    keywordCode: 'enum_string2.DATA',
  });
  assert.deepEqual(JSON.parse(await caller.get('/wxaapi/newtmpl/getcategory')).data[0], {
    id: 616,
    name: '公交',
  });
  const titles = JSON.parse(
    await caller.get('/wxaapi/newtmpl/getpubtemplatetitles', { ids: '2,616', start: '0', limit: '1' }),
  );
  assert.equal(titles.count, 3);
  assert.deepEqual(titles.data, [{ tid: 99, title: '付款成功通知', type: 2, categoryId: '616' }]);
  const keywords = JSON.parse(await caller.get('/wxaapi/newtmpl/getpubtemplatekeywords', { tid: '99' }));
  assert.deepEqual(keywords.data[0], { kid: 1, name: '物品名称', example: '名称', rule: 'thing' });
  const add = (body: object): Promise<string> => caller.post('/wxaapi/newtmpl/addtemplate', body);
  const good = { tid: '99', kidList: [3, 1], sceneDesc: '测试数据' };
  const answer = await add(good);
  assert.match(answer, /^\{"errmsg":"ok","errcode":0,"priTmplId":"[A-Za-z0-9_-]{43}"\}$/);
  const { priTmplId } = JSON.parse(answer);
  const { data } = JSON.parse(await caller.get('/wxaapi/newtmpl/gettemplate'));
  assert.equal(data[2].content, '付款时间:{{time3.DATA}}\n物品名称:{{thing1.DATA}}\n');
  for (const [body, errcode] of [
    [{ ...good, kidList: [1, 3] }, 200022],
    [{ ...good, kidList: [1] }, 200020],
    [{ ...good, kidList: [1, 99] }, 200020],
    [{ ...good, tid: 'x' }, 200014],
    [{ ...good, kidList: [1, 2], sceneDesc: '一'.repeat(16) }, 200021],
  ] as const) {
    assert.equal(errcodeOf(await add(body)), errcode);
  }
  assert.equal(
    await caller.post('/wxaapi/newtmpl/deltemplate', { priTmplId }),
    '{"errmsg":"ok","errcode":0}',
  );
});

test('media: uploaded pictures can be sent, for three days', async () => {
  await using simulator = await startSimulator({ accounts: [{}, { kind: 'miniprogram' }] });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const answer = await caller.upload('image', 'a.png', 100);
  assert.match(answer, /^\{"type":"image","media_id":"[A-Za-z0-9_-]{64}","created_at":\d{10}\}$/);
  const { media_id } = JSON.parse(answer);
  account.openKfWindow(account.openid(0));
  const image = { touser: account.openid(0), msgtype: 'image', image: { media_id } };
  assert.equal(await caller.post('/cgi-bin/message/custom/send', image), OK);
  assert.match(await caller.upload('thumb', 'a.jpg', 100), /"thumb_media_id":/);
  assert.equal(errcodeOf(await caller.upload('thumb', 'a.jpg', 65 * 1024)), 40012);
  assert.equal(errcodeOf(await caller.upload('image', 'a.exe', 10)), 40005);
  assert.equal(withoutRid(await caller.upload('film', 'a.png', 10)), refusal(40004, 'invalid media type'));
  assert.equal(
    errcodeOf(await caller.raw('POST', `/cgi-bin/media/upload?access_token=${caller.token}&type=image`)),
    44002,
  );
  const program = await new Caller(simulator, simulator.accounts[1]).login();
  assert.equal(errcodeOf(await program.upload('image', 'a.jpg', 10)), 0);
  assert.equal(errcodeOf(await program.upload('voice', 'a.mp3', 10)), 40004);
  simulator.advance(3 * 86_400_000);
  await caller.login();
  account.openKfWindow(account.openid(0));
  assert.equal(errcodeOf(await caller.post('/cgi-bin/message/custom/send', image)), 40007);
});

test('mass sends: to lists, tags and everyone, deduplicated, four a month', async () => {
  await using simulator = await startSimulator();
  await holdClock(simulator);
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const text = { msgtype: 'text', text: { content: '大家好' } };
  const send = (name: string, body: object): Promise<string> =>
    caller.post(`/cgi-bin/message/mass/${name}`, body);
  const touser = [account.openid(0), account.openid(1), account.openid(1)];
  account.unfollow(account.openid(0));
  const answer = await send('send', { touser, ...text, clientmsgid: 'a' });
  assert.match(
    answer,
    /^\{"errcode":0,"errmsg":"send job submission success","msg_id":\d+,"msg_data_id":\d+\}$/,
  );
  assert.equal(account.receivedCount(account.openid(0)), 0);
  assert.equal(account.receivedCount(account.openid(1), { channel: 'mass' }), 1);
  const { msg_id } = JSON.parse(answer);
  assert.equal(await send('get', { msg_id }), `{"msg_id":${msg_id},"msg_status":"SENDING"}`);
  const again = JSON.parse(await send('send', { touser, ...text, clientmsgid: 'a' }));
  assert.equal(again.errcode, 45066);
  simulator.advance(61_000);
  const later = JSON.parse(await send('send', { touser, ...text, clientmsgid: 'a' }));
  assert.equal(later.errcode, 45065);
  assert.equal(later.msg_id, msg_id);
  assert.equal(
    await send('get', { msg_id: String(msg_id) }),
    `{"msg_id":${msg_id},"msg_status":"SEND_SUCCESS"}`,
  );
  assert.equal(await send('delete', { msg_id }), OK);
  assert.equal(await send('get', { msg_id }), `{"msg_id":${msg_id},"msg_status":"DELETE"}`);
  assert.equal(
    withoutRid(await send('send', { touser: [account.openid(1)], ...text })),
    refusal(40130, 'invalid openid list size, at least two openid'),
  );
  const two = [account.openid(1), account.openid(2)];
  assert.equal(errcodeOf(await send('send', { touser: two, ...text })), 0);
  assert.equal(errcodeOf(await send('send', { touser, ...text, clientmsgid: 'a'.repeat(33) })), 45067);
  for (let n = 1; n <= 4; n++) {
    assert.equal(errcodeOf(await send('sendall', { filter: { is_to_all: true }, ...text })), 0);
  }
  assert.equal(
    withoutRid(await send('sendall', { filter: { is_to_all: true }, ...text })),
    refusal(45028, 'has no masssend quota'),
  );
  assert.equal(
    errcodeOf(await send('sendall', { filter: { is_to_all: false, tag_id: 999 }, ...text })),
    45159,
  );
  assert.equal(errcodeOf(await send('preview', { touser: account.openid(2), ...text })), 0);
  assert.equal(await send('speed/get', {}), '{"speed":3,"realspeed":30}');
  assert.equal(await send('speed/set', { speed: 0 }), OK);
  assert.equal(errcodeOf(await send('speed/set', { speed: 9 })), 45083);
});

test('diagnostics: quotas, callback addresses and the callback check', async () => {
  await using simulator = await startSimulator();
  const caller = await new Caller(simulator).login();
  const quota = (cgi_path: string): Promise<string> =>
    caller.post('/cgi-bin/openapi/quota/get', { cgi_path });
  assert.equal(errcodeOf(await quota('https://api.weixin.qq.com/cgi-bin/token')), 76003);
  assert.equal(withoutRid(await quota('/cgi-bin/none')), refusal(76021, 'cgi_path not found, please check'));
  assert.equal(
    withoutRid(await quota('/sns/jscode2session')),
    refusal(76022, 'could not use this cgi_path，no permission'),
  );
  assert.match(await caller.get('/cgi-bin/getcallbackip'), /^\{"ip_list":\["127\.0\.0\.1",.*\/25"\]\}$/);
  const check = (body: object): Promise<string> => caller.post('/cgi-bin/callback/check', body);
  const all = { action: 'all', check_operator: 'DEFAULT' };
  assert.equal(withoutRid(await check(all)), refusal(40201, 'invalid check url'));
  await caller.account.events.setCallback({ url: 'http://127.0.0.9/callback', verify: false });
  assert.match(await check(all), /^\{"dns":\[\{"ip":"127\.0\.0\.9",.*"ping":\[/);
  assert.equal(errcodeOf(await check({ action: 'x', check_operator: 'DEFAULT' })), 40202);
  assert.equal(errcodeOf(await check({ action: 'dns', check_operator: 'x' })), 40203);
  const blocked = { tmpl_msg_id: 'x', largest_id: 0, limit: 101 };
  assert.equal(errcodeOf(await caller.post('/wxa/sec/queryblocktmplmsg', blocked)), 40097);
});
