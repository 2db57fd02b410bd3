import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { httpServer } from '../support/wechat/raw-server.ts';
import { startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const token = 'a'.repeat(32);
const site = await makeSite();
site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
const wechat = await startWechat({ kind: 'service', followers: 20, holds: { share: 1, reviewMs: null } });
const account = wechat.account();
const appid = await site.add(wechat, account);
const template = templateOf(account, '消息通知');

test('a push ends while people are held; a node that runs later finds out what became of them, and webhooks are told', async () => {
  const told: string[] = [];
  const hook = await httpServer((_request, body, response) => {
    const { items }: { items: { topic: string; openid: string; reason: string }[] } = JSON.parse(body);
    for (const { topic, openid, reason } of items) told.push(`${topic} ${account.indexOf(openid)} ${reason}`);
    response.end();
  });
  after(() => hook[Symbol.asyncDispose]());
  await site.cli.ok(['webhooks', 'add', appid, hook.url, '--topics', 'outcome']);
  const openids = [0, 1, 2].map((i) => account.openid(i)).join(',');
  const push = ['push', '--account', appid, '--channel', 'template', '--template', template, ...tutorialData];
  // Exit code 0: nothing of it is left to send.
  const report = await site.cli.json([...[...push, '--to', openids, '--yes', '--wait', '--json']]);
  assert.deepEqual(
    [report.state, report.accepted, report.rejected, report.unknown, report.held, report.unsent],
    [...['done', 0, 0, 0, 3, 0]],
  );

  account.holds.block({ openids: [account.openid(0), account.openid(1)] });
  // The push may have looked at the end of its life, and then nobody does for two minutes.
  await site.store.pool.query('update accounts set holds_asked_at = null');
  const serve = site.cli.start(['serve'], {
    env: { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token },
  });
  const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
  await until('both are rejected', async () => {
    const shown = await site.cli.json(['campaigns', 'show', '1', '--json']);
    return shown.rejected === 2 && shown.held === 1;
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      ...{ appid, channel: 'template', touser: account.openid(5), template_id: template, wait: 10_000 },
      data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
    }),
  });
  const { message } = (await answer.json()) as { message: Record<string, unknown> };
  assert.deepEqual([message.state, message.errcode, message.nextAt], ['held', 40252, null]);
  assert.match(String(message.heldUntil), /^\d{4}-\d\d-\d\dT.*Z$/);
  await until('everything is told', async () => {
    const wanted = [0, 1].map((i) => `outcome.rejected ${i} intercepted`);
    return [...wanted, 'outcome.held 2 held', 'outcome.held 5 held'].every((one) => told.includes(one));
  });
  await serve.kill('SIGTERM');
  assert.equal(account.summary().accepted, 0);
});
