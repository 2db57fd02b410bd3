import { inTransaction, type Pool } from '../database/pool.ts';
import { factKind } from '../facts.ts';
import { appendDoubts } from './chunks.ts';
import { recountLocked } from './flush.ts';

/** Leases that end later are not over; see `claimChunk`. */
const leasesEnd = 'least((select steady_now()), $3::timestamptz)';

/**
 * Chunks that nobody takes over, which their owners did not hand back: whoever they had started may have it. Those of a running
 * campaign are taken over at once, unless its account is paused or its API parked, or it is night.
 */
const left = `from chunks ch join campaigns c on c.id = ch.campaign_id
  where ch.state = 'open' and ch.owner is not null and c.pruned_at is null
    and (c.state in ('paused', 'cancelled', 'done', 'failed') and (ch.lease_until is null or ch.lease_until < ${leasesEnd})
      or c.state = 'running' and ch.lease_until < ${leasesEnd} - interval '15 s')`;

/**
 * Writes down the doubts about chunks that nobody takes over: whoever may have the message would be called unsent in report
 * and export, and a resend to those would reach them twice; a receipt of theirs would be taken for that of an earlier message
 * to them; and what WeChat holds of them would stay held, since an owner might still count over it. Repeating it is harmless.
 *
 * @param campaignId null: of all campaigns, some chunks of each call
 * @param leasesEndBy as of `claimChunk`
 */
export async function settleLeftDoubts(
  pool: Pool,
  campaignId: number | null,
  leasesEndBy: Date | null = null,
): Promise<void> {
  const by = leasesEndBy ?? 'infinity';
  // Asked often, and nearly always for nothing.
  const found = await pool.query<{ campaign_id: number; first_no: number }>(
    `select ch.campaign_id, ch.first_no ${left} and ($1::bigint is null or ch.campaign_id = $1)
     order by ch.campaign_id, ch.first_no limit $2`,
    [campaignId, campaignId === null ? chunksPerSweep : null, by],
  );
  for (const { campaign_id, first_no } of found.rows) await doubtChunk(pool, campaign_id, first_no, by);
}

const chunksPerSweep = 50;
/** A campaign that may go on resolves its doubts itself then; one that has ended never does. */
const kind = `(select case when campaign_state in ('running', 'paused') then ${factKind.inDoubt} else ${factKind.unknown} end from picked)::smallint`;
/** A request's timeout and a lease. */
const resolveAfter = "interval '20 s'";

async function doubtChunk(pool: Pool, campaignId: number, firstNo: number, by: Date | string): Promise<void> {
  await inTransaction(pool, async (client) => {
    const doubted = await client.query({
      name: 'doubt-left-chunk',
      text: `with picked as (
          select ch.campaign_id, ch.first_no, ch.last_no, ch.watermark, ch.epoch, ch.owner, c.state as campaign_state,
            coalesce(ch.doubt_from, ch.first_at, clock_timestamp()) as doubt_from
          ${left} and ch.campaign_id = $1 and ch.first_no = $2 for update of ch),
        doubted as (${appendDoubts(kind, resolveAfter)})
        update chunks ch set epoch = ch.epoch + 1, owner = null, lease_until = null, flush_group = 0
        from picked p where ch.campaign_id = p.campaign_id and ch.first_no = p.first_no`,
      values: [campaignId, firstNo, by],
    });
    if (doubted.rowCount === 1) await recountLocked(client, campaignId, firstNo);
  });
}
