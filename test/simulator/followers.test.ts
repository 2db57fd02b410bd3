import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { Caller, errcodeOf, refusal, withoutRid } from '../support/simulated.ts';

interface Page {
  total: number;
  count: number;
  data?: { openid: string[] };
  next_openid: string;
}

async function pages(caller: Caller): Promise<Page[]> {
  const all: Page[] = [];
  let next = '';
  do {
    const page = JSON.parse(await caller.get('/cgi-bin/user/get', { next_openid: next }));
    all.push(page);
    next = page.next_openid;
  } while (next !== '');
  return all;
}

test('user/get gives 10,000 a page, a cursor on the last one, and then a page without data', async () => {
  await using simulator = await startSimulator({ followers: 23_000 });
  const caller = await new Caller(simulator).login();
  const all = await pages(caller);
  assert.deepEqual(
    all.map(({ total, count }) => [total, count]),
    [
      [23_000, 10_000],
      [23_000, 10_000],
      [23_000, 3000],
      [23_000, 0],
    ],
  );
  for (const page of all.slice(0, 3)) assert.equal(page.next_openid, page.data?.openid.at(-1));
  const openids = all.flatMap((page) => page.data?.openid ?? []);
  assert.equal(new Set(openids).size, 23_000);
  const last = openids.at(-1) ?? '';
  assert.equal(
    await caller.get('/cgi-bin/user/get', { next_openid: last }),
    '{"total":23000,"count":0,"next_openid":""}',
  );
  assert.equal(
    withoutRid(await caller.get('/cgi-bin/user/get', { next_openid: 'x' })),
    refusal(40003, 'invalid openid'),
  );
});

test('an account with nobody, and one whose last page ends the list', async () => {
  await using simulator = await startSimulator({
    accounts: [{ followers: 0 }, { followers: 10_000, lastPageNextOpenid: 'empty' }],
  });
  const empty = await new Caller(simulator).login();
  assert.equal(await empty.get('/cgi-bin/user/get'), '{"total":0,"count":0,"next_openid":""}');
  const full = await new Caller(simulator, simulator.accounts[1]).login();
  const page = JSON.parse(await full.get('/cgi-bin/user/get'));
  assert.equal(page.count, 10_000);
  assert.equal(page.next_openid, '');
});

test('five million people hold no memory until something happens to one of them', async () => {
  await using simulator = await startSimulator({ followers: 5_000_000 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const before = process.memoryUsage();
  const page = JSON.parse(await caller.get('/cgi-bin/user/get', { next_openid: account.openid(4_989_999) }));
  assert.equal(page.total, 5_000_000);
  assert.equal(page.count, 10_000);
  assert.equal(account.indexOf(page.data.openid[9_999]), 4_999_999);
  for (let index = 0; index < 5_000_000; index += 500_000) {
    const answer = await caller.post('/cgi-bin/message/template/send', {
      touser: account.openid(index),
      template_id: caller.template('oa'),
      data: {},
    });
    assert.equal(errcodeOf(answer), 0);
  }
  // A byte for each person would be 5 MB; ten pages of counters are 0.3 MB, the page of openids above some more.
  assert.equal(account.stateBytes(), 10 * 16_384 * 2);
  assert.ok(process.memoryUsage().arrayBuffers - before.arrayBuffers < 2_000_000);
});

test('those who leave vanish from the list, and come back where they were', async () => {
  await using simulator = await startSimulator({ followers: 5, unfollowedShare: 0 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const listed = async (): Promise<string[]> => JSON.parse(await caller.get('/cgi-bin/user/get')).data.openid;
  const everyone = await listed();
  account.unfollow(account.openid(2));
  assert.deepEqual(await listed(), everyone.toSpliced(2, 1));
  assert.equal(account.followers, 4);
  assert.equal(
    await caller.get('/cgi-bin/user/info', { openid: account.openid(2) }),
    `{"subscribe":0,"openid":"${account.openid(2)}"}`,
  );
  account.follow(account.openid(2));
  assert.deepEqual(await listed(), everyone);
  account.grow(3);
  assert.equal((await listed()).length, 8);
});

test('a share of the listed people has left since', async () => {
  await using simulator = await startSimulator({ followers: 2000, unfollowedShare: 0.25 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  assert.equal(JSON.parse(await caller.get('/cgi-bin/user/get')).count, 2000);
  const infos: { subscribe: number }[] = [];
  for (let from = 0; from < 2000; from += 100) {
    const user_list = Array.from({ length: 100 }, (_, i) => ({ openid: account.openid(from + i) }));
    infos.push(...JSON.parse(await caller.post('/cgi-bin/user/info/batchget', { user_list })).user_info_list);
  }
  const gone = infos.filter(({ subscribe }) => subscribe === 0).length;
  assert.ok(gone > 400 && gone < 600, `${gone} of 2000`);
});

test('batchget takes 100 openids of this account', async () => {
  await using simulator = await startSimulator({ openPlatform: 'shop' });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const ask = (openids: string[]): Promise<string> =>
    caller.post('/cgi-bin/user/info/batchget', { user_list: openids.map((openid) => ({ openid })) });
  const [person] = JSON.parse(await ask([account.openid(3)])).user_info_list;
  assert.equal(person.subscribe, 1);
  assert.equal(person.language, 'zh_CN');
  assert.match(person.unionid, /^o/);
  assert.equal('nickname' in person, false);
  const many = Array.from({ length: 101 }, (_, i) => account.openid(i));
  assert.equal(withoutRid(await ask(many)), refusal(40032, 'invalid openid list size'));
  assert.equal(withoutRid(await ask([account.openid(1), 'x'])), refusal(40003, 'invalid openid'));
});

test('one person has one unionid and different openids in two accounts of one platform', async () => {
  await using simulator = await startSimulator({ openPlatform: 'shop', accounts: [{}, {}] });
  const [first, second] = await Promise.all(
    simulator.accounts.map((account) => new Caller(simulator, account).login()),
  );
  assert.ok(first !== undefined && second !== undefined);
  const info = async (caller: Caller): Promise<{ unionid: string; openid: string }> =>
    JSON.parse(await caller.get('/cgi-bin/user/info', { openid: caller.account.openid(4) }));
  const [a, b] = [await info(first), await info(second)];
  assert.equal(a.unionid, b.unionid);
  assert.notEqual(a.openid, b.openid);
  assert.equal(errcodeOf(await second.get('/cgi-bin/user/info', { openid: a.openid })), 40003);
});

test('tags: made, given, paged, taken away, with the documented refusals', async () => {
  await using simulator = await startSimulator({ followers: 200, tags: [{ name: '老客户', share: 0.5 }] });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const openids = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, i) => account.openid(from + i));
  assert.equal(
    await caller.post('/cgi-bin/tags/create', { tag: { name: '广东' } }),
    '{"tag":{"id":101,"name":"广东"}}',
  );
  const tagged = { openid_list: openids(0, 50), tagid: 101 };
  assert.equal(
    await caller.post('/cgi-bin/tags/members/batchtagging', tagged),
    '{"errcode":0,"errmsg":"ok"}',
  );
  const page = JSON.parse(await caller.post('/cgi-bin/user/tag/get', { tagid: 101, next_openid: '' }));
  assert.equal(page.count, 50);
  assert.deepEqual(page.data.openid, openids(0, 50));
  assert.equal(page.next_openid, account.openid(49));
  assert.equal(
    await caller.post('/cgi-bin/user/tag/get', { tagid: 101, next_openid: page.next_openid }),
    '{"count":0}',
  );
  const { tags } = JSON.parse(await caller.get('/cgi-bin/tags/get'));
  assert.deepEqual(tags[0], { id: 2, name: '星标组', count: 0 });
  assert.deepEqual(tags[2], { id: 101, name: '广东', count: 50 });
  assert.ok(tags[1].count > 70 && tags[1].count < 130);
  const ids = JSON.parse(await caller.post('/cgi-bin/tags/getidlist', { openid: account.openid(0) }));
  assert.ok(ids.tagid_list.includes(101));
  assert.equal(
    await caller.post('/cgi-bin/tags/members/batchuntagging', { openid_list: openids(0, 1), tagid: 101 }),
    '{"errcode":0,"errmsg":"ok"}',
  );
  const refusals: [string, object, number, string][] = [
    ['tags/create', { tag: { name: '广东' } }, 45157, 'invalid tag name'],
    ['tags/create', { tag: { name: '一'.repeat(11) } }, 45158, 'tag name too long'],
    ['tags/update', { tag: { id: 2, name: 'x' } }, 45058, "can't modify sys tag"],
    ['tags/delete', { tag: { id: 999 } }, 45159, 'invalid tag id'],
    [
      'tags/members/batchtagging',
      { openid_list: openids(0, 51), tagid: 101 },
      40032,
      'invalid openid list size',
    ],
    ['tags/members/batchtagging', { openid_list: ['x'], tagid: 101 }, 40003, 'invalid openid'],
  ];
  for (const [path, body, errcode, text] of refusals) {
    assert.equal(withoutRid(await caller.post(`/cgi-bin/${path}`, body)), refusal(errcode, text));
  }
  assert.equal(
    await caller.post('/cgi-bin/tags/delete', { tag: { id: 101 } }),
    '{"errcode":0,"errmsg":"ok"}',
  );
});

test('the blacklist pages, and its people are refused with 43019', async () => {
  await using simulator = await startSimulator({ blacklistPageSize: 2 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const list = [account.openid(1), account.openid(5), account.openid(9)];
  assert.equal(
    await caller.post('/cgi-bin/tags/members/batchblacklist', { openid_list: list }),
    '{"errcode":0,"errmsg":"ok"}',
  );
  const first = JSON.parse(await caller.post('/cgi-bin/tags/members/getblacklist', { begin_openid: '' }));
  assert.deepEqual(first, { total: 3, count: 2, data: { openid: list.slice(0, 2) }, next_openid: list[1] });
  const second = JSON.parse(
    await caller.post('/cgi-bin/tags/members/getblacklist', { begin_openid: first.next_openid }),
  );
  assert.deepEqual(second.data.openid, list.slice(2));
  const message = { touser: list[0], template_id: caller.template('oa'), data: {} };
  assert.equal(
    withoutRid(await caller.post('/cgi-bin/message/template/send', message)),
    refusal(43019, 'require remove blacklist'),
  );
  await caller.post('/cgi-bin/tags/members/batchunblacklist', { openid_list: list });
  assert.equal(errcodeOf(await caller.post('/cgi-bin/message/template/send', message)), 0);
});

test('each kind of account has its own interfaces', async () => {
  await using simulator = await startSimulator({
    accounts: [{ kind: 'official' }, { kind: 'miniprogram' }, { kind: 'service', verified: false }],
  });
  const [official, program, unverified] = await Promise.all(
    simulator.accounts.map((account) => new Caller(simulator, account).login()),
  );
  const unauthorized = refusal(48001, 'api unauthorized');
  assert.equal(withoutRid((await official?.post('/cgi-bin/message/template/send', {})) ?? ''), unauthorized);
  assert.equal(withoutRid((await program?.get('/cgi-bin/user/get')) ?? ''), unauthorized);
  assert.equal(withoutRid((await unverified?.get('/cgi-bin/user/get')) ?? ''), unauthorized);
  assert.equal(errcodeOf((await official?.get('/cgi-bin/user/get')) ?? ''), 0);
});
