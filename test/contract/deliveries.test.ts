import assert from 'node:assert/strict';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { contractSite, row } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 20 });
const { account } = site;
const { appid } = account;
await syncTemplates(site.app, appid);

row('GET /v1/deliveries', 'finds a message by the caller’s own number', async () => {
  const message = {
    ...{ appid, channel: 'template', touser: account.openid(1), ref: '订单 7' },
    template_id: templateOf(account, '消息通知'),
    data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
  };
  const sent = await site.sent(message);
  const as = await site.key(['message.read'], [appid]);
  const { body } = await site.call('GET /v1/deliveries', { query: { ref: '订单 7' }, as });
  const { data } = body as { data: { messageId: number; state: string; ref: string; touser: string }[] };
  assert.deepEqual(
    data.map(({ messageId, state, ref, touser }) => [messageId, state, ref, touser]),
    [[sent.id, 'accepted', '订单 7', message.touser]],
  );
  const nothing = await site.call('GET /v1/deliveries', { query: { appid } });
  assert.deepEqual([nothing.status, (nothing.body as { code: string }).code], [400, 'SEARCH_INVALID']);
});
