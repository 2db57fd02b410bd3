/** One trace from the caller's request to the receipt, across the processes that carry it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { messageTo } from '../support/messages.ts';
import { Gate, startPushing, startServing } from '../support/receipts/receipt-scene.ts';
import { type Collector, type Span, startCollector } from '../support/tracing/collector.ts';

const token = 'a'.repeat(32);

/** Two nodes that export to a collector; events come to the second one. */
async function startScene(options: Omit<Parameters<typeof startPushing>[3], 'people'>) {
  const site = await makeSite();
  const collector = await startCollector();
  const gate = await new Gate().listen();
  after(() => gate.close());
  const { pool } = site.store;
  const { simulator, account } = await startPushing(pool, site.cli.env.HONGYAN_SECRET_KEY ?? '', gate, {
    people: 1_000,
    ...options,
  });
  const [a, b] = await Promise.all(
    ['a', 'b'].map((name) =>
      startServing({ ...site.cli.env, HONGYAN_API_TOKEN: token, ...collector.env(name) }),
    ),
  );
  assert.ok(a !== undefined && b !== undefined);
  gate.ports = [b.port];
  let count = 0;
  return {
    ...{ site, collector, simulator, account },
    /** Sends to the next person through the first node, in a trace of the caller's. */
    async post(): Promise<{ traceId: string; parent: string }> {
      count++;
      const [traceId, parent] = [count.toString(16).padStart(32, 'a'), count.toString(16).padStart(16, 'b')];
      const { openid, message, appid, channel } = messageTo({ account, channel: 'oa-template' }, count);
      assert.ok('body' in message);
      const answer = await fetch(`http://127.0.0.1:${a.port}/v1/messages`, {
        method: 'POST',
        body: JSON.stringify({ ...message.body, appid, channel, touser: openid }),
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          traceparent: `00-${traceId}-${parent}-01`,
          tracestate: 'vendor=kept',
        },
      });
      assert.equal(answer.status, 202, await answer.text());
      return { traceId, parent };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([a.kill(), b.kill()]);
    },
  };
}

function named(collector: Collector, traceId: string, name: string): Promise<Span> {
  return collector.span(`${name} in ${traceId}`, (one) => one.traceId === traceId && one.name === name);
}

const request = 'POST /cgi-bin/message/template/send';

test('a message that one node takes and another one sends is one trace, from the request to the receipt', async () => {
  // So few a second that the first node leaves some of them to the second one.
  await using scene = await startScene({ ratePerS: 20, events: { delayMs: 400, jitterMs: 0 } });
  const { collector, account, site } = scene;
  const caller = await until('the second node has sent one', async () => {
    const posted = await Promise.all(Array.from({ length: 20 }, () => scene.post()));
    for (const one of posted) {
      const isOther = (await named(collector, one.traceId, request)).process === 'b';
      // A receipt that was faster than the storing of its answer is matched later, without the request that brought it.
      if (isOther && (await named(collector, one.traceId, 'process receipt')).links.length > 0) return one;
    }
    return undefined;
  });
  const { traceId, parent } = caller;
  const served = await named(collector, traceId, 'POST /v1/messages');
  const created = await named(collector, traceId, 'create message');
  const sent = await named(collector, traceId, request);
  const receipt = await named(collector, traceId, 'process receipt');
  assert.deepEqual(
    [served, created, sent, receipt].map((span) => [span.kind, span.process, span.parent]),
    [
      ['server', 'a', parent],
      ['producer', 'a', served.id],
      ['client', 'b', created.id],
      ['consumer', 'b', created.id],
    ],
  );
  assert.equal(served.attributes['http.route'], '/v1/messages');
  assert.equal(served.attributes['http.response.status_code'], 202);
  const id = created.attributes['hongyan.message.id'];
  const { rows } = await site.store.pool.query(
    'select f.msgid::text, m.trace from message_facts f join messages m on m.id = f.message_id where f.message_id = $1',
    [id],
  );
  assert.deepEqual(rows[0].trace, `00-${traceId}-${created.id}-01 vendor=kept`);
  const { 'server.port': _, ...said } = sent.attributes;
  assert.deepEqual(said, {
    'http.request.method': 'POST',
    'server.address': '127.0.0.1',
    'url.path': '/cgi-bin/message/template/send',
    'http.response.status_code': 200,
    'wechat.appid': account.appid,
    'wechat.errcode': 0,
    'wechat.msgid': rows[0].msgid,
    'hongyan.message.id': id,
    'hongyan.attempt': 1,
    'hongyan.outcome': 'accepted',
  });
  assert.equal(receipt.attributes['hongyan.receipt.status'], 'delivered');
  assert.equal(receipt.attributes['hongyan.message.id'], id);
  // WeChat's request is a trace of its own, to which the receipt points.
  const [link] = receipt.links;
  const callback = await collector.span('the callback', (one) => one.id === link?.id);
  assert.deepEqual(
    [callback.name, callback.kind, callback.parent, callback.process],
    ['POST /callback/{appid}', 'server', null, 'b'],
  );
  assert.notEqual(callback.traceId, traceId);
});

test('a receipt that comes before its answer belongs to the trace too', async () => {
  await using scene = await startScene({ ratePerS: 100, events: { jitterMs: 0, earlyShare: 1 } });
  const { traceId } = await scene.post();
  const created = await named(scene.collector, traceId, 'create message');
  const receipt = await named(scene.collector, traceId, 'process receipt');
  assert.deepEqual([receipt.kind, receipt.parent], ['consumer', created.id]);
});

test('what was tried again and what nobody knows the end of say so', async () => {
  await using scene = await startScene({ ratePerS: 100, events: {} });
  const { collector, simulator } = scene;
  simulator.addFault({ kind: -1, next: 1, path: '/cgi-bin/message/template/send' });
  const again = await scene.post();
  const first = await collector.span(
    'the first attempt',
    (one) => one.traceId === again.traceId && one.name === request && one.attributes['hongyan.attempt'] === 1,
  );
  assert.deepEqual(
    [first.isError, first.attributes['error.type'], first.attributes['wechat.errcode']],
    [true, '-1', -1],
  );
  assert.deepEqual(
    first.events.map(({ name }) => name),
    ['retry'],
  );
  const second = await collector.span(
    'the second attempt',
    (one) => one.traceId === again.traceId && one.name === request && one.attributes['hongyan.attempt'] === 2,
  );
  assert.deepEqual([second.parent, second.isError], [first.parent, false]);
  simulator.addFault({ kind: 'cut', next: 1, path: '/cgi-bin/message/template/send' });
  const lost = await scene.post();
  const unknown = await named(collector, lost.traceId, request);
  assert.deepEqual(
    [unknown.isError, unknown.attributes['error.type'], unknown.attributes['hongyan.outcome']],
    [true, 'reset', 'unknown'],
  );
});
