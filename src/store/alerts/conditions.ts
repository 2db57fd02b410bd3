import type { Channel } from '../../wechat/channels.ts';
import { wantedMinutes } from '../backup/nightly.ts';
import { nodeTimeoutSeconds } from '../database/nodes.ts';
import type { Queryable } from '../database/pool.ts';
import { factKind } from '../facts.ts';

/** Something for which a person is needed, as it is now. */
export interface Condition {
  kind: string;
  /** What it is about, unique within its kind. */
  subject: string;
  /** Null: the installation. */
  appid: string | null;
  /** What its words are made of. No openid, no secret, nothing that WeChat said in its own words. */
  details: Readonly<Record<string, string | number | null>>;
}

/** From which share, size and time on something is wrong. deploy/alerts.yml and docs/alerts.md say the same. */
export interface ConditionLimits {
  /** Share of the server's connections. */
  connectionShare: number;
  /** Of the log that a replication slot keeps. */
  keptLogBytes: number;
  /** Nothing that can be read came to a callback for so long … */
  silentMinutes: number;
  /** … and so many messages of channels with receipts were accepted meanwhile, of the last hundred single ones. */
  silentMessages: number;
  /** Channels whose messages get a receipt. */
  receiptChannels: readonly Channel[];
  /** So many messages held at least. */
  heldAtLeast: number;
  /** What ended is wrong no longer than this. */
  failedHours: number;
  /** A daily backup that is not whole so long after its time. */
  backupHours: number;
}

/** In one statement over what is open; what is past is looked at through `finished_at` of a day at most. */
export async function findConditions(db: Queryable, limits: ConditionLimits): Promise<Condition[]> {
  const result = await db.query<Condition>(
    `with stuck as (
       select c.id, c.appid, c.state, c.state_reason, c.invalid_count, c.finished_at,
         a.canary_held_percent as held_percent, a.state as account_state, a.state_reason as account_reason
       from campaigns c join accounts a using (appid)
       where c.state in ('running', 'paused')
         or (c.state in ('done', 'failed') and c.finished_at > clock_timestamp() - make_interval(hours => $6::integer)))
     select 'campaign-paused' as kind, id::text as subject, appid,
         jsonb_build_object('campaign', id, 'reason', state_reason) as details
       from stuck where state = 'paused' and coalesce(state_reason, 'operator') not in ('operator', 'interrupted')
         -- Then it is the account that somebody has to mend.
         and not (account_state = 'paused' and account_reason is not distinct from state_reason)
     union all
     select 'campaign-failed', id::text, appid, jsonb_build_object('campaign', id, 'reason', state_reason, 'invalid', invalid_count)
       from stuck where state = 'failed' and state_reason is not null
     union all
     select 'held-share', s.id::text, s.appid, jsonb_build_object('campaign', s.id, 'held', h.held, 'of', h.done)
       from stuck s cross join lateral (
         select sum(k.held) as held, sum(k.accepted + k.rejected + k.unknown + k.held) as done
         from chunks k where k.campaign_id = s.id) h
       where s.state in ('running', 'paused', 'done') and s.held_percent is not null
         and h.held >= $5::integer and h.held * 100 > h.done * s.held_percent
     union all
     select 'account-paused', appid, appid, jsonb_build_object('appid', appid, 'account', coalesce(nullif(name, ''), appid), 'reason', state_reason)
       from accounts where state = 'paused' and coalesce(state_reason, 'operator') <> 'operator'
     union all
     select 'address-refused', b.appid || ' ' || n.host, b.appid,
         jsonb_build_object('appid', b.appid, 'account', coalesce(nullif(max(a.name), ''), b.appid), 'host', n.host, 'ip', max(b.ip))
       from node_blocks b join accounts a using (appid) join nodes n on n.id = b.node_id
       where b.reason = 'ip' and a.state = 'active' and b.until > (select steady_now()) - interval '15 s'
         and n.seen_at > (select steady_now()) - make_interval(secs => $1)
       group by b.appid, n.host
     union all
     select 'quota-used-up', q.appid || ' ' || q.path, q.appid,
         jsonb_build_object('appid', a.appid, 'account', coalesce(nullif(a.name, ''), a.appid), 'path', q.path, 'errcode', q.parked_errcode)
       from api_quotas q join accounts a using (appid) where q.parked_until > (select steady_now())
     union all
     select 'schedule-missed', s.id::text, s.appid, jsonb_build_object('schedule', s.id, 'time', r.local_time)
       from schedules s cross join lateral (
         select local_time, state from schedule_runs r where r.schedule_id = s.id order by r.local_time desc limit 1) r
       where s.paused_at is null and r.state = 'missed'
     union all
     select 'callback-silent', a.appid, a.appid,
         jsonb_build_object('appid', a.appid, 'account', coalesce(nullif(a.name, ''), a.appid), 'minutes', $4::integer, 'messages', g.n)
       from accounts a join account_callbacks using (appid)
       cross join lateral (select max(last_at) as at from callback_counters c where c.appid = a.appid
         and c.kind in ('stored', 'unreadable', 'repeated') and c.day > current_date - 8) seen
       cross join lateral (
         select (select coalesce(sum(k.accepted), 0) from campaigns c join chunks k on k.campaign_id = c.id
             where c.appid = a.appid and c.channel = any ($8::text[])
               and (c.state in ('running', 'paused') or c.finished_at > greatest(seen.at, clock_timestamp() - interval '1 day'))
               and k.first_at > seen.at)
           + (select count(*) from (select id, created_at, channel from messages where appid = a.appid order by id desc limit 100) m
             where m.created_at > seen.at and m.channel = any ($8::text[])
               and exists (select 1 from message_facts f where f.message_id = m.id and f.kind = ${factKind.accepted})) as n) g
       where seen.at < clock_timestamp() - make_interval(mins => $4::integer) and g.n >= $7::integer
     union all
     select 'node-gone', n.host, null, jsonb_build_object('host', n.host, 'nodes', count(*))
       from nodes n where n.role in ('serve', 'worker') and n.seen_at < (select steady_now()) - make_interval(secs => $1)
         -- Somebody has started it again since.
         and not exists (select 1 from nodes m where m.host = n.host and m.role = n.role and m.started_at > wall_of(n.seen_at))
       group by n.host
     union all
     -- One that was stopped in the middle is made again; where none comes of it, it is overdue.
     select 'backup-failed', '', null, jsonb_build_object('host', b.host, 'path', b.path, 'code', b.code)
       from backup_wanted w cross join lateral (
         select host, path, code from backups where ended_at is not null and code is distinct from 'INTERRUPTED' order by id desc limit 1) b
       where b.code is not null and w.seen_at > clock_timestamp() - make_interval(mins => $9::integer)
     union all
     select 'backup-overdue', '', null,
         jsonb_build_object('wanted', to_char(w.asked_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'))
       from backup_wanted w where w.seen_at > clock_timestamp() - make_interval(mins => $9::integer)
         and w.asked_at < clock_timestamp() - make_interval(hours => $10::integer)
         and not exists (select 1 from backups b where b.bytes is not null and b.due_at >= w.due_at)
     union all
     select 'webhook-down', w.id::text, w.appid, jsonb_build_object('webhook', w.id, 'host', w.host,
         'reason', case when w.state = 'paused' then 'gone' else 'down' end)
       from webhooks w where (w.state = 'active' and w.down_since is not null) or (w.state = 'paused' and w.last_error = 'HTTP 410')
     union all
     select 'webhook-given-up', w.id::text, w.appid, jsonb_build_object('webhook', w.id, 'host', w.host, 'count', d.n)
       from webhooks w cross join lateral (
         select count(*) as n from webhook_deliveries d where d.webhook_id = w.id and d.state = 'dead') d
       where w.state = 'active' and d.n > 0
     union all
     select 'database-connections', '', null, jsonb_build_object('used', c.used, 'most', c.most)
       from (select sum(numbackends)::integer as used, current_setting('max_connections')::integer as most from pg_stat_database) c
       where c.used > c.most * $2::double precision
     union all
     select 'database-log-kept', slot, null, jsonb_build_object('slot', slot, 'megabytes', floor(bytes / 1048576))
       from kept_log() where bytes > $3::bigint
     union all
     select 'channel-failing', id::text, null, jsonb_build_object('channel', id, 'host', host)
       from alert_channels where state = 'active' and failing_since is not null`,
    [
      nodeTimeoutSeconds,
      limits.connectionShare,
      limits.keptLogBytes,
      limits.silentMinutes,
      limits.heldAtLeast,
      limits.failedHours,
      limits.silentMessages,
      limits.receiptChannels,
      wantedMinutes,
      limits.backupHours,
    ],
  );
  return result.rows;
}
