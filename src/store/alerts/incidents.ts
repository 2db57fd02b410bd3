import type { Pool, PoolClient } from '../database/pool.ts';
import type { Condition } from './conditions.ts';

/** What a person is needed for, from its beginning to its end. */
export interface Incident {
  id: number;
  kind: string;
  /** What it is about, unique within its kind while it is open. */
  subject: string;
  /** Null: the installation. */
  appid: string | null;
  details: Condition['details'];
  state: 'open' | 'ended';
  /** When it was first seen; it is open once it has lasted. */
  seenAt: Date;
  openedAt: Date;
  endedAt: Date | null;
  tellings: Telling[];
}

/** What became of telling one channel. */
export interface Telling {
  channelId: number;
  what: 'opened' | 'ended';
  state: 'waiting' | 'told' | 'given-up';
  attempts: number;
  toldAt: Date | null;
  lastError: string | null;
}

/** How one kind begins and ends. */
export interface KindRule {
  kind: string;
  /** Seen for so long before it is an incident, and gone for so long before it has ended: what comes and goes is told once. */
  opensAfterMs: number;
  endsAfterMs: number;
  /** Its end is told. Not where only time ends it. */
  tellsEnd: boolean;
  /** One that is as old as this ends because nobody looks any longer, and that is not told. */
  forgottenAfterMs: number;
}

/** True for the one node whose turn it is to look, at most once in `everyMs`; the row is locked to the end of the transaction. */
export async function beginLook(client: PoolClient, everyMs: number): Promise<boolean> {
  const result = await client.query(
    `update incident_looks set looked_at = steady_now()
     where only_row in (select only_row from incident_looks
       where looked_at <= steady_now() - make_interval(secs => $1::double precision / 1000) for update skip locked)`,
    [everyMs],
  );
  return result.rowCount === 1;
}

/** When somebody last looked; null: never. */
export async function lastLook(pool: Pool): Promise<Date | null> {
  const result = await pool.query<{ at: Date | null }>(
    `select wall_of(looked_at) as at from incident_looks where looked_at > '-infinity'`,
  );
  return result.rows[0]?.at ?? null;
}

/** What changed with one look. */
export interface Changes {
  opened: { id: number; kind: string; appid: string | null; campaignId: number | null }[];
  ended: { id: number; kind: string; appid: string | null }[];
}

/**
 * Brings the incidents together with what is seen now, and stores whom to tell of what changed. In the transaction of
 * `beginLook`, so that each beginning and each end is there once, whatever is killed.
 */
export async function storeLook(
  client: PoolClient,
  found: readonly Condition[],
  rules: readonly KindRule[],
): Promise<Changes> {
  const [seen, holds] = [JSON.stringify(found), JSON.stringify(rules)];
  const recordset = `jsonb_to_recordset($1) as f (kind text, subject text, appid text, details jsonb)`;
  const ruleset = `jsonb_to_recordset($1) as r (kind text, "opensAfterMs" double precision, "endsAfterMs" double precision,
    "tellsEnd" boolean, "forgottenAfterMs" double precision)`;
  await client.query(
    `insert into incidents (kind, subject, appid, details) select kind, subject, appid, details from ${recordset}
     on conflict (kind, subject) where state <> 'ended' do update set gone_at = null where incidents.gone_at is not null`,
    [seen],
  );
  await client.query(
    `with gone as (
       update incidents i set gone_at = clock_timestamp() where state <> 'ended' and gone_at is null
         and not exists (select 1 from ${recordset} where f.kind = i.kind and f.subject = i.subject)
       returning id, state)
     select 1 from gone`,
    [seen],
  );
  await client.query(`delete from incidents where state = 'pending' and gone_at is not null`);
  const opened = await client.query<Changes['opened'][number]>(
    `with opened as (
       update incidents i set state = 'open', opened_at = clock_timestamp() from ${ruleset}
       where i.state = 'pending' and r.kind = i.kind
         and passed_since(i.seen_at) >= make_interval(secs => r."opensAfterMs" / 1000)
       returning i.id, i.kind, i.subject, i.appid, i.details),
     told as (
       insert into incident_tellings (incident_id, channel_id, what)
       select o.id, c.id, 'opened' from opened o join alert_channels c on ${concerns})
     select id, kind, appid, (details ->> 'campaign')::bigint as "campaignId" from opened order by id`,
    [holds],
  );
  const ended = await client.query<Changes['ended'][number]>(
    `with ended as (
       update incidents i set state = 'ended', ended_at = i.gone_at from ${ruleset}
       where i.state = 'open' and r.kind = i.kind
         and passed_since(i.gone_at) >= make_interval(secs => r."endsAfterMs" / 1000)
       returning i.id, i.kind, i.appid,
         r."tellsEnd" and passed_since(i.opened_at) < make_interval(secs => r."forgottenAfterMs" / 1000) as is_told),
     -- Nobody has been told that it began: then its end says both.
     merged as (
       update incident_tellings t set what = 'ended' from ended e
       where t.incident_id = e.id and e.is_told and t.what = 'opened' and t.state = 'waiting' and t.attempts = 0
       returning t.incident_id, t.channel_id),
     told as (
       insert into incident_tellings (incident_id, channel_id, what)
       select t.incident_id, t.channel_id, 'ended' from incident_tellings t join ended e on e.id = t.incident_id
       where e.is_told and t.what = 'opened' and t.state <> 'given-up'
         and not exists (select 1 from merged m where (m.incident_id, m.channel_id) = (t.incident_id, t.channel_id)))
     select id, kind, appid from ended order by id`,
    [holds],
  );
  return { opened: opened.rows, ended: ended.rows };
}

/**
 * Which channels are told of an incident: those of its account, and those of all. That a channel fails is told through the
 * others: itself it would only say that it failed once it no longer does.
 */
const concerns = `(c.appids is null or o.appid = any (c.appids))
  and not (o.kind = 'channel-failing' and o.subject = c.id::text)`;

const columns = `i.id, i.kind, i.subject, i.appid, i.details, i.state, i.seen_at as "seenAt", i.opened_at as "openedAt",
  i.ended_at as "endedAt"`;

/** Which of them somebody may see. */
export interface Seen {
  /** Null: all accounts. */
  appids: readonly string[] | null;
  /** Those of the installation too. */
  installation: boolean;
}

/** The newest first, before an id; of one state, or of both. */
export async function listIncidents(
  pool: Pool,
  seen: Seen,
  state: Incident['state'] | null,
  before: number | null,
  limit: number,
): Promise<Incident[]> {
  const result = await pool.query<
    Incident & { tellings: (Omit<Telling, 'toldAt'> & { toldAt: string | null })[] }
  >(
    `select ${columns}, coalesce(t.tellings, '[]') as tellings from incidents i left join lateral (
         select jsonb_agg(jsonb_build_object('channelId', channel_id, 'what', what, 'state', state, 'attempts', attempts,
           'toldAt', told_at, 'lastError', last_error) order by channel_id, what desc) as tellings
         from incident_tellings where incident_id = i.id) t on true
     where i.state <> 'pending' and ($1::text is null or i.state = $1) and ($2::bigint is null or i.id < $2)
       and case when i.appid is null then $3::boolean else $4::text[] is null or i.appid = any ($4) end
     order by i.id desc limit $5`,
    [state, before, seen.installation, seen.appids, limit],
  );
  return result.rows.map(({ tellings, ...incident }) => ({
    ...incident,
    tellings: tellings.map((one) => ({ ...one, toldAt: one.toldAt === null ? null : new Date(one.toldAt) })),
  }));
}

/** Those that ended so long ago, at most `most` at once; gives how many. */
export async function removeOldIncidents(pool: Pool, days: number, most: number): Promise<number> {
  const result = await pool.query(
    `delete from incidents where id in (select id from incidents where state = 'ended'
       and ended_at < clock_timestamp() - make_interval(days => $1::integer) limit $2)`,
    [days, most],
  );
  return result.rowCount ?? 0;
}
