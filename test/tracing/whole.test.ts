/** Everything that has spans at work at once: how they hang together, and that nothing in them is anybody's secret. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { setAccountRules } from '../../src/store/accounts/rules.ts';
import { startMailServer, startRobot } from '../support/alerts/stand-ins.ts';
import { makeSite } from '../support/campaign.ts';
import { messageTo } from '../support/messages.ts';
import { Gate, startPushing, startServing } from '../support/receipts/receipt-scene.ts';
import { type Span, startCollector } from '../support/tracing/collector.ts';
import { addHook, startReceiver } from '../support/webhooks.ts';
import { templateOf, tutorialData } from '../support/wechat.ts';

const token = 'api-token-of-this-test-0123456789abcdef';
const site = await makeSite();
site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
const collector = await startCollector();
const gate = await new Gate().listen();
after(() => gate.close());
const { pool } = site.store;
const { simulator, account } = await startPushing(pool, site.cli.env.HONGYAN_SECRET_KEY ?? '', gate, {
  ...{ people: 40, ratePerS: 1_000, events: { delayMs: 200, jitterMs: 0 } },
});
const { appid, secret } = account;
await setAccountRules(pool, appid, { wxRelay: true });
const receiver = await startReceiver();
const hook = await addHook(site, appid, receiver.url, 'outcome,receipt');
const robot = await startRobot('wecom');
const robotFile = await site.file('robot-url', robot.target.url);
const node = await startServing({
  ...{
    ...site.cli.env,
    HONGYAN_API_TOKEN: token,
    HONGYAN_WEBHOOK_ALLOW: '127.0.0.1',
    HONGYAN_WX_RELAY: 'on',
  },
  ...collector.env('serve'),
});
gate.ports = [node.port];
const url = `http://127.0.0.1:${node.port}`;
const authorization = `Bearer ${token}`;

async function call(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
  const answer = await fetch(url + path, {
    ...{ method, headers: { authorization, ...(body && { 'content-type': 'application/json' }) } },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

async function command(args: string[], env: Record<string, string> = {}): Promise<string> {
  const more = { ...collector.env('cli'), ...env };
  const { code, stdout, stderr } = await site.cli.start(args, { env: more }).ended;
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

const request = 'POST /cgi-bin/message/template/send';
const template = templateOf(account, '消息通知');
const openids = Array.from({ length: 40 }, (_, i) => account.openid(i));

describe('everything at once', () => {
  // Before its database does.
  after(() => node.kill());

  test('a command goes on with the trace of whoever called it, and so does the campaign that it makes', async () => {
    const caller = { traceId: 'c'.repeat(32), id: 'd'.repeat(16) };
    const list = await site.file('people.csv', `openid\n${openids.slice(0, 5).join('\n')}\n`);
    const pushed = await command(
      [
        ...['push', '--account', appid, '--channel', 'template', '--template', template, ...tutorialData],
        ...['--to', `@${list}`, '--yes', '--json'],
      ],
      { TRACEPARENT: `00-${caller.traceId}-${caller.id}-01` },
    );
    assert.match(pushed, /"planned":5/);
    const root = await collector.span('the command', ({ name }) => name === 'hongyan push');
    assert.deepEqual([root.traceId, root.parent, root.process], [caller.traceId, caller.id, 'cli']);
    const created = await collector.span('the campaign', ({ name }) => name === 'create campaign');
    assert.deepEqual([created.kind, created.traceId], ['producer', caller.traceId]);
    const plan = await collector.span('the plan', ({ name }) => name === 'plan campaign');
    assert.deepEqual([plan.kind, plan.parent, plan.process], ['consumer', created.id, 'serve']);
    const id = created.attributes['hongyan.campaign.id'];
    for (const no of [1, 2, 3, 4, 5]) {
      const sent = await collector.span(
        `the request of no. ${no}`,
        ({ name, attributes }) =>
          name === request &&
          attributes['hongyan.campaign.id'] === id &&
          attributes['hongyan.recipient.no'] === no,
      );
      // Each begins a trace, which the SDK samples by itself.
      assert.deepEqual([sent.parent, sent.kind, sent.process], [null, 'client', 'serve']);
      assert.deepEqual(sent.links, [{ traceId: created.traceId, id: created.id }]);
      const receipt = await collector.span(
        `the receipt of no. ${no}`,
        ({ name, attributes }) =>
          name === 'process receipt' && attributes['wechat.msgid'] === sent.attributes['wechat.msgid'],
      );
      assert.deepEqual(receipt.links, [{ traceId: created.traceId, id: created.id }]);
    }
  });

  test('a webhook’s receiver goes on with the trace of its POST, and alerts have spans', async () => {
    const { openid, message } = messageTo({ account, channel: 'oa-template' }, 10);
    assert.ok('body' in message);
    const body = { ...message.body, appid, channel: 'oa-template', touser: openid };
    assert.equal((await call('POST', '/v1/messages', body)).status, 202);
    const post = await collector.span(
      'a webhook’s POST',
      ({ name, attributes }) => name === 'POST' && 'hongyan.delivery.id' in attributes,
    );
    assert.deepEqual([post.kind, post.parent, post.process], ['client', null, 'serve']);
    assert.equal(post.attributes['http.response.status_code'], 204);
    const got = receiver.posts.find(({ id }) => id === post.attributes['hongyan.delivery.id']);
    assert.equal(got?.headers.traceparent, `00-${post.traceId}-${post.id}-01`);
    const [, id = ''] =
      /(\d+)/.exec(await command(['alerts', 'add', 'wecom', '--url-file', robotFile])) ?? [];
    await command(['alerts', 'test', id]);
    const told = await collector.span(
      'the robot’s POST',
      ({ attributes }) => 'hongyan.alert.kind' in attributes,
    );
    assert.deepEqual(
      [told.name, told.kind, told.attributes['hongyan.alert.kind']],
      ['POST', 'client', 'wecom'],
    );
  });

  test('an e-mail that tells of something has a span, and so has a sync of the followers, with its calls', async () => {
    const mail = await startMailServer();
    const to = ['--from', 'a@example.com', '--to', 'b-of-this-test@example.com'];
    const server = ['--server', `127.0.0.1:${mail.port}`];
    const [, id = ''] = /(\d+)/.exec(await command(['alerts', 'add', 'email', ...server, ...to])) ?? [];
    await command(['alerts', 'test', id]);
    const told = await collector.span('the e-mail', ({ name }) => name === 'send e-mail');
    assert.deepEqual([told.parent, told.kind, told.attributes['error.type']], [null, 'client', undefined]);
    assert.equal(told.attributes['hongyan.alert.kind'], 'email');
    assert.equal(told.attributes['server.port'], mail.port);
    assert.equal(mail.mails.length, 1);

    await command(['followers', 'sync', appid]);
    const sync = await collector.span('the sync', ({ name }) => name === 'sync followers');
    const called = await collector.span('its call', ({ name }) => name === 'GET /cgi-bin/user/get');
    const run = await collector.span('its command', ({ id: one }) => one === sync.parent);
    assert.deepEqual([called.parent, run.name, sync.kind], [sync.id, 'hongyan followers sync', 'internal']);
    assert.deepEqual(
      [sync.attributes['wechat.appid'], sync.attributes['hongyan.followers']],
      [appid, openids.length],
    );
  });

  test('an assistant’s tool is a span under that of its request', async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
        requestInit: { headers: { authorization } },
      }),
    );
    await client.callTool({ name: 'find_contact', arguments: { appid, openid: openids[1] ?? '' } });
    await client.close();
    const tool = await collector.span('the tool', ({ name }) => name === 'tools/call find_contact');
    const served = await collector.span('its request', ({ id }) => id === tool.parent);
    assert.deepEqual([served.name, served.kind], ['POST /mcp', 'server']);
  });

  test('no span has an openid, a secret, a token, an address with a key, or what a message says', async () => {
    account.endTokens('superseded');
    for (const no of [11, 12]) {
      const { openid, message } = messageTo({ account, channel: 'oa-template' }, no);
      assert.ok('body' in message);
      const body = { ...message.body, appid, channel: 'oa-template', touser: openid };
      assert.equal((await call('POST', '/v1/messages', { ...body, ref: 'order-of-this-test' })).status, 202);
    }
    const [someone = ''] = openids;
    await call('GET', `/v1/accounts/${appid}/contacts/${someone}`);
    await call('GET', `/v1/deliveries?touser=${someone}`);
    await call('POST', '/v1/messages', { appid, touser: someone, nonsense: 'text-of-this-test' });
    await call('GET', `/wx/${appid}/cgi-bin/user/info?access_token=${token}&openid=${someone}`);
    await fetch(`${url}/v1/accounts`, { headers: { authorization: 'Bearer wrong-token-of-this-test' } });
    await fetch(`${url}/callback/${appid}?signature=signature-of-this-test`, {
      method: 'POST',
      body: '<xml/>',
    });
    await command([
      'send',
      '--account',
      appid,
      '--channel',
      'template',
      '--template',
      template,
      ...tutorialData,
      '--to',
      someone,
    ]);
    const lent = await call('GET', `/v1/accounts/${appid}/token`);
    const [, accessToken = ''] = /"access_token":"([^"]+)"/.exec(lent.text) ?? [];
    assert.ok(accessToken.length > 20, lent.text);
    await collector.span('the relay', ({ name }) => name === 'GET /cgi-bin/user/info');
    await collector.span('the token', ({ name }) => name === 'POST /cgi-bin/stable_token');
    await collector.span('the last command', ({ name }) => name === 'hongyan send');
    const hidden = [
      ...openids,
      ...[secret, token, accessToken, hook.secret, 'wrong-token-of-this-test', 'signature-of-this-test'],
      ...[site.cli.env.HONGYAN_SECRET_KEY ?? '', account.events.callback?.token ?? '', '?token=hidden'],
      ...[
        new URL(robot.target.url).search,
        '标题',
        'order-of-this-test',
        'text-of-this-test',
        template,
        'b-of-this-test',
      ],
    ];
    const exported = collector.raw.join('\n');
    for (const one of hidden) {
      assert.ok(one.length > 1);
      assert.ok(!exported.includes(one), `${one} is in ${namesOf(one)}`);
    }
    assert.ok(!/access_token|authorization/i.test(exported));
    assert.ok(simulator.url !== '');
  });
});

function namesOf(text: string): string {
  const found = collector.spans.filter((span: Span) => JSON.stringify(span).includes(text));
  return [...new Set(found.map(({ name }) => name))].join(', ') || 'a resource';
}
