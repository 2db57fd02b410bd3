/** Values of `data` in shapes that WeChat would show empty to everybody, at every door through which a message comes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { listCampaigns } from '../../src/store/campaigns/campaigns.ts';
import { listSchedules } from '../../src/store/campaigns/schedules.ts';
import type { OaTemplateMessage } from '../../src/wechat/calls/messages.ts';
import { WechatClient } from '../../src/wechat/client.ts';
import { makeSite } from '../support/campaign.ts';
import { bodiesOf, callsOf, startWechat, templateOf } from '../support/wechat.ts';

const site = await makeSite();
const { cli } = site;
const wechat = await startWechat({ kind: 'service', followers: 30, record: 'full' });
const account = wechat.account();
const appid = await site.add(wechat, account);
const openid = account.openid(0);
const template = templateOf(account, '消息通知');
const sendPath = '/cgi-bin/message/template/send';
const good = { keyword1: 'plain text', keyword2: { value: '内容' }, keyword3: { value: '2026-11-22' } };

const wrong: unknown[] = [
  { keyword1: 'plain text', keyword2: { data: 'wrong key' }, keyword3: { value: null } },
  { ...good, keyword2: { data: 'wrong key' } },
  { ...good, keyword3: { value: null } },
  { ...good, keyword3: null },
  { ...good, keyword3: ['2026-11-22'] },
  { ...good, keyword3: 20261122 },
  [good],
  JSON.stringify(good),
];

const args = ['--account', appid, '--channel', 'template'];

test('are refused before anybody is sent to: push, its test message, its schedule, and send', async () => {
  await cli.ok(['followers', 'sync', appid]);
  for (const [i, data] of wrong.entries()) {
    const file = await site.file(`wrong-${i}.json`, JSON.stringify({ template_id: template, data }));
    const message = ['--message', `@${file}`];
    // The doors are the same for each shape; the first goes through all of them.
    const doors =
      i > 0
        ? [['push', ...args, ...message, '--to', 'all', '--yes']]
        : [
            ['push', ...args, ...message, '--to', 'all', '--yes'],
            ['push', ...args, ...message, '--to', 'all', '--dry-run'],
            ['push', ...args, ...message, '--to', openid, '--test-to', openid],
            ['push', ...args, ...message, '--to', 'all', '--cron', '0 9 * * 1'],
            ['send', ...args, ...message, '--to', openid],
          ];
    for (const door of doors) assert.match(await cli.fails(1, door), /data.*\[MESSAGE_INVALID\]/s);
  }
  assert.equal(callsOf(account, sendPath), 0);
  assert.deepEqual(await listCampaigns(site.store.pool, appid, 10), []);
  assert.deepEqual(await listSchedules(site.store.pool), []);
});

test('are refused over HTTP, with 400', async () => {
  const token = 'a'.repeat(32);
  const serve = cli.start(['serve'], { env: { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token } });
  const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
  for (const data of wrong) {
    const answer = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({ appid, channel: 'template', touser: openid, template_id: template, data }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    const { code }: { code?: string } = JSON.parse(await answer.text());
    assert.deepEqual([answer.status, code], [400, 'MESSAGE_INVALID']);
  }
  await serve.kill('SIGTERM');
  assert.equal(callsOf(account, sendPath), 0);
});

test('are refused by the client’s typed functions, before the call', async () => {
  const client = new WechatClient({
    appid,
    token: { kind: 'secret', secret: account.secret },
    baseUrl: wechat.url,
  });
  after(() => client.close());
  const body: OaTemplateMessage = { touser: openid, template_id: template, data: good };
  for (const data of wrong) {
    // What a program without types would hand over.
    const message = { ...body, ...JSON.parse(JSON.stringify({ data })) };
    await assert.rejects(client.messages.oaTemplate(message), { code: 'MESSAGE_INVALID' });
    await assert.rejects(client.messages.mpSubscribe(message), { code: 'MESSAGE_INVALID' });
  }
  assert.equal(callsOf(account, sendPath), 0);
  await client.messages.oaTemplate(body);
  assert.deepEqual(bodiesOf(account, openid).at(-1)?.data, { ...good, keyword1: { value: 'plain text' } });
});

test('a text is sent as its short form says', async () => {
  account.clearReceived();
  const file = await site.file('good.json', JSON.stringify({ template_id: template, data: good }));
  await cli.ok(['push', ...args, '--message', `@${file}`, '--to', openid, '--yes', '--wait']);
  assert.deepEqual(bodiesOf(account, openid).at(-1)?.data, { ...good, keyword1: { value: 'plain text' } });
});
