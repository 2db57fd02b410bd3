/** A small sample that the product itself writes: contacts, a campaign and single messages, from upload to receipts, over HTTP. */
import { randomUUID } from 'node:crypto';
import { createClient } from '../../src/client/index.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { storeReceipts } from '../../src/store/events/receipts.ts';
import { apiToken, type Site } from './site.ts';

export const sampleSize = { people: 2_000, campaigns: 1, messages: 600 };

/** @returns the account under which it lies */
export async function makeSample({ url, pool, sealer }: Site): Promise<string> {
  const wechat = await startSimulator({
    ...{ kind: 'service', followers: sampleSize.people, unfollowedShare: 0.02, record: 'counts' },
  });
  try {
    const account = wechat.account();
    const { appid } = account;
    await saveAccount(pool, sealer, {
      ...{ appid, kind: 'service', name: '', tokenSource: 'secret', secret: account.secret },
      ...{ baseUrl: wechat.url, proxy: null, ratePerS: 5_000 },
    });
    await pool.query(
      'update accounts set canary_blocked_percent = null, canary_held_percent = null where appid = $1',
      [appid],
    );
    const hongyan = createClient({ baseUrl: url, key: apiToken });
    const template = account.templates().find(({ content }) => content.includes('{{keyword3.DATA}}'));
    if (template === undefined) throw new Error('the simulator has no tutorial template');
    const isTrue = async (what: () => Promise<boolean>): Promise<void> => {
      while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 100));
    };
    await hongyan.call('POST /v1/accounts/{appid}/follower-syncs', { params: { appid }, body: {} });
    await isTrue(async () => {
      const { rows } = await pool.query('select 1 from follower_syncs where appid = $1 and state = $2', [
        appid,
        'done',
      ]);
      return rows.length > 0;
    });
    const lines = Array.from(
      { length: sampleSize.people },
      (_, i) => `${account.openid(i)},DD${10_000_000 + i},C${10_000_000 + i}\n`,
    );
    const upload = await hongyan.call('POST /v1/audiences', {
      query: { appid, name: 'orders.csv' },
      body: new Blob([`openid,order,ref\n${lines.join('')}`], { type: 'text/csv' }),
    });
    const { campaign } = await hongyan.call('POST /v1/campaigns', {
      body: {
        ...{ appid, channel: 'template', audience: { kind: 'upload', id: upload.id } },
        message: {
          template_id: template.template_id,
          data: { keyword1: '发货通知', keyword2: '您的订单 {{order}} 已发货', keyword3: '今天' },
        },
      },
    });
    const params = { id: campaign.id };
    const isNow = async (state: string): Promise<boolean> =>
      (await hongyan.call('GET /v1/campaigns/{id}', { params })).state === state;
    await isTrue(() => isNow('planned'));
    const { planHash, campaign: plan } = await hongyan.call('GET /v1/campaigns/{id}/plan', { params });
    await hongyan.call('POST /v1/campaigns/{id}/confirm', {
      params,
      body: { planned: plan.counts.planned, planHash },
    });
    for (let i = 0; i < sampleSize.messages; i += 200)
      await hongyan.call('POST /v1/messages/batch', {
        body: {
          ...{ appid, mode: 'all' },
          messages: Array.from({ length: 200 }, (_, n) => ({
            ...{ channel: 'template', touser: account.openid((i + n) % sampleSize.people) },
            ...{ template_id: template.template_id, url: `https://example.com/orders/${i + n}` },
            data: {
              keyword1: { value: '发货通知' },
              keyword2: { value: `您的订单 DD${i + n} 已发货` },
              keyword3: { value: '2026-11-22 08:00' },
            },
            ...{ ref: `M${i + n}`, key: `shipped-${i + n}` },
          })),
        },
        key: randomUUID(),
      });
    await isTrue(() => isNow('done'));
    await isTrue(
      async () =>
        (await pool.query('select 1 from open_messages where appid = $1 limit 1', [appid])).rows.length === 0,
    );
    const { rows: sent } = await pool.query<{ msgid: string; openid: string; n: number }>(
      `select f.msgid::text as msgid, r.openid, r.no as n from facts f join recipients r using (campaign_id, no) join campaigns c on c.id = campaign_id
       where c.appid = $1 and f.kind = 5
       union all select f.msgid::text, m.openid, m.id from message_facts f join messages m on m.id = f.message_id where m.appid = $1 and f.kind = 5`,
      [appid],
    );
    const createdAt = Math.floor(Date.now() / 1000);
    await inTransaction(pool, (client) =>
      storeReceipts(
        client,
        sent.map(({ msgid, openid, n }) => ({
          ...{ appid, createdAt, msgid, openid, templateId: null },
          ...(n % 100 === 1
            ? { status: 'blocked' as const, detail: 'failed:user block' }
            : { status: 'delivered' as const, detail: null }),
        })),
      ),
    );
    return appid;
  } finally {
    await wechat.close();
  }
}
