import type { Pool } from '../../src/store/database/pool.ts';

export const benchChunkSize = 1_000;

/** A running, probed campaign, as a plan leaves it, of an account that need not be there. Nothing could be sent with it. */
export async function insertBenchCampaign(pool: Pool, appid: string, recipients: number): Promise<number> {
  await pool.query(
    "insert into accounts (appid, kind, token_source) values ($1, 'service', 'none') on conflict do nothing",
    [appid],
  );
  const created = await pool.query<{ id: number }>(
    `insert into campaigns (appid, channel, state, fingerprint, audience, message, variables, dedupe, on_invalid,
       plan_bucket, audience_count, planned_count, probed, started_at)
     values ($2, 'oa-template', 'running', '', '{"kind":"all"}', '{}', '{}', 'openid', 'reject', 64, $1, $1, true, clock_timestamp())
     returning id`,
    [recipients, appid],
  );
  const id = created.rows[0]?.id ?? 0;
  await pool.query(
    `insert into recipients (campaign_id, no, openid) select $1, n, 'o' || substr(md5(n::text), 1, 27) from generate_series(1, $2::integer) n`,
    [id, recipients],
  );
  await pool.query(
    `insert into chunks (campaign_id, first_no, last_no, watermark)
     select $1, n, least(n + $3 - 1, $2), n - 1 from generate_series(1, $2::integer, $3) n`,
    [id, recipients, benchChunkSize],
  );
  return id;
}
