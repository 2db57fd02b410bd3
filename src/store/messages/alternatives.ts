import type { Channel } from '../../wechat/channels.ts';
import type { PoolClient } from '../database/pool.ts';

/** Another way in which a message is tried when the ways before it were definitely refused. */
export interface Alternative {
  channel: Channel;
  templateId: string | null;
  /** The wire body, without `touser` and `client_msg_id`. */
  body: unknown;
  includeNoCredit: boolean;
}

/**
 * Stores, in the caller's transaction, a message for the next way of each of these that was refused: WeChat's own
 * refusal, or no credit. One of which an attempt may have arrived has none. Repeating it is harmless: a message is replaced once.
 */
export async function replaceRefused(client: PoolClient, ids: readonly number[]): Promise<void> {
  await client.query(
    `with refused as (
       select m.*, m.alternatives -> 0 as way, (
         select json_agg(a.way order by a.place) from json_array_elements(m.alternatives) with ordinality as a (way, place)
         where a.place > 1) as others
       from messages m cross join lateral (
         select kind, reason from message_facts where message_id = m.id order by fact_strength(kind, reason) desc, at desc limit 1) f
       where m.id = any ($1::bigint[]) and m.alternatives is not null
         and (outcome_of(f.kind, f.reason) = 'rejected' or outcome_of(f.kind, f.reason) = 'unsent' and f.reason = 'no-credit')
         and not exists (select 1 from message_facts d where d.message_id = m.id and may_have_arrived(d.kind, d.errcode, d.reason))
         and not exists (select 1 from open_messages o where o.message_id = m.id)),
     made as (
       insert into messages (uuid, appid, channel, openid, template_id, fingerprint, body, valid_until, ref, alternatives, replaces, trace)
       select md5(uuid::text || ':next')::uuid, appid, way ->> 'channel', openid, way ->> 'templateId', fingerprint, way -> 'body',
         valid_until, ref, others, id, trace
       from refused where valid_until is null or valid_until > clock_timestamp() order by id on conflict do nothing
       returning id, appid, channel, valid_until, replaces),
     opened as (
       insert into open_messages (message_id, appid, channel, valid_until, include_no_credit, ready_at)
       select made.id, made.appid, made.channel, made.valid_until, (way ->> 'includeNoCredit')::boolean, (select steady_now())
       from made join refused on refused.id = made.replaces returning 1)
     select pg_notify('hongyan_message', '') where exists (select 1 from opened)`,
    [ids],
  );
}
