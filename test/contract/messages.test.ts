import assert from 'node:assert/strict';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { contractSite, foreign, row } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 20 });
const { account } = site;
await syncTemplates(site.app, account.appid);

const message = (no: number) => ({
  ...{ appid: account.appid, channel: 'template', touser: account.openid(no) },
  template_id: templateOf(account, '消息通知'),
  data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
});

async function submitted(no: number): Promise<number> {
  const { body } = await site.call('POST /v1/messages', { body: message(no) });
  return (body as { id: number }).id;
}

row('POST /v1/messages', 'takes a message, and under its key only once', async () => {
  const headers = { 'idempotency-key': 'order-1' };
  const as = await site.key(['message.send'], [account.appid]);
  const first = await site.call('POST /v1/messages', { body: message(1), headers, as });
  assert.equal(first.status, 202, JSON.stringify(first.body));
  const again = await site.call('POST /v1/messages', { body: message(1), headers, as });
  assert.deepEqual(again.body, { ...(first.body as object), isRepeat: true });
});

row('GET /v1/messages/{id}', 'waits for the outcome', async () => {
  const id = await submitted(2);
  const { body } = await site.call('GET /v1/messages/{id}', { params: { id }, query: { wait: 10_000 } });
  assert.equal((body as { state: string }).state, 'accepted');
});

foreign('GET /v1/messages/{id}', async () => {
  const id = await submitted(3);
  const as = await site.key(['message.read'], ['wx00000000000000ff']);
  return await site.call('GET /v1/messages/{id}', { params: { id }, as });
});
