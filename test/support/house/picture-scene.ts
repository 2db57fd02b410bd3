/** An installation in which something has happened, so that every page of the console has something to show. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { until } from '../cli.ts';
import { campaignIs, confirmCampaign, planCampaign } from '../contract/campaigns.ts';
import { type ContractSite, contractSite } from '../contract.ts';

export interface PictureScene {
  site: ContractSite;
  template: string;
  /** Campaigns by what they are. */
  done: number;
  running: number;
  waiting: number;
  /** Written, with a file, and not planned. */
  draft: number;
  webhook: number;
  /** Somebody of whom everything is known. */
  person: string;
}

const followers = 5_000;
const tags = [
  { name: '会员', share: 0.3 },
  { name: '近 30 天下单', share: 0.1 },
];

export async function pictureScene(): Promise<PictureScene> {
  const site = await contractSite({ kind: 'service', followers, record: 'full', latencyMs: 40, tags });
  const { account } = site;
  const { appid } = account;
  await site.call('PATCH /v1/accounts/{appid}', {
    params: { appid },
    body: { name: '示例服务号', ratePerS: 400, quietHours: null },
  });
  await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
  await receipts(site);
  const webhook = await hook(site);
  for (const left of [3, 8, 21, 30]) account.unfollow(account.openid(left));
  for (const blocks of [5, 12, 40]) account.user(account.openid(blocks)).blockMessages();
  const template = account.templates()[0]?.template_id ?? '';
  const make = (from: number, to: number): Promise<number> => planned(site, template, from, to);
  const done = await make(0, 2_400);
  site.wechat.addFault({ kind: 'cut', rate: 0.001, path: '/cgi-bin/message/template/send' });
  await confirmCampaign(site, done);
  await campaignIs(site, done, 'done');
  site.wechat.clearFaults();
  for (const [n, text] of ['什么时候发货？', '退订', '谢谢'].entries())
    account.user(account.openid(100 + n)).sendText(text);
  account.follow(account.openid(3));
  await people(site);
  const person = account.openid(12);
  await known(site, person);
  await filters(site, done);
  await schedules(site, template);
  const waiting = await make(0, 1_240);
  const draft = await written(site, template);
  const running = await make(0, followers - 1);
  await site.call('PATCH /v1/accounts/{appid}', { params: { appid }, body: { ratePerS: 60 } });
  await confirmCampaign(site, running);
  await until('it runs', async () => (await answered(site, running)) > 300);
  return { site, template, done, running, waiting, draft, webhook, person };
}

/** A campaign that somebody is still writing, with a name and points of each person. */
async function written(site: ContractSite, templateId: string): Promise<number> {
  const { appid } = site.account;
  const rows = ['小雁', '大雁', '', '秋鸿'].map(
    (name, n) => `${site.account.openid(60 + n)},${name},${120 - n * 30}`,
  );
  const upload = await site.call('POST /v1/audiences', {
    query: { appid, name: '积分到期.csv' },
    headers: { 'content-type': 'text/csv' },
    body: `openid,姓名,积分\n${[...rows, rows[0], 'o-nobody,无名,1'].join('\n')}\n`,
  });
  const { id: uploadId } = upload.body as { id: number }; // as its row says
  const values = {
    keyword1: '积分到期提醒',
    keyword2: '{{姓名|会员}}，您有 {{积分}} 积分将于月底到期',
    keyword3: '2026年3月31日',
  };
  // As the console keeps it.
  const client = { templateId, values, audience: 'upload', uploadId, opens: 'https://example.com/points' };
  const { status, body } = await site.call('POST /v1/drafts', { body: { appid, name: '消息通知', client } });
  assert.equal(status, 201, JSON.stringify(body));
  return (body as { id: number }).id;
}

/** The account's events come, so that receipts do. */
async function receipts(site: ContractSite): Promise<void> {
  const { appid } = site.account;
  await site.call('PATCH /v1/accounts/{appid}/callback', {
    params: { appid },
    body: { publicUrl: site.url, mode: 'plain' },
  });
  const paste = await site.call('GET /v1/accounts/{appid}/callback/paste', { params: { appid } });
  const { lines } = paste.body as { lines: { label: string; value: string }[] }; // as its row says
  const token = lines.find(({ label }) => /token/i.test(label))?.value ?? '';
  // The server reads what was changed within a second, as a person who pastes it never notices.
  await until('the server has read the settings', () =>
    site.account.events.setCallback({ url: `${site.url}/callback/${appid}`, token, mode: 'plain' }).then(
      () => true,
      () => false,
    ),
  );
}

/** A receiver that is there for most of what it is sent. */
async function hook(site: ContractSite): Promise<number> {
  let asked = 0;
  const receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(++asked % 4 === 0 ? 500 : 204).end();
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  after(() => void receiver.close());
  const { port } = receiver.address() as AddressInfo; // it listens on TCP
  const { body, status } = await site.call('POST /v1/webhooks', {
    body: {
      appid: site.account.appid,
      url: `http://127.0.0.1:${port}/wechat/outcomes`,
      topics: ['campaign', 'follow', 'message'],
    },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return (body as { id: number }).id; // as its row says
}

/** The followers with their tags, and what one of them subscribed to. */
async function known(site: ContractSite, openid: string): Promise<void> {
  const { appid } = site.account;
  await site.call('POST /v1/accounts/{appid}/follower-syncs', { params: { appid }, body: { details: true } });
  const results = { [site.account.templates()[1]?.template_id ?? '']: 'accept' };
  for (const key of ['tap-1', 'tap-2'])
    await site.call('POST /v1/contacts/{openid}/credits', {
      params: { openid },
      body: { appid, results, key },
    });
  const last = async (): Promise<unknown> => {
    const { body } = await site.call('GET /v1/contacts/{openid}', { params: { openid }, query: { appid } });
    return (body as { detailedAt?: unknown }).detailedAt; // as its row says
  };
  await until('the person is known', async () => typeof (await last()) === 'string');
}

async function people(site: ContractSite): Promise<void> {
  const { appid } = site.account;
  for (const [name, role, accounts] of [
    ['zhouyan', 'viewer', null],
    ['linmu', 'editor', [appid]],
    ['chenjing', 'sender', [appid]],
    ['hexia', 'approver', null],
  ] as const)
    await site.call('POST /v1/users', { body: { name, role, accounts } });
  for (const [name, permissions] of [
    ['订单系统', ['message.send', 'message.read']],
    ['数据看板', ['campaign.read', 'message.read']],
  ] as const)
    await site.call('POST /v1/keys', { body: { name, permissions, accounts: [appid] } });
}

async function schedules(site: ContractSite, template: string): Promise<void> {
  for (const cron of ['0 9 * * 1', '30 18 1 * *']) {
    const { status, body } = await site.call('POST /v1/schedules', {
      body: { ...pushOf(site, template), cron, audience: { kind: 'all' } },
    });
    assert.equal(status, 201, JSON.stringify(body));
  }
}

async function filters(site: ContractSite, done: number): Promise<void> {
  const { appid } = site.account;
  const { body } = await site.call('GET /v1/accounts/{appid}/tags', { params: { appid } });
  const { data } = body as { data: { id: number; name: string }[] }; // as its row says
  const member = data.find(({ name }) => name === '会员')?.id;
  for (const [name, rules] of [
    ['会员，未收到三月通知', { tags: [member], campaigns: [{ id: done, got: false }] }],
    ['近 30 天新关注', { subscribedWithinDays: 30 }],
  ] as const)
    assert.equal(
      (await site.call('POST /v1/accounts/{appid}/filters', { params: { appid }, body: { name, rules } }))
        .status,
      201,
    );
}

function pushOf(site: ContractSite, template: string) {
  return {
    ...{ appid: site.account.appid, channel: 'oa-template' },
    message: {
      template_id: template,
      data: { keyword1: '三月会员日', keyword2: '您的会员权益已更新', keyword3: '2026年3月8日 09:12' },
      url: 'https://example.com/members',
    },
  };
}

async function planned(site: ContractSite, template: string, from: number, to: number): Promise<number> {
  const openids = Array.from({ length: to - from }, (_, n) => site.account.openid(from + n));
  const upload = await site.call('POST /v1/audiences', {
    query: { appid: site.account.appid, name: '三月会员.csv' },
    headers: { 'content-type': 'text/csv' },
    body: `openid,ref,姓名\n${openids.map((openid, n) => `${openid},M-${20_000 + n},会员${n + 1}`).join('\n')}\n`,
  });
  assert.ok(upload.status < 300, JSON.stringify(upload.body));
  return await planCampaign(site, {
    ...{ ...pushOf(site, template), again: true },
    audience: { kind: 'upload', id: (upload.body as { id: number }).id }, // as its row says
  });
}

async function answered(site: ContractSite, id: number): Promise<number> {
  const { body } = await site.call('GET /v1/campaigns/{id}', { params: { id } });
  return (body as { accepted: number }).accepted; // as its row says
}
