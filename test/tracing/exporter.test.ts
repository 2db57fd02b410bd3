/** Whoever takes the spans may be away: nothing waits for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMessage } from '../../src/store/messages/reports.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { messageTo } from '../support/messages.ts';
import { type Span, startCollector } from '../support/tracing/collector.ts';
import { httpServer } from '../support/wechat/raw-server.ts';
import { startWechat } from '../support/wechat.ts';

const token = 'a'.repeat(32);

test('a collector that goes away disturbs no message, and no end', async () => {
  const site = await makeSite();
  const collector = await startCollector();
  const wechat = await startWechat({ kind: 'service', followers: 10 });
  const account = wechat.account();
  await site.add(wechat, account);
  const serve = site.cli.start(['serve'], {
    env: { ...collector.env('serve'), HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token },
  });
  const [, url = ''] = await serve.printed(/Listening on (http:\S+)/);
  const send = async (no: number): Promise<void> => {
    const { openid, message, appid, channel } = messageTo({ account, channel: 'oa-template' }, no);
    assert.ok('body' in message);
    const answer = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({ ...message.body, appid, channel, touser: openid }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    assert.equal(answer.status, 202);
    const { id }: { id: string } = JSON.parse(await answer.text());
    await until(
      `message ${no} is accepted`,
      async () => (await findMessage(site.store.pool, Number(id)))?.state === 'accepted',
    );
  };
  await send(1);
  await collector.span('the first message', ({ name }) => name === 'create message');
  await collector.close();
  for (const no of [2, 3, 4]) await send(no);
  const { code, stderr } = await serve.kill('SIGTERM');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Stopped; nothing is lost/);
});

test('a collector that never answers holds no command', async () => {
  const site = await makeSite();
  let asked = 0;
  await using silent = await httpServer(() => {
    asked++;
  });
  const collector = await startCollector();
  const listed = site.cli.start(['accounts', 'list'], {
    env: {
      ...collector.env('cli'),
      OTEL_EXPORTER_OTLP_ENDPOINT: silent.url,
      // The SDK by itself gives up after 10 and 30 s; so it would hold the command until the test ends it.
      OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
      OTEL_BSP_EXPORT_TIMEOUT: '600000',
    },
  });
  const { code, stdout } = await listed.ended;
  assert.equal(code, 0, stdout);
  assert.equal(asked, 1);
});

test('a short command hands over its span before it ends', async () => {
  const site = await makeSite();
  const collector = await startCollector();
  // So late by itself that nobody would see it.
  const env = { ...collector.env('cli'), OTEL_BSP_SCHEDULE_DELAY: '3600000' };
  /** Its span. A command waits two seconds for the collector, and a busy machine may need more: then it is run once more. */
  const handedOver = async (code: number, args: string[]): Promise<Span | undefined> => {
    assert.equal((await site.cli.start(args, { env }).ended).code, code);
    return collector.spans.find(({ name }) => name === `hongyan ${args.slice(0, 2).join(' ')}`);
  };
  const listed = await until('a list is handed over', () => handedOver(0, ['accounts', 'list']));
  assert.deepEqual([listed.kind, listed.parent], ['internal', null]);
  const show = ['accounts', 'show', 'wx0000000000000000'];
  const failed = await until('a failure is handed over', () => handedOver(1, show));
  assert.deepEqual(
    [...new Set(collector.spans.map(({ name }) => name))],
    ['hongyan accounts list', 'hongyan accounts show'],
  );
  assert.deepEqual([failed.isError, failed.attributes['error.type']], [true, 'ACCOUNT_NOT_FOUND']);
});
