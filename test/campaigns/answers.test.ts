/** Campaigns while something else answers in WeChat's place. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import type { Logger } from '../../src/base/logger.ts';
import { setBaseUrl } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { startGateway } from '../support/wechat/gateway.ts';

const scene = await makeScene('oa-template', { followers: 10_500, record: 'counts' });
const { pool, account, path } = scene;
const gateway = await startGateway(scene.simulator.url);
after(() => gateway[Symbol.asyncDispose]());
await setBaseUrl(scene.site, account.appid, gateway.url);
await pool.query('update accounts set rate_per_s = 5000');

const blockPage = { code: 403, message: 'Request blocked', id: 'a1b2', url: '?access_token=T0KEN' };

test('a block page that is JSON accepts nobody, and pauses the campaign with its beginning', async () => {
  for (const [probed, body, shown] of [
    [true, blockPage, '{"code":403,"message":"Request blocked","id":"a1b2","url":"?access_token=…"}'],
    [false, '{"errcode":"not a number"}', '{"errcode":"not a number"}'],
    [true, '[]', '[]'],
  ] as const) {
    account.clearReceived();
    gateway.instead = (call) => (call.path === path ? body : undefined);
    const window = 8;
    const id = await scene.campaign(300, { chunkSize: 100, probed });
    const lines: string[] = [];
    const keep = (fields: object, message: string): void => {
      lines.push(`${message} ${inspect(fields)}`);
    };
    const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
    const node = await scene.node({ window, logger });
    await until('it is paused', async () => (await scene.find(id)).state === 'paused');
    await node.stop();
    const campaign = await scene.find(id);
    assert.deepEqual([campaign.stateReason, campaign.stateDetail], ['unparsable', shown]);
    const log = lines.join('\n');
    assert.ok(log.includes(`WeChat does not answer`) && log.includes(`The answer begins: ${shown}`), log);
    assert.doesNotMatch(log, /T0KEN/);
    const report = await scene.report(id);
    assert.deepEqual([report.accepted, report.rejected, report.unsent], [0, 0, 300 - report.unknown]);
    assert.deepEqual(report.unknownBy, { unparsable: report.unknown });
    assert.ok(report.unknown <= 20 + window, `${report.unknown} were spent on it`);
    for (const [lang, words] of [
      ['en', 'what answered was not WeChat'],
      ['zh', '应答不是微信返回的'],
    ] as const) {
      const said = await scene.site.cli.ok(['--lang', lang, 'campaigns', 'show', String(id)]);
      assert.ok(said.includes(words) && said.includes(shown), said);
    }

    // Whoever is in doubt is not sent to again, and the others get it.
    gateway.instead = () => undefined;
    const next = await scene.node();
    await scene.resume(id);
    const done = await scene.done(id);
    assert.deepEqual([done.accepted, done.unknown], [300 - report.unknown, report.unknown]);
    for (let no = 1; no <= 300; no++) assert.ok(scene.received(no) <= 1);
    await next.stop();
  }
});

test('a few answers of somebody else in between cost those few, and the campaign goes on', async () => {
  account.clearReceived();
  let sends = 0;
  gateway.instead = (call) => (call.path === path && ++sends % 10 < 3 ? blockPage : undefined);
  const id = await scene.campaign(200);
  const node = await scene.node({ window: 4 });
  const report = await scene.done(id);
  gateway.instead = () => undefined;
  assert.deepEqual([report.unknown, report.accepted], [60, 140]);
  await node.stop();
});

test('a large campaign stays with its first thousand until WeChat itself says that it intercepted none of them', async () => {
  account.clearReceived();
  const blockedPath = '/wxa/sec/queryblocktmplmsg';
  gateway.instead = (call) => (call.path === blockedPath ? blockPage : undefined);
  gateway.calls.length = 0;
  const id = await scene.campaign(10_500, { chunkSize: 1_000, probed: false });
  const node = await scene.node();
  await until(
    'it was asked twice',
    async () => gateway.calls.filter((one) => one === blockedPath).length > 1,
  );
  const { accepted, campaign } = await scene.report(id);
  assert.deepEqual([accepted, campaign.state, campaign.probed], [1_000, 'running', false]);
  gateway.instead = () => undefined;
  await until('it goes on', async () => (await scene.report(id)).accepted > 1_000);
  await node.stop();
});
