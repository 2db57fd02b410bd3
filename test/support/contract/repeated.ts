/** What each row that a key repeats is asked for in tests, and what it makes. */
import assert from 'node:assert/strict';
import type { Routes } from '../../../src/contract/routes.ts';
import { syncTemplates } from '../../../src/engine/content/templates.ts';
import { until } from '../cli.ts';
import { contractSite } from '../contract.ts';
import { templateOf } from '../wechat.ts';

export const site = await contractSite({
  accounts: [{ kind: 'service', followers: 20 }, { kind: 'service' }],
});
export const { account } = site;
const [, second] = site.wechat.accounts;
assert.ok(second);
export const { appid } = account;
await syncTemplates(site.app, appid);

/** A row of the table. */
export type Key = keyof Routes;

/** A request that makes something, and one that asks for something else under the same key. */
export interface Sample {
  params?: Record<string, string | number>;
  body?: object;
  other?: object;
  /** Where the other one is another by its path. */
  otherParams?: Record<string, string | number>;
  /** How the other one is refused; default 409. A batch says it of each message. */
  refusal?: number;
  /** What is made, and would be made twice. */
  made:
    | 'messages'
    | 'campaigns'
    | 'drafts'
    | 'filters'
    | 'credit_entries'
    | 'schedules'
    | 'draft revisions'
    | 'filter revisions'
    | 'accounts'
    | 'api_keys'
    | 'users'
    | 'webhooks'
    | 'alert_channels'
    /** Times that the action was carried out. */
    | { done: string }
    | (() => number);
}

export const template_id = templateOf(account, '消息通知');
const data = { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' };
export const message = (no: number) => ({
  ...{ appid, channel: 'template', touser: account.openid(no), template_id, data },
});
export const one = (no: number): object => {
  const { appid: _, ...rest } = message(no);
  return rest;
};
const wire = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, { value }]));
export const campaign = (from: number, more: object = {}) => ({
  ...{ appid, channel: 'template', message: { template_id, data: wire }, again: true },
  audience: { kind: 'list', openids: [account.openid(from), account.openid(from + 1)] },
  ...more,
});

export const schedule = (weekday: number) => ({
  ...{ appid, channel: 'template', cron: `0 9 * * ${weekday}`, audience: { kind: 'all' } },
  message: { template_id, data: wire },
});

async function made<T>(key: Key, params: Sample['params'], body: object): Promise<T> {
  const answer = await site.call(key, { ...(params === undefined ? {} : { params }), body });
  assert.ok(answer.status < 300, JSON.stringify(answer.body));
  return answer.body as T;
}

export async function ended(from: number): Promise<number> {
  const { campaign: one } = await made<{ campaign: { id: number } }>(
    'POST /v1/campaigns',
    undefined,
    campaign(from),
  );
  const params = { id: one.id };
  const state = async () =>
    ((await site.call('GET /v1/campaigns/{id}', { params })).body as { state: string }).state;
  await until('it is planned', async () => (await state()) === 'planned');
  const plan = (await site.call('GET /v1/campaigns/{id}/plan', { params })).body as { planHash: string };
  // Or one of them takes the refusals in the place of these two.
  await until('no other message is on its way', async () => {
    const { rows } = await site.store.pool.query('select 1 from open_messages');
    return rows.length === 0;
  });
  site.wechat.addFault({ kind: 43004, at: [1, 2], path: '/cgi-bin/message/template/send' });
  await made('POST /v1/campaigns/{id}/confirm', params, { planned: 2, planHash: plan.planHash });
  await until('it is over', async () => (await state()) === 'done');
  return one.id;
}

const draft = (name: string, request: object = {}) =>
  made<{ id: number; revision: number }>('POST /v1/drafts', undefined, {
    appid,
    name,
    request: { ...campaignDraft(), ...request },
  });
function campaignDraft(): object {
  const { appid: _, again: __, ...request } = campaign(10);
  return request;
}

let people = 0;
const newUser = () => ({ name: `person ${++people}`, role: 'viewer' });
export const webhook = (path: string) => ({ appid, url: `http://127.0.0.1:9/${path}`, topics: ['follow'] });
const newUserId = async () =>
  (await made<{ user: { id: number } }>('POST /v1/users', undefined, newUser())).user.id;
const testMessage = (no: number) => ({
  ...{ appid, channel: 'template', message: { template_id, data: wire }, touser: account.openid(no) },
});
const newAccount = (name: string) => ({
  ...{ appid: second.appid, kind: 'service', name, baseUrl: site.wechat.url },
  token: { source: 'secret', secret: second.secret },
});

export const samples: Partial<Record<Key, () => Promise<Sample>>> = {
  'POST /v1/messages': async () => ({ body: message(1), other: message(2), made: 'messages' }),
  'POST /v1/messages/batch': async () => ({
    body: { appid, mode: 'all', messages: [one(3), one(4)] },
    other: { appid, mode: 'all', messages: [one(3), one(5)] },
    refusal: 400,
    made: 'messages',
  }),
  'POST /v1/campaigns': async () => ({ body: campaign(6), other: campaign(7), made: 'campaigns' }),
  'POST /v1/campaigns/{id}/resend': async () => ({
    params: { id: await ended(8) },
    body: { what: ['failed'] },
    other: { what: ['failed', 'unsent'] },
    made: 'campaigns',
  }),
  'POST /v1/drafts': async () => ({
    body: { appid, name: 'a' },
    other: { appid, name: 'b' },
    made: 'drafts',
  }),
  'PATCH /v1/drafts/{id}': async () => {
    const { id, revision } = await draft('to change');
    return {
      params: { id },
      body: { revision, name: 'c' },
      other: { revision, name: 'd' },
      made: 'draft revisions',
    };
  },
  'POST /v1/drafts/{id}/schedule': async () => {
    const { id, revision } = await draft('every week', { audience: { kind: 'all' } });
    return {
      params: { id },
      body: { revision, cron: '0 9 * * 1' },
      other: { revision, cron: '0 9 * * 2' },
      made: 'schedules',
    };
  },
  'PATCH /v1/accounts/{appid}/filters/{id}': async () => {
    const rules = { tags: [101] };
    const { id, revision } = await made<{ id: number; revision: number }>(
      'POST /v1/accounts/{appid}/filters',
      { appid },
      { name: 'to change', rules },
    );
    return {
      params: { appid, id },
      body: { revision, name: 'changed' },
      other: { revision, name: 'otherwise' },
      made: 'filter revisions',
    };
  },
  'POST /v1/schedules': async () => ({ body: schedule(1), other: schedule(2), made: 'schedules' }),
  'POST /v1/campaigns/test': async () => ({
    body: testMessage(18),
    other: testMessage(19),
    made: () => account.receivedCount(account.openid(18)),
  }),
  'POST /v1/accounts': async () => ({
    body: newAccount('one'),
    other: newAccount('another'),
    made: 'accounts',
  }),
  'POST /v1/accounts/{appid}/quota/clear': async () => ({
    params: { appid },
    otherParams: { appid: second.appid },
    made: { done: 'accounts.clearQuota' },
  }),
  'PATCH /v1/accounts/{appid}/callback': async () => ({
    params: { appid },
    body: { rotateKey: true },
    other: { rotateKey: true, rotateToken: true },
    made: { done: 'callback.change' },
  }),
  'POST /v1/keys': async () => ({
    body: { name: 'one', permissions: ['node.read'] },
    other: { name: 'another', permissions: ['node.read'] },
    made: 'api_keys',
  }),
  'POST /v1/users': async () => ({ body: newUser(), other: newUser(), made: 'users' }),
  'POST /v1/users/{id}/link': async () => ({
    params: { id: await newUserId() },
    otherParams: { id: await newUserId() },
    made: { done: 'users.link' },
  }),
  'POST /v1/webhooks': async () => ({ body: webhook('one'), other: webhook('another'), made: 'webhooks' }),
  'POST /v1/webhooks/{id}/rotate': async () => ({
    params: { id: (await made<{ id: number }>('POST /v1/webhooks', undefined, webhook('to rotate'))).id },
    body: {},
    other: { oldForHours: 1 },
    made: { done: 'webhooks.rotate' },
  }),
  'POST /v1/alerts': async () => ({
    body: { kind: 'webhook', url: 'http://127.0.0.1:9/one' },
    other: { kind: 'webhook', url: 'http://127.0.0.1:9/another' },
    made: 'alert_channels',
  }),
  'POST /v1/accounts/{appid}/filters': async () => ({
    params: { appid },
    body: { name: 'one', rules: { tags: [101] } },
    other: { name: 'another', rules: { tags: [101] } },
    made: 'filters',
  }),
};
