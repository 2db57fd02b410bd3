import type { InstallationMeasure } from '../../texts/metrics.ts';
import { quotaUsed } from '../accounts/quotas.ts';
import type { Pool } from '../database/pool.ts';

/** One value of a measure, with what tells it from others of the same name. */
export interface Measured {
  name: InstallationMeasure;
  labels: Record<string, string>;
  value: number;
}

/** Everything in one statement of some milliseconds; counts go over what is open, never over what is past. */
export async function measureInstallation(pool: Pool): Promise<Measured[]> {
  const result = await pool.query<Measured>(
    `with live as (select id, appid, state from campaigns where state in ('staging', 'planning', 'planned', 'running', 'paused')),
     going as (select c.appid, (select coalesce(sum(k.last_no - k.first_no + 1 - k.accepted - k.rejected - k.unknown - k.held), 0)
         from chunks k where k.campaign_id = c.id and k.state = 'open') as n
       from live c where c.state in ('running', 'paused'))
     select 'nodes' as name, '{}'::jsonb as labels, count(*)::double precision as value from nodes
       where seen_at > (select steady_now()) - interval '15 s'
     union all select 'accounts', jsonb_build_object('state', state), count(*) from accounts group by state
     union all select 'campaigns', jsonb_build_object('appid', appid, 'state', state), count(*) from live group by appid, state
     union all select 'campaign_recipients_left', jsonb_build_object('appid', appid), sum(n) from going group by appid
     union all select 'open_messages', jsonb_build_object('appid', appid, 'channel', channel), count(*)
       from open_messages group by appid, channel
     union all select 'open_message_oldest_seconds', jsonb_build_object('appid', appid),
         extract(epoch from greatest(steady_now() - min(ready_at), interval '0'))
       from open_messages group by appid
     union all select 'incidents', jsonb_build_object('kind', kind) || coalesce(jsonb_build_object('appid', appid), '{}'), count(*)
       from incidents where state = 'open' group by kind, appid
     union all select 'quota_used', jsonb_build_object('appid', q.appid, 'path', q.path), ${quotaUsed}
       from api_quotas q join accounts a using (appid)
     union all select 'quota_limit', jsonb_build_object('appid', appid, 'path', path), daily_limit
       from api_quotas where daily_limit is not null
     union all select 'quota_parked', jsonb_build_object('appid', appid, 'path', path), (parked_until > steady_now())::integer
       from api_quotas where parked_until is not null
     union all select 'token_seconds_left', jsonb_build_object('appid', appid), extract(epoch from expires_at - clock_timestamp())
       from account_tokens where expires_at is not null
     union all select 'callback_requests_total', jsonb_build_object('appid', c.appid, 'kind', c.kind), c.count
       from callback_counters c join accounts a using (appid)
       where c.day = (clock_timestamp() at time zone a.time_zone)::date
     union all select 'webhook_items', jsonb_build_object('webhook', w.id::text, 'appid', w.appid), count(i.id)
       from webhooks w left join webhook_items i on i.webhook_id = w.id group by w.id
     union all select 'webhook_deliveries', jsonb_build_object('webhook', w.id::text, 'appid', w.appid, 'state', d.state), count(*)
       from webhooks w join webhook_deliveries d on d.webhook_id = w.id where d.state <> 'delivered' group by w.id, d.state
     union all select 'webhook_oldest_seconds', jsonb_build_object('webhook', w.id::text, 'appid', w.appid),
         extract(epoch from clock_timestamp() - min(d.created_at))
       from webhooks w join webhook_deliveries d on d.webhook_id = w.id where d.state = 'pending' group by w.id
     union all select 'backup_age_seconds', '{}', extract(epoch from clock_timestamp() - max(started_at)) from backups
       where bytes is not null having count(*) > 0
     union all select 'backup_failed', '{}', (code is not null)::integer from backups
       where id = (select max(id) from backups where ended_at is not null)
     union all select 'database_bytes', '{}', pg_database_size(current_database())
     union all select 'database_connections', '{}', sum(numbackends) from pg_stat_database
     union all select 'database_connections_most', '{}', current_setting('max_connections')::double precision
     union all select 'database_oldest_transaction_seconds', '{}',
         coalesce(extract(epoch from clock_timestamp() - min(xact_start)), 0)
       from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  return result.rows;
}
