import type { SimulatedAccount } from '../../../src/simulator/index.ts';
import type { Pool } from '../../../src/store/database/pool.ts';
import { templateOf } from '../wechat.ts';

export type TestChannel = 'oa-template' | 'mp-subscribe' | 'mp-form';

/** Stores a running campaign to the account's first `planned` people as its plan would have left it. */
export async function insertCampaign(
  pool: Pool,
  account: SimulatedAccount,
  channel: TestChannel,
  planned: number,
  options: { chunkSize?: number; probed?: boolean } = {},
): Promise<number> {
  const isFree = channel !== 'mp-subscribe';
  const templateId = templateOf(account, isFree ? '消息通知' : '订单发货通知');
  const data = isFree
    ? { keyword1: { value: '标题' }, keyword2: { value: '内容' }, keyword3: { value: '2026-11-22' } }
    : {
        character_string1: { value: 'SF-1' },
        thing2: { value: '毛笔' },
        time3: { value: '2026年1月1日 12:00' },
        name4: { value: '张三' },
      };
  const created = await pool.query<{ id: number }>(
    `insert into campaigns (appid, channel, state, fingerprint, template_id, audience, message, variables, dedupe, on_invalid,
       plan_bucket, audience_count, planned_count, probed, started_at)
     values ($1, $2, 'staging', 'test', $3, '{"kind":"list","count":0}', $4, '{}', 'openid', 'reject', 64, $5, $5, $6, clock_timestamp())
     returning id`,
    [
      account.appid,
      channel,
      templateId,
      JSON.stringify({ template_id: templateId, data }),
      planned,
      options.probed ?? true,
    ],
  );
  const id = created.rows[0]?.id ?? 0;
  await pool.query(
    'insert into recipients (campaign_id, no, openid) select $1, no, openid from unnest($2::text[]) with ordinality as t (openid, no)',
    [id, Array.from({ length: planned }, (_, i) => account.openid(i))],
  );
  await pool.query(
    `insert into chunks (campaign_id, first_no, last_no, watermark)
     select $1, first_no, least(first_no + $3 - 1, $2), first_no - 1 from generate_series(1, $2, $3) first_no`,
    [id, planned, options.chunkSize ?? planned],
  );
  await pool.query("update campaigns set state = 'running' where id = $1", [id]);
  return id;
}
