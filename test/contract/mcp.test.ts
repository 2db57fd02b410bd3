import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Permission } from '../../src/contract/permissions.ts';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { setAccountRules } from '../../src/store/accounts/rules.ts';
import { adminKey, contractSite, row } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite();
const { account } = site;
const { appid } = account;
await syncTemplates(site.app, appid);

async function connect(key: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${site.url}/mcp`), { requestInit }));
  return client;
}

async function use(client: Client, name: string, given: Record<string, unknown> = {}) {
  const { content, isError } = await client.callTool({ name, arguments: given });
  const [first] = content;
  assert.equal(first?.type, 'text');
  return { isError: isError === true, value: JSON.parse(first.text) };
}

row('POST /mcp', 'lets the official client look, with the key that it has', async () => {
  const client = await connect(adminKey);
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map(({ name }) => name).sort(), [
    ...['cancel_campaign', 'check_message', 'explain_errcode', 'find_contact', 'get_campaign', 'get_quota'],
    ...[
      'get_template',
      'list_accounts',
      'list_campaigns',
      'list_templates',
      'pause_campaign',
      'plan_campaign',
    ],
    ...['search_deliveries', 'send_test'],
  ]);
  for (const { description } of tools) assert.ok((description ?? '').length > 10);
  const accounts = await use(client, 'list_accounts');
  assert.equal(accounts.value.data[0].appid, appid);
  const errcode = await use(client, 'explain_errcode', { errcode: 43101 });
  assert.match(JSON.stringify(errcode.value), /43101/);
  const { prompts } = await client.listPrompts();
  assert.deepEqual(prompts.map(({ name }) => name).sort(), ['review_campaign', 'why_not_received']);
  const { contents } = await client.readResource({ uri: 'hongyan://errors/KEY_REUSED' });
  assert.match(JSON.stringify(contents), /belongs to another/);
  await client.close();
});

row('GET /mcp', 'is never there: there are no sessions', async () => {
  assert.equal((await site.call('GET /mcp')).status, 405);
});

test('an assistant plans, and a person looks at it; nothing is sent, and nothing it can call starts it', async () => {
  const client = await connect(adminKey);
  const body = {
    template_id: templateOf(account, '消息通知'),
    data: { keyword1: { value: '标题' }, keyword2: { value: '内容' }, keyword3: { value: '2026-11-22' } },
  };
  const planned = await use(client, 'plan_campaign', { appid, channel: 'template', body, audience: 'all' });
  assert.equal(planned.isError, false, JSON.stringify(planned.value));
  assert.equal(planned.value.reviewPath, `/campaigns/${planned.value.id}`);
  const shown = await use(client, 'get_campaign', { id: planned.value.id });
  assert.ok(!/oTjyw|标题/.test(JSON.stringify(shown.value)), 'no openids, and nothing of the message');
  const cancelled = await use(client, 'cancel_campaign', { id: planned.value.id });
  assert.deepEqual([cancelled.isError, cancelled.value.state], [false, 'cancelled']);
  const { tools } = await client.listTools();
  const others = tools.filter(({ name }) => name !== 'send_test');
  assert.ok(!others.some(({ name }) => /confirm|approve|launch|resume|send|secret|token|export/.test(name)));
  assert.equal(account.messages().length, 0);
  await client.close();
});

test('a tool does no more than the key may', async () => {
  const needs: [string, Record<string, unknown>, Permission][] = [
    ['list_accounts', {}, 'account.read'],
    ['list_templates', { appid }, 'template.read'],
    ['get_template', { appid, templateId: templateOf(account, '消息通知') }, 'template.read'],
    ['get_quota', { appid }, 'account.read'],
    ['find_contact', { appid, openid: account.openid(0) }, 'contact.read'],
    ['check_message', { appid, templateId: templateOf(account, '消息通知'), body: {} }, 'template.read'],
    ['send_test', { appid, channel: 'template', body: {}, touser: account.openid(0) }, 'campaign.test'],
    ['list_campaigns', { appid }, 'campaign.read'],
    ['get_campaign', { id: 1 }, 'campaign.read'],
    ['plan_campaign', { appid, channel: 'template', body: {}, audience: 'all' }, 'campaign.create'],
    ['pause_campaign', { id: 1 }, 'campaign.send'],
    ['cancel_campaign', { id: 1 }, 'campaign.send'],
    ['search_deliveries', { appid, ref: 'x' }, 'message.read'],
  ];
  const nothing = await connect(await site.key(['node.read']));
  const elsewhere = await connect(
    await site.key(
      needs.map(([, , permission]) => permission),
      ['wx00000000000000ff'],
    ),
  );
  for (const [name, given] of needs) {
    const without = await use(nothing, name, given);
    assert.deepEqual([without.isError, without.value.code], [true, 'FORBIDDEN'], name);
    const other = await use(elsewhere, name, given);
    if ('appid' in given || 'id' in given) assert.equal(other.isError, true, `${name} of another account`);
    else assert.deepEqual(other.value.data, [], name);
  }
  await nothing.close();
  await elsewhere.close();
});

test('an assistant’s test goes to openids of the account’s test list, and to nobody else', async () => {
  const [tester, other] = [account.openid(4), account.openid(5)];
  const body = {
    template_id: templateOf(account, '消息通知'),
    data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
  };
  await setAccountRules(site.store.pool, appid, { testOpenids: [tester] });
  const client = await connect(await site.key(['campaign.test'], [appid]));
  const wish = { appid, channel: 'template', body };
  const refused = await use(client, 'send_test', { ...wish, touser: other });
  assert.deepEqual([refused.isError, refused.value.code], [true, 'TEST_OPENID_NOT_LISTED']);
  const sent = await use(client, 'send_test', { ...wish, touser: tester });
  assert.deepEqual([sent.isError, sent.value.kind], [false, 'accepted'], JSON.stringify(sent.value));
  assert.deepEqual([account.messages(tester).length, account.messages(other).length], [1, 0]);
  await setAccountRules(site.store.pool, appid, { testOpenids: [] });
  const off = await use(client, 'send_test', { ...wish, touser: tester });
  assert.equal(off.value.code, 'TEST_OPENID_NOT_LISTED', 'without a list there is nobody to send to');
  await client.close();
});

test('an assistant checks a message before it is sent, and finds a person who was named', async () => {
  const client = await connect(await site.key(['template.read', 'contact.read'], [appid]));
  const templateId = templateOf(account, '消息通知');
  const body = { data: { keyword1: '{{title}}', nothing: 'x' } };
  const { value: checked } = await use(client, 'check_message', {
    ...{ appid, templateId, body, variables: { title: '标题' } },
  });
  assert.equal(checked.ok, false);
  const problems = (checked.fields as { key: string; value: string; problem: { rule: string } | null }[]).map(
    ({ key, value, problem }) => [key, value, problem?.rule],
  );
  assert.deepEqual(problems[0], ['keyword1', '标题', undefined]);
  assert.deepEqual(problems.at(-1), ['nothing', 'x', 'unknown']);

  const openid = account.openid(6);
  await site.store.pool.query(
    'insert into contacts (appid, openid, unionid, follows) values ($1, $2, $3, true)',
    [appid, openid, 'union-6'],
  );
  const byOpenid = await use(client, 'find_contact', { appid, openid });
  assert.deepEqual(
    byOpenid.value.map((one: Record<string, unknown>) => [
      one.openid,
      one.follows,
      one.suppressed,
      one.unionid,
    ]),
    [[openid, true, false, undefined]],
  );
  const byUnion = await use(client, 'find_contact', { appid, unionid: 'union-6' });
  assert.deepEqual(
    byUnion.value.map((one: { openid: string }) => one.openid),
    [`${openid.slice(0, 6)}…`],
  );
  assert.equal((await client.callTool({ name: 'find_contact', arguments: { appid } })).isError, true);
  await client.close();
});

test('somebody else’s openid is shortened, and one that was asked for is shown', async () => {
  const touser = account.openid(2);
  const sent = {
    appid,
    channel: 'template',
    touser,
    ref: 'r1',
    template_id: templateOf(account, '消息通知'),
  };
  const data = { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' };
  await site.sent({ ...sent, data });
  const client = await connect(adminKey);
  const byRef = await use(client, 'search_deliveries', { ref: 'r1' });
  assert.deepEqual(
    byRef.value.map((one: { touser: string }) => one.touser),
    [`${touser.slice(0, 6)}…`],
  );
  const byPerson = await use(client, 'search_deliveries', { touser });
  assert.equal(byPerson.value[0].touser, touser);
  await client.close();
});

test('an assistant is given a page of at most 50, however many it wishes for', async () => {
  const client = await connect(adminKey);
  for (const [name, given] of [
    ['list_campaigns', { appid }],
    ['search_deliveries', { ref: 'r1' }],
  ] as const) {
    const asked = async (limit: number) =>
      (await client.callTool({ name, arguments: { ...given, limit } })).isError === true;
    assert.deepEqual([await asked(1), await asked(50)], [false, false], name);
    assert.deepEqual([await asked(0), await asked(51)], [true, true], name);
  }
  await client.close();
});

test('without a key there is no door', async () => {
  await assert.rejects(connect('wrong'));
});

for (const mode of ['legacy', 'auto'] as const)
  test(`the same over standard input, by \`hongyan mcp\` (${mode})`, async () => {
    const file = await site.file('assistant.key', `${await site.key(['account.read'])}\n`);
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    const { command, args, env } = site.cli.process(['mcp', '--key-file', file, '--url', site.url]);
    await client.connect(new StdioClientTransport({ command, args, env, stderr: 'ignore' }));
    const accounts = await use(client, 'list_accounts');
    assert.equal(accounts.value.data[0].appid, appid);
    const refused = await use(client, 'list_templates', { appid });
    assert.deepEqual([refused.isError, refused.value.code], [true, 'FORBIDDEN']);
    await client.close();
  });
