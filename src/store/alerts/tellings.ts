import type { Sealer } from '../../base/seal.ts';
import { inTransaction, type Pool } from '../database/pool.ts';
import { type ChannelKind, openChannel } from './channels.ts';
import type { Incident } from './incidents.ts';

/** That an incident began or ended, claimed for one channel. */
export interface ClaimedTelling extends Omit<Incident, 'tellings' | 'state'> {
  what: 'opened' | 'ended';
  attempts: number;
  /** Of its account; null: of the installation. */
  timeZone: string | null;
}

export interface Claim {
  channelId: number;
  kind: ChannelKind;
  lang: 'en' | 'zh';
  /** As it was stored with the channel. */
  target: unknown;
  /** Attempts in a row that failed. */
  failures: number;
  tellings: ClaimedTelling[];
}

/** How much one channel takes. */
export interface ChannelLimit {
  kind: ChannelKind;
  /** Tellings of one message. */
  most: number;
  /** Between two messages, whichever nodes send them. */
  gapMs: number;
}

/**
 * Takes a channel for which something waits, and what it is told with the next message, in the order in which it happened.
 * They are this node's for `leaseMs`; no other message leaves for the channel meanwhile. What is on disk before it leaves is
 * told at least once: after a crash in the middle of it, twice. Null: nothing is due.
 */
export async function claimTellings(
  pool: Pool,
  sealer: Sealer,
  limits: readonly ChannelLimit[],
  owner: string,
  leaseMs: number,
): Promise<Claim | null> {
  return await inTransaction(pool, async (client) => {
    const found = await client.query<Omit<Claim, 'target' | 'tellings'> & { most: number }>(
      `with next as (
         select c.id, l.most, l."gapMs" as gap from alert_channels c
           join jsonb_to_recordset($1) as l (kind text, most integer, "gapMs" double precision) on l.kind = c.kind
         where c.state = 'active' and c.next_at <= (select steady_now())
           and exists (select 1 from incident_tellings t where t.channel_id = c.id and t.state = 'waiting')
           and not exists (select 1 from incident_tellings t where t.channel_id = c.id and t.state = 'waiting'
             and t.lease_until > (select steady_now()))
         order by c.next_at limit 1 for update of c skip locked)
       update alert_channels c set next_at = steady_now() + make_interval(secs => next.gap / 1000) from next where c.id = next.id
       returning c.id as "channelId", c.kind, c.lang, c.failures, next.most`,
      [JSON.stringify(limits)],
    );
    const channel = found.rows[0];
    if (channel === undefined) return null;
    const { most, ...claim } = channel;
    const tellings = await client.query<ClaimedTelling>(
      `with taken as (
         update incident_tellings t set owner = $2, attempts = attempts + 1,
           lease_until = steady_now() + make_interval(secs => $3::double precision / 1000)
         where t.channel_id = $1 and (t.incident_id, t.what) in (
           select incident_id, what from incident_tellings where channel_id = $1 and state = 'waiting'
           order by created_at, incident_id, what desc limit $4)
         returning t.incident_id, t.what, t.attempts, t.created_at)
       select i.id, i.kind, i.subject, i.appid, i.details, i.seen_at as "seenAt", i.opened_at as "openedAt",
         i.ended_at as "endedAt", t.what, t.attempts, a.time_zone as "timeZone"
       from taken t join incidents i on i.id = t.incident_id left join accounts a on a.appid = i.appid
       order by t.created_at, i.id, t.what desc`,
      [channel.channelId, owner, leaseMs, most],
    );
    const target = await openChannel(client, sealer, channel.channelId);
    return { ...claim, target, tellings: tellings.rows };
  });
}

/** What a channel answered. */
export interface TellingResult {
  channelId: number;
  owner: string;
  /** Null: it was taken. */
  error: string | null;
  /** Nothing is told through it for so long. */
  waitMs: number;
  /** It says that too much came at once, which is no failure of its own. */
  isBusy: boolean;
  /** What is so old is given up. */
  giveUpMs: number;
}

/** Stores it, if the claim is still this node's. Gives how many are given up. */
export async function settleTellings(pool: Pool, result: TellingResult): Promise<number> {
  const { channelId, owner, error, waitMs, isBusy, giveUpMs } = result;
  const settled = await pool.query<{ givenUp: number }>(
    `with settled as (
       update incident_tellings t set owner = null, lease_until = null, last_error = $3,
         told_at = case when $3::text is null then clock_timestamp() end,
         state = case when $3::text is null then 'told'
           when passed_since(created_at) >= make_interval(secs => $6::double precision / 1000) then 'given-up' else 'waiting' end
       where t.channel_id = $1 and t.owner = $2 and t.state = 'waiting' returning t.state),
     channel as (
       update alert_channels c set last_error = $3,
         told_at = case when $3::text is null then clock_timestamp() else told_at end,
         failed_at = case when $3::text is null then failed_at else clock_timestamp() end,
         failures = case when $3::text is null then 0 when $5::boolean then failures else failures + 1 end,
         failing_since = case when $3::text is null then null when $5::boolean then failing_since
           else coalesce(failing_since, clock_timestamp()) end,
         next_at = greatest(next_at, steady_now() + make_interval(secs => $4::double precision / 1000))
       where c.id = $1 and exists (select 1 from settled))
     select count(*) filter (where state = 'given-up')::integer as "givenUp" from settled`,
    [channelId, owner, error, waitMs, isBusy, giveUpMs],
  );
  return settled.rows[0]?.givenUp ?? 0;
}
