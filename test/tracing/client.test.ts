/** `hongyan/wechat` alone: whoever uses it has its spans. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { after, test } from 'node:test';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { z } from 'zod';
import { inSpan, startSpan } from '../../src/base/tracing.ts';
import { WechatClient } from '../../src/wechat/index.ts';
import { startTracing } from '../support/tracing/in-process.ts';
import { startWechat } from '../support/wechat.ts';

const tracing = startTracing();
const wechat = await startWechat({ kind: 'service', followers: 10 });
const account = wechat.account();
const { appid, secret } = account;

function makeClient(): WechatClient {
  tracing.reset();
  const client = new WechatClient({ appid, token: { kind: 'secret', secret }, baseUrl: wechat.url });
  after(() => client.close());
  return client;
}

const path = '/cgi-bin/message/template/send';
const message = (no: number): string => {
  const template = account.templates().find(({ title }) => title === '消息通知');
  const data = { keyword1: { value: '标题' }, keyword2: { value: '内容' }, keyword3: { value: '2026' } };
  return JSON.stringify({ touser: account.openid(no), template_id: template?.template_id, data });
};

function one(name: string): ReadableSpan {
  const [span, other] = tracing.named(name);
  assert.ok(span !== undefined && other === undefined, `${tracing.spans().map((any) => any.name)}`);
  return span;
}

test('a call is a span under the active one, and the fetch of its token is one under it', async () => {
  const client = makeClient();
  const outer = startSpan('outer', { kind: 'internal' });
  await inSpan(outer, () =>
    client.call({ method: 'GET', path: '/cgi-bin/user/get' }, z.object({ total: z.number() })),
  );
  outer?.end();
  const call = one('GET /cgi-bin/user/get');
  const fetched = one('POST /cgi-bin/stable_token');
  assert.equal(call.parentSpanContext?.spanId, outer?.spanContext().spanId);
  assert.equal(fetched.parentSpanContext?.spanId, call.spanContext().spanId);
  assert.equal(call.attributes['wechat.appid'], appid);
  assert.equal(call.attributes['http.request.method'], 'GET');
});

test('a message whose token was refused is one span that says so', async () => {
  const client = makeClient();
  await client.token.get();
  account.endTokens('superseded');
  const answer = await client.send(path, message(0));
  assert.equal(answer.kind, 'accepted');
  const sent = one(`POST ${path}`);
  assert.deepEqual(
    sent.events.map(({ name, attributes }) => [name, attributes?.['wechat.errcode']]),
    [['token refused', 40001]],
  );
  assert.equal(sent.attributes['wechat.errcode'], 0);
  assert.equal(sent.status.code, SpanStatusCode.UNSET);
});

test('a refusal and an unknown outcome are errors, and say which', async () => {
  const client = makeClient();
  account.unfollow(account.openid(1));
  assert.equal((await client.send(path, message(1))).kind, 'refused');
  const refused = one(`POST ${path}`);
  assert.equal(refused.attributes['wechat.errcode'], 43004);
  assert.equal(refused.attributes['error.type'], '43004');
  assert.match(String(refused.attributes['wechat.rid']), /^[\w-]+$/);
  tracing.reset();
  wechat.addFault({ kind: 'cut', next: 1, path });
  assert.equal((await client.send(path, message(2))).kind, 'no-answer');
  const unknown = one(`POST ${path}`);
  assert.equal(unknown.status.code, SpanStatusCode.ERROR);
  assert.equal(unknown.attributes['error.type'], 'reset');
  assert.equal(unknown.attributes['hongyan.left'], true);
  assert.equal(unknown.attributes['wechat.errcode'], undefined);
});

test('what others record of HTTP requests has nothing of a relayed one, whose address has the token', async () => {
  const client = makeClient();
  const foreign = trace.getTracer('an instrumentation of undici');
  let seen = 0;
  const record = (event: unknown): void => {
    seen++;
    const { request } = event as { request: { path: string } }; // as undici publishes it
    foreign.startSpan(`foreign ${request.path}`).end();
  };
  subscribe('undici:request:create', record);
  const answer = await client.relay.send({
    ...{ method: 'GET', path: '/cgi-bin/user/get', query: '', contentType: null, accept: null, body: null },
    signal: new AbortController().signal,
  });
  unsubscribe('undici:request:create', record);
  answer.body.resume();
  assert.equal(seen, 1);
  assert.deepEqual(
    tracing
      .spans()
      .map(({ name }) => name)
      .sort(),
    ['GET /cgi-bin/user/get', 'POST /cgi-bin/stable_token'],
  );
  const told = JSON.stringify(
    tracing.spans().map(({ name, attributes, events }) => [name, attributes, events]),
  );
  for (const hidden of [await client.token.get(), secret]) assert.ok(!told.includes(hidden));
});

test('without an SDK there are no spans, and everything else is as it was', async () => {
  const client = makeClient();
  tracing.end();
  assert.equal(startSpan('nobody', { kind: 'internal' }), null);
  let span: unknown;
  const answer = await new Promise((resolve) => {
    client.sendThen(path, message(3), undefined, (result, given) => {
      span = given;
      resolve(result);
    });
  });
  assert.equal((answer as { kind: string }).kind, 'accepted'); // a SendAnswer
  assert.equal(span, null);
  assert.deepEqual(tracing.spans(), []);
});
