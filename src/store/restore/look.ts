import type { ClientBase } from 'pg';
import { nodeTimeoutSeconds } from '../database/nodes.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { Position } from './witness.ts';

/** How far a node is: its renewals that the database has acknowledged, in the history in which it did. */
export interface Beat {
  nodeId: string;
  beat: number;
  history: string;
}

/** What a process knows of its database, and must find again in whatever answers at its place. */
export interface Known {
  /** uuid of the installation. */
  installation: string;
  history: string;
  /** Unix µs, by the clock of the database that began it; 0: with the installation. */
  historyAt: number;
  position: Position;
}

/** How a database keeps its commits, as it says itself. */
export interface Replication {
  /** `synchronous_standby_names`; empty: no commit waits for a standby. */
  standbyNames: string | null;
  /** A commit of this session waits until it is on disk, here and on the synchronous standbys. */
  isDurable: boolean;
  /** Standbys and whoever else reads the log now; null: it is not told. */
  standbys: number | null;
  /** Of these, those that no commit waits for, as far as the user may know. */
  asyncStandbys: number | null;
  /** Up to where a server followed another one since it was started. */
  replayed: string | null;
}

/** What the database says of itself now. */
export interface Look extends Known {
  /** As it was written down when the history began; null: not yet, or it was not told. */
  recorded: Pick<Position, 'systemIdentifier' | 'timeline'> & { oids: string | null };
  /** Of the database and of its table: those of a dump that was restored in their place, in the same cluster, are others. */
  oids: string;
  /** It follows another one and takes no writes. */
  isStandby: boolean;
  /** It does not know of a renewal that it has acknowledged. */
  lostBeat: boolean;
  /** It does not know of a flush that it has acknowledged. */
  lostFlush: boolean;
  /** Messages that it does not know to be this process's, though it acknowledged their claims. */
  lostMessages: number[];
  /** One of the last that it acknowledged is not there at all. */
  lostMessage: boolean;
  /** How it keeps its commits. */
  replication: Replication;
  /** Other nodes that were alive when it was last written to; and those of them that have not said that it has forgotten nothing. */
  living: number;
  unconfirmed: number;
  /** How long the server has been running, ms. */
  uptimeMs: number;
  /** Other nodes were there when it started, or are now. */
  hasOthers: boolean;
  /** The installation was made since it started. */
  isNew: boolean;
}

/** What a look is to find again. */
export interface Sought {
  beats: readonly Beat[];
  /** Of the history of this process. Null: that is left out. */
  acknowledged: Acknowledged | null;
}

/** Why a database counts as restored. */
export type WentBack =
  /** Another cluster: a dump restored elsewhere. */
  | 'cluster'
  /** Another database or other tables in the same cluster: a dump restored in their place. */
  | 'dump'
  /** A promotion, or a recovery to an earlier time. */
  | 'timeline'
  /** Behind what was seen of it. */
  | 'position'
  /** A renewal of a node's lease is missing. */
  | 'beat'
  /** In a history before the one that this process knows. */
  | 'history'
  /** Something else that it acknowledged is missing. */
  | 'forgot';

/** The schema is written out: pg-boss has sessions of its own. A look that hangs must not hold up the pool for ever. */
const lookTimeoutMs = 10_000;

interface Row {
  installation: string;
  history: string;
  historyAt: number;
  recordedIdentifier: string | null;
  recordedTimeline: number | null;
  recordedOids: string | null;
  oids: string;
  isStandby: boolean;
  lostBeat: boolean;
  lostFlush: boolean;
  lostMessages: number[];
  lostMessage: boolean;
  living: number;
  unconfirmed: number;
  standbyNames: string | null;
  isDurable: boolean;
  standbys: number | null;
  asyncStandbys: number | null;
  replayed: string | null;
  uptimeMs: number;
  hasOthers: boolean;
  isNew: boolean;
  systemIdentifier: string | null;
  timeline: number | null;
  lsn: string | null;
}

/** Looks at the database through this session, and marks the session with the history that it has. */
export async function lookAt(client: ClientBase, { beats, acknowledged }: Sought): Promise<Look | null> {
  const chunks = acknowledged?.chunks ?? [];
  const messages = acknowledged?.messages ?? [];
  const query = {
    text: `select i.uuid as installation, i.history_id as history, coalesce(extract(epoch from i.history_at) * 1000000, 0)::bigint as "historyAt",
        i.system_identifier as "recordedIdentifier", i.timeline as "recordedTimeline", i.oids as "recordedOids",
        (select oid from pg_catalog.pg_database where datname = current_database())::text || '.' || i.tableoid::text as oids, p.is_standby as "isStandby",
        p.system_identifier as "systemIdentifier", p.timeline, p.lsn, set_config('hongyan.history', i.history_id::text, false),
        exists (select 1 from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as k (id, beat, history)
          left join hongyan.nodes n on n.id = k.id
          where k.history = i.history_id and (n.beat is null or n.beat < k.beat)) as "lostBeat",
        exists (select 1 from unnest($4::bigint[], $5::integer[], $6::integer[], $7::integer[]) as k (campaign_id, first_no, epoch, flush_group)
          join hongyan.chunks ch using (campaign_id, first_no)
          where ch.epoch < k.epoch or ch.epoch = k.epoch and ch.flush_group < k.flush_group) as "lostFlush",
        array(select k.id from unnest($8::bigint[], $9::integer[]) as k (id, attempt) join hongyan.open_messages o on o.message_id = k.id
          where o.attempt < k.attempt or o.attempt = k.attempt and o.owner is null) as "lostMessages",
        exists (select 1 from unnest($11::bigint[]) as k (id) where not exists (select 1 from hongyan.messages m where m.id = k.id)) as "lostMessage",
        l.living, l.unconfirmed,
        r.standby_names as "standbyNames", r.is_durable as "isDurable", r.standbys, r.async_standbys as "asyncStandbys", r.replayed,
        (extract(epoch from clock_timestamp() - pg_postmaster_start_time()) * 1000)::double precision as "uptimeMs",
        exists (select 1 from hongyan.nodes n where n.seen_at > pg_postmaster_start_time() - make_interval(secs => $10)
          and n.id <> all ($1::uuid[])) as "hasOthers",
        i.created_at > pg_postmaster_start_time() as "isNew"
      from hongyan.installation i cross join hongyan.database_position() p cross join hongyan.replication_state() r
        cross join lateral (
          select count(*)::integer as living, count(*) filter (where n.confirmed_timeline is distinct from p.timeline)::integer as unconfirmed
          from hongyan.nodes n where n.id <> all ($1::uuid[])
            and n.seen_at > (select max(seen_at) from hongyan.nodes) - make_interval(secs => $10)
            and n.seen_at > hongyan.steady_now() - interval '10 minutes') l`,
    values: [
      beats.map((one) => one.nodeId),
      beats.map((one) => one.beat),
      beats.map((one) => one.history),
      chunks.map((one) => one.campaignId),
      chunks.map((one) => one.firstNo),
      chunks.map((one) => one.epoch),
      chunks.map((one) => one.group),
      messages.map(([id]) => id),
      messages.map(([, attempt]) => attempt),
      nodeTimeoutSeconds,
      acknowledged?.lastMessages ?? [],
    ],
    query_timeout: lookTimeoutMs, // of pg, though its types do not know it
  };
  const row = (await client.query<Row>(query)).rows[0];
  if (row === undefined) return null;
  const { systemIdentifier, timeline, lsn, recordedIdentifier, recordedTimeline, recordedOids, ...rest } =
    row;
  const { standbyNames, isDurable, standbys, asyncStandbys, replayed, ...more } = rest;
  return {
    ...more,
    position: { systemIdentifier, timeline, lsn },
    replication: { standbyNames, isDurable, standbys, asyncStandbys, replayed },
    recorded: { systemIdentifier: recordedIdentifier, timeline: recordedTimeline, oids: recordedOids },
  };
}
