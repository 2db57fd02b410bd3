-- What the migrations add up to. Written by "npm run schema"; a test compares it with a migrated database.

create schema hongyan;
set search_path = hongyan;
set check_function_bodies = off; -- functions may name tables that follow

CREATE OR REPLACE FUNCTION hongyan.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  keep_days integer := coalesce(nullif(current_setting('hongyan.audit_keep_days', true), '')::integer, 365);
begin
  if tg_op = 'DELETE' then
    if old.at < clock_timestamp() - make_interval(days => greatest(keep_days, 184)) then
      return old;
    end if;
  end if;
  raise exception 'audit rows are never changed, and removed only when their time is over';
end
$function$
;
comment on function audit_is_append_only is NULL;

CREATE OR REPLACE FUNCTION hongyan.callback_share(share real, since timestamp with time zone)
 RETURNS double precision
 LANGUAGE sql
 STABLE
AS $function$
  select case when since is null then 1
    else least(1, share + greatest(0, extract(epoch from steady_now() - since)) * 0.05) end::double precision
$function$
;
comment on function callback_share is 'The share of its rate at which an account sends now: it grows by 5 % a second after its callback fell behind.';

CREATE OR REPLACE FUNCTION hongyan.database_position(OUT is_standby boolean, OUT system_identifier text, OUT timeline integer, OUT lsn text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  is_standby := pg_is_in_recovery();
  begin
    select s.system_identifier::text into system_identifier from pg_control_system() s;
  exception when insufficient_privilege or undefined_function or feature_not_supported then null;
  end;
  begin
    lsn := pg_current_wal_flush_lsn()::text;
    -- Not pg_control_checkpoint(): that tells of a promotion only after the next checkpoint.
    timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer;
  exception when insufficient_privilege or undefined_function or feature_not_supported
    or object_not_in_prerequisite_state then null;
  end;
end $function$
;
comment on function database_position is 'Whether it is a standby, which cluster this is, on which timeline, and how far its log is on disk.';

CREATE OR REPLACE FUNCTION hongyan.fact_strength(kind smallint, reason text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$ select case when kind = 2 and reason = 'held' then 31 when kind = 3 and reason = 'held' then 32 else kind * 10 end $function$
;
comment on function fact_strength is 'The strongest fact of a recipient or message is its state.';

CREATE OR REPLACE FUNCTION hongyan.has_receipts(channel text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ select channel in ('oa-template', 'oa-subscribe', 'mp-subscribe') $function$
;
comment on function has_receipts is 'Whether WeChat says by an event what became of a message of the channel.';

CREATE OR REPLACE FUNCTION hongyan.in_history(expected uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if expected is distinct from (select history_id from installation) then
    raise exception 'the database was restored or failed over since this was begun' using errcode = '57H04';
  end if;
  return on_checked_session();
end $function$
;
comment on function in_history is 'True; an error in another history than the one that is expected, or in a session through which nobody looked for a restore.';

CREATE OR REPLACE FUNCTION hongyan.is_held(kind smallint, reason text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ select kind = 2 and reason is not distinct from 'held' $function$
;
comment on function is_held is 'Whether a fact says that WeChat holds the message for review.';

CREATE OR REPLACE FUNCTION hongyan.is_keyed(channel text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ select channel = 'oa-template' $function$
;
comment on function is_keyed is 'Whether WeChat drops repeats of a message of the channel by its client_msg_id.';

CREATE OR REPLACE FUNCTION hongyan.is_quiet(quiet_from time without time zone, quiet_to time without time zone, time_zone text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select case
    when quiet_from is null then false
    when quiet_from <= quiet_to then
      (clock_timestamp() at time zone time_zone)::time >= quiet_from and (clock_timestamp() at time zone time_zone)::time < quiet_to
    else
      (clock_timestamp() at time zone time_zone)::time >= quiet_from or (clock_timestamp() at time zone time_zone)::time < quiet_to
  end
$function$
;
comment on function is_quiet is 'Whether it is now a quiet hour of an account.';

CREATE OR REPLACE FUNCTION hongyan.kept_log(OUT slot text, OUT bytes numeric)
 RETURNS SETOF record
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return query select s.slot_name::text, pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)
    from pg_replication_slots s where s.restart_lsn is not null;
exception when insufficient_privilege or undefined_function or feature_not_supported or object_not_in_prerequisite_state then return;
end $function$
;
comment on function kept_log is 'Replication slots, and how much of the log each keeps.';

CREATE OR REPLACE FUNCTION hongyan.may_have_arrived(kind smallint, errcode integer, reason text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select kind in (2, 5) or kind = 1 and reason = 'maybe-sent'
    or kind = 3 and (reason = 'maybe-sent' or errcode is null and reason is distinct from 'crash' and reason is distinct from 'held')
$function$
;
comment on function may_have_arrived is 'Whether the attempt of a fact may have reached its recipient: not a refusal, and not one that was never made.';

CREATE OR REPLACE FUNCTION hongyan.may_send(start_at timestamp with time zone, valid_until timestamp with time zone, quiet_from time without time zone, quiet_to time without time zone, time_zone text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select (start_at is null or start_at <= clock_timestamp())
    and (valid_until is null or valid_until > clock_timestamp())
    and not is_quiet(quiet_from, quiet_to, time_zone)
$function$
;
comment on function may_send is 'Whether a running campaign may send at this moment: its own times and the quiet hours of its account.';

CREATE OR REPLACE FUNCTION hongyan.needs_canary(channel text, planned_count integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ select channel = 'oa-template' and planned_count > 10000 $function$
;
comment on function needs_canary is 'Whether a campaign opens its other chunks only after the first one was delivered and judged.';

CREATE OR REPLACE FUNCTION hongyan.note_clock(OUT steady timestamp with time zone, OUT wall timestamp with time zone, OUT stepped_by interval)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  c steady_clock;
begin
  select * into c from steady_clock;
  wall := clock_timestamp();
  if wall + c.ahead not between c.seen_at and c.seen_at + interval '2 s' then
    select * into c from steady_clock for update;
    wall := clock_timestamp();
    if wall + c.ahead < c.seen_at - interval '1 s' then
      stepped_by := wall + c.ahead - c.seen_at;
      insert into clock_steps (stepped_by, seen_before, noticed_at)
      values (note_clock.stepped_by, c.seen_at - c.ahead, wall);
      c.ahead := c.seen_at - wall;
      update steady_clock set ahead = c.ahead;
      perform set_job_clock();
    elsif wall + c.ahead > c.seen_at then
      update steady_clock set seen_at = wall + c.ahead;
    end if;
  end if;
  steady := greatest(wall + c.ahead, c.seen_at);
end $function$
;
comment on function note_clock is 'Looks at the clock: writes down how far it is, or that it was set back (stepped_by, once for all nodes).';

CREATE OR REPLACE FUNCTION hongyan.on_checked_session()
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if nullif(current_setting('hongyan.history', true), '')::uuid is distinct from (select history_id from installation) then
    raise exception 'nobody has checked through this session whether the database went back'
      using errcode = '57H01';
  end if;
  return true;
end $function$
;
comment on function on_checked_session is 'True; an error in a session through which nobody looked for a restore: of a server that came behind a proxy''s back, or of before one.';

CREATE OR REPLACE FUNCTION hongyan.outcome_of(kind smallint, reason text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when kind = 5 then 'accepted' when kind = 4 then 'rejected' when is_held(kind, reason) then 'held'
    when kind in (2, 3) then 'unknown' else 'unsent' end
$function$
;
comment on function outcome_of is 'What became of a recipient or single message whose strongest fact this is; null: it has none.';

CREATE OR REPLACE FUNCTION hongyan.passed_since(at timestamp with time zone)
 RETURNS interval
 LANGUAGE sql
AS $function$ select wall_now() - at + set_back_since(at) $function$
;
comment on function passed_since is 'How much time has passed since the wall clock showed this: never less than has, and more where the clock showed it twice.';

CREATE OR REPLACE FUNCTION hongyan.person_digest(appid text, openid text)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  select sha256(convert_to((select uuid::text from installation) || ' ' || appid || ' ' || openid, 'UTF8'))
$function$
;
comment on function person_digest is 'By which an erased person is known again, in this installation only, by whoever has the openid.';

CREATE OR REPLACE FUNCTION hongyan.replication_state(OUT standby_names text, OUT is_durable boolean, OUT standbys integer, OUT async_standbys integer, OUT replayed text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  standby_names := current_setting('synchronous_standby_names', true);
  is_durable := current_setting('synchronous_commit') in ('on', 'remote_apply') and current_setting('fsync')::boolean;
  begin
    -- Who may not read the state of a standby still counts it.
    select count(*), count(*) filter (where s.sync_state in ('async', 'potential')) into standbys, async_standbys from pg_stat_replication s;
  exception when insufficient_privilege or undefined_function or undefined_table or feature_not_supported then null;
  end;
  begin
    replayed := pg_last_wal_replay_lsn()::text;
  exception when insufficient_privilege or undefined_function or feature_not_supported then null;
  end;
end $function$
;
comment on function replication_state is 'Whether a commit waits for the standbys, and, on one that was promoted since it was started, up to where it had followed.';

CREATE OR REPLACE FUNCTION hongyan.sealed_with_key_of_now()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  own text := nullif(current_setting('hongyan.key_id', true), '');
begin
  if own is null then return new; end if;
  -- Shared among writers. A rekey takes it alone to its commit: what was written before is sealed anew after it.
  perform pg_advisory_xact_lock_shared(1751083883); -- src/store/installation/rekey-running.ts
  if not exists (select 1 from installation where own in (key_id, next_key_id)) then
    raise exception 'the secret key % has been replaced', own using errcode = '28H01';
  end if;
  return new;
end $function$
;
comment on function sealed_with_key_of_now is 'Refuses (28H01) what a session stores that seals with a key that has been replaced.';

CREATE OR REPLACE FUNCTION hongyan.set_back_since(at timestamp with time zone)
 RETURNS interval
 LANGUAGE sql
 STABLE
AS $function$ select coalesce(sum(-stepped_by), '0') from clock_steps where stepped_by < '0' and seen_before > at $function$
;
comment on function set_back_since is 'By how much the wall clock was set back after it showed this; what lies between two readings of the same time counts as before.';

CREATE OR REPLACE FUNCTION hongyan.set_job_clock()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'hongyan'
AS $function$
declare
  ahead constant interval := (select c.ahead from steady_clock c);
begin
  if ahead > '0' and to_regprocedure('pgboss.job_now()') is not null then
    execute format('create or replace function pgboss.job_now() returns timestamptz language sql stable as %L',
      format('select pg_catalog.now() + %L::interval', ahead));
  end if;
end $function$
;
comment on function set_job_clock is 'Has pg-boss keep time by the steady clock; after each step back, and after pg-boss was installed.';

CREATE OR REPLACE FUNCTION hongyan.steady_now()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$ select greatest(clock_timestamp() + ahead, seen_at) from steady_clock $function$
;
comment on function steady_now is 'Now by the steady clock. In a statement over many rows: (select steady_now()), which is asked once.';

CREATE OR REPLACE FUNCTION hongyan.steady_of(wall timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$ select wall + ahead from steady_clock $function$
;
comment on function steady_of is 'The steady time at which the wall clock will show this, unless it is set before.';

CREATE OR REPLACE FUNCTION hongyan.stream_campaign()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into stream_log (appid, topic, ref) values (new.appid, 'campaigns', new.id);
  return null;
end $function$
;
comment on function stream_campaign is 'Triggers campaigns_stream…: notes that a campaign was made, or changed its state, for live streams.';

CREATE OR REPLACE FUNCTION hongyan.tell_campaign_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select 1 from webhooks w where w.appid = new.appid and 'campaign' = any (w.topics)) then
    insert into webhook_outbox (campaign_id, state, reason) values (new.id, new.state, new.state_reason);
  end if;
  return null;
end $function$
;
comment on function tell_campaign_state is 'Trigger campaigns_tell: puts a campaign''s change of state into webhook_outbox, if a webhook of its account wants it.';

CREATE OR REPLACE FUNCTION hongyan.tell_chunk_outcomes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select 1 from campaigns c join webhooks w using (appid)
      where c.id = new.campaign_id and exists (select 1 from unnest(w.topics) t where t like 'outcome.%')) then
    insert into webhook_outbox (campaign_id, first_no) values (new.campaign_id, new.first_no);
  end if;
  return null;
end $function$
;
comment on function tell_chunk_outcomes is 'Trigger chunks_tell: puts a chunk whose outcomes are final, or changed afterwards, into webhook_outbox, if a webhook of its account wants them.';

CREATE OR REPLACE FUNCTION hongyan.tell_message_outcomes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select 1 from webhooks w, unnest(w.topics) t where t like 'outcome.%') then
    insert into webhook_messages (message_id)
    select a.message_id from added a join messages m on m.id = a.message_id
    where (a.kind >= 3 or is_held(a.kind, a.reason) or a.kind = 1 and a.next_at is null)
      and exists (select 1 from webhooks w, unnest(w.topics) t where w.appid = m.appid and t like 'outcome.%')
    order by a.message_id;
  end if;
  return null;
end $function$
;
comment on function tell_message_outcomes is 'Trigger message_facts_tell: puts single messages that have an outcome into webhook_messages, if a webhook of their account wants it.';

CREATE OR REPLACE FUNCTION hongyan.wall_now()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$ select greatest(clock_timestamp(), seen_at - ahead) from steady_clock $function$
;
comment on function wall_now is 'Now by the wall clock, not before what was seen of it since it was last set back.';

CREATE OR REPLACE FUNCTION hongyan.wall_of(steady timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$ select steady - ahead from steady_clock $function$
;
comment on function wall_of is 'What the wall clock shows at a steady time; for people.';

create table account_callbacks (
  appid text not null,
  token_sealed bytea not null,
  aes_key_sealed bytea not null,
  previous_aes_key_sealed bytea,
  mode text not null,
  format text not null,
  public_url text,
  forward_to_sealed bytea,
  reply text default 'none'::text not null,
  exclusive boolean default false not null,
  unsigned_from cidr[] default '{}'::cidr[] not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  previous_aes_key_until timestamp with time zone,
  previous_token_sealed bytea,
  previous_token_until timestamp with time zone,
  constraint account_callbacks_pkey PRIMARY KEY (appid),
  constraint account_callbacks_check CHECK ((previous_aes_key_sealed IS NULL) = (previous_aes_key_until IS NULL)),
  constraint account_callbacks_check1 CHECK ((previous_token_sealed IS NULL) = (previous_token_until IS NULL)),
  constraint account_callbacks_format_check CHECK (format = ANY (ARRAY['xml'::text, 'json'::text])),
  constraint account_callbacks_mode_check CHECK (mode = ANY (ARRAY['plain'::text, 'compatible'::text, 'secure'::text]))
);
comment on table account_callbacks is 'How an account''s pushes come (服务器配置) and what is answered.';

create table account_pace (
  appid text not null,
  next_slot timestamp with time zone not null,
  window_limit integer,
  minute_until timestamp with time zone,
  callback_share real default 1 not null,
  callback_at timestamp with time zone,
  constraint account_pace_pkey PRIMARY KEY (appid),
  constraint account_pace_callback_share_check CHECK (callback_share > 0::double precision AND callback_share <= 1::double precision),
  constraint account_pace_window_limit_check CHECK (window_limit > 0)
) with (fillfactor=50);
comment on table account_pace is 'The schedule from which nodes lease the slots in which they send, and the window under it.';

create table account_tokens (
  appid text not null,
  token_sealed bytea,
  expires_at timestamp with time zone,
  version bigint default 0 not null,
  refresh_owner uuid,
  refresh_until timestamp with time zone,
  constraint account_tokens_pkey PRIMARY KEY (appid)
);
comment on table account_tokens is 'The access token of an account, and the lease of the process that is fetching the next one.';

create table accounts (
  appid text not null,
  kind text not null,
  name text default ''::text not null,
  token_source text not null,
  secret_sealed bytea,
  base_url text,
  proxy_sealed bytea,
  time_zone text default 'Asia/Shanghai'::text not null,
  rate_per_s integer default 100 not null,
  state text default 'active'::text not null,
  state_reason text,
  created_at timestamp with time zone default clock_timestamp() not null,
  updated_at timestamp with time zone default clock_timestamp() not null,
  quota_reset time without time zone default '00:00:00'::time without time zone not null,
  quota_reserve_percent smallint default 5 not null,
  quiet_from time without time zone,
  quiet_to time without time zone,
  fatigue_limit integer,
  fatigue_days integer,
  approval_above integer,
  message_share_percent smallint default 20 not null,
  canary_blocked_percent smallint default 30,
  popup_reject_wipes boolean default false not null,
  retry_system_busy smallint default 2 not null,
  keep_days integer,
  holds_asked_at timestamp with time zone,
  canary_held_percent smallint default 1,
  test_openids text[] default '{}'::text[] not null,
  approval_lifted_by text,
  approval_before integer,
  wx_relay boolean default false not null,
  keep_event_days integer,
  keep_audit_days integer,
  constraint accounts_pkey PRIMARY KEY (appid),
  constraint accounts_approval_above_check CHECK (approval_above > 0),
  constraint accounts_canary_blocked_percent_check CHECK (canary_blocked_percent >= 1 AND canary_blocked_percent <= 100),
  constraint accounts_canary_held_percent_check CHECK (canary_held_percent >= 1 AND canary_held_percent <= 100),
  constraint accounts_check CHECK ((token_source = 'none'::text) = (secret_sealed IS NULL)),
  constraint accounts_fatigue CHECK ((fatigue_limit IS NULL) = (fatigue_days IS NULL)),
  constraint accounts_fatigue_days_check CHECK (fatigue_days > 0),
  constraint accounts_fatigue_limit_check CHECK (fatigue_limit > 0),
  constraint accounts_keep_audit_days_check CHECK (keep_audit_days >= 184),
  constraint accounts_keep_days_check CHECK (keep_days > 0),
  constraint accounts_keep_event_days_check CHECK (keep_event_days > 0),
  constraint accounts_kind_check CHECK (kind = ANY (ARRAY['service'::text, 'official'::text, 'miniprogram'::text, 'sandbox'::text])),
  constraint accounts_message_share_percent_check CHECK (message_share_percent >= 0 AND message_share_percent <= 90),
  constraint accounts_quiet CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
  constraint accounts_quota_reserve_percent_check CHECK (quota_reserve_percent >= 0 AND quota_reserve_percent <= 99),
  constraint accounts_rate_per_s_check CHECK (rate_per_s > 0),
  constraint accounts_retry_system_busy_check CHECK (retry_system_busy >= 0 AND retry_system_busy <= 10),
  constraint accounts_state_check CHECK (state = ANY (ARRAY['active'::text, 'paused'::text])),
  constraint accounts_token_source_check CHECK (token_source = ANY (ARRAY['secret'::text, 'url'::text, 'none'::text]))
);
comment on table accounts is 'One appid with its token source and its WeChat address.';
comment on column accounts.keep_event_days is 'Events and receipts of the account; null: as the installation.';
comment on column accounts.keep_audit_days is 'Audit of the account, six months at least; null: as the installation.';

create table alert_channels (
  id bigint generated always as identity,
  kind text not null,
  name text not null,
  lang text not null,
  appids text[],
  target_sealed bytea not null,
  host text not null,
  state text default 'active'::text not null,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  told_at timestamp with time zone,
  failed_at timestamp with time zone,
  failing_since timestamp with time zone,
  failures integer default 0 not null,
  last_error text,
  next_at timestamp with time zone default steady_now() not null,
  constraint alert_channels_pkey PRIMARY KEY (id),
  constraint alert_channels_appids_check CHECK (cardinality(appids) > 0),
  constraint alert_channels_kind_check CHECK (kind = ANY (ARRAY['wecom'::text, 'dingtalk'::text, 'feishu'::text, 'email'::text, 'webhook'::text])),
  constraint alert_channels_lang_check CHECK (lang = ANY (ARRAY['en'::text, 'zh'::text])),
  constraint alert_channels_state_check CHECK (state = ANY (ARRAY['active'::text, 'paused'::text]))
);
comment on column alert_channels.appids is 'Only what is wrong with these accounts; null: all accounts, and the installation.';
comment on column alert_channels.target_sealed is 'Where it leads and with which secrets, as JSON.';
comment on column alert_channels.next_at is 'Steady time: nothing is told through it before, because of its limit or of a failure.';

create table api_keys (
  id text not null,
  name text not null,
  digest bytea not null,
  permissions text[] not null,
  accounts text[],
  rate_per_s integer,
  created_at timestamp with time zone default clock_timestamp() not null,
  created_by text not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  last_used_from text,
  revoked_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_id_check CHECK (id ~ '^[0-9a-f]{12}$'::text),
  constraint api_keys_rate_per_s_check CHECK (rate_per_s > 0)
);

create table api_quotas (
  appid text not null,
  path text not null,
  daily_limit integer,
  limit_source text,
  day date not null,
  leased bigint default 0 not null,
  seen_used bigint default 0 not null,
  seen_leased bigint default 0 not null,
  seen_at timestamp with time zone,
  parked_until timestamp with time zone,
  reserved_until timestamp with time zone,
  probe_owner uuid,
  probe_until timestamp with time zone,
  parked_errcode integer,
  constraint api_quotas_pkey PRIMARY KEY (appid, path),
  constraint api_quotas_check CHECK ((daily_limit IS NULL) = (limit_source IS NULL)),
  constraint api_quotas_daily_limit_check CHECK (daily_limit >= 0),
  constraint api_quotas_limit_source_check CHECK (limit_source = ANY (ARRAY['operator'::text, 'wechat'::text]))
);
comment on table api_quotas is 'Attempts of the day per account and API path, and whether the path is parked.';

create table audit (
  id bigint generated always as identity,
  at timestamp with time zone default clock_timestamp() not null,
  outcome text not null,
  began_id bigint,
  action text not null,
  code text,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  appid text,
  target text,
  input jsonb not null,
  before jsonb,
  after jsonb,
  source text,
  request_id text,
  constraint audit_pkey PRIMARY KEY (id),
  constraint audit_actor_kind_check CHECK (actor_kind = ANY (ARRAY['terminal'::text, 'user'::text, 'key'::text, 'program'::text])),
  constraint audit_outcome_check CHECK (outcome = ANY (ARRAY['began'::text, 'done'::text, 'refused'::text, 'failed'::text]))
);
CREATE INDEX audit_account ON audit USING btree (appid, id);
CREATE INDEX audit_actor ON audit USING btree (actor_kind, actor_id, id);
CREATE INDEX audit_at ON audit USING btree (at);
CREATE INDEX audit_began ON audit USING btree (began_id) WHERE (began_id IS NOT NULL);

create table backup_wanted (
  only_row boolean default true not null,
  due_at timestamp with time zone not null,
  asked_at timestamp with time zone default clock_timestamp() not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  constraint backup_wanted_pkey PRIMARY KEY (only_row),
  constraint backup_wanted_only_row_check CHECK (only_row)
);
comment on table backup_wanted is 'The daily backup that the nodes are asked for; no row: none ever was. Not part of a backup.';
comment on column backup_wanted.due_at is 'The newest time of day for which one is due.';
comment on column backup_wanted.asked_at is 'Since when one has been due without a whole one, or since the newest whole one was followed by the next time.';
comment on column backup_wanted.seen_at is 'When a node with the setting last looked.';

create table backups (
  id bigint generated always as identity,
  due_at timestamp with time zone not null,
  host text not null,
  path text not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  bytes bigint,
  code text,
  constraint backups_pkey PRIMARY KEY (id),
  constraint backups_check CHECK (bytes IS NULL OR ended_at IS NOT NULL AND code IS NULL)
);
comment on table backups is 'Attempts at backups that are made every day, the newest last. Not part of a backup.';

create table callback_counters (
  appid text not null,
  day date not null,
  kind text not null,
  count bigint not null,
  last_at timestamp with time zone default clock_timestamp() not null,
  constraint callback_counters_pkey PRIMARY KEY (appid, day, kind)
);
comment on table callback_counters is 'Callback requests per account and day by what became of them; at most seconds old.';

create table callback_signatures (
  appid text not null,
  signature bytea not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  constraint callback_signatures_pkey PRIMARY KEY (appid, signature)
);
CREATE INDEX callback_signatures_seen_at ON callback_signatures USING btree (seen_at);
comment on table callback_signatures is 'Signatures of plain pushes, which cover no content: one is good for an hour after it was first seen.';

create table campaign_pace (
  campaign_id bigint not null,
  next_slot timestamp with time zone not null,
  constraint campaign_pace_pkey PRIMARY KEY (campaign_id)
) with (fillfactor=50);
comment on table campaign_pace is 'The schedule of a campaign with a rate of its own; its nodes lease slots of it beside those of the account.';

create table campaigns (
  id bigint generated always as identity,
  uuid uuid default gen_random_uuid() not null,
  appid text not null,
  channel text not null,
  state text not null,
  state_reason text,
  state_detail text,
  key text,
  fingerprint text not null,
  template_id text,
  audience jsonb not null,
  message json not null,
  variables text[] not null,
  dedupe text not null,
  on_invalid text not null,
  plan_cursor text,
  plan_bucket smallint default 0 not null,
  audience_count integer default 0 not null,
  planned_count integer default 0 not null,
  duplicate_count integer default 0 not null,
  invalid_count integer default 0 not null,
  no_credit_count integer default 0 not null,
  unfollowed_count integer default 0 not null,
  excluded_count integer default 0 not null,
  probed boolean default false not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  planned_at timestamp with time zone,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  start_at timestamp with time zone,
  valid_until timestamp with time zone,
  linked_to bigint,
  exclusions jsonb default '[]'::jsonb not null,
  bucket_ends integer[] default '{}'::integer[] not null,
  confirmed_by text,
  approved_by text,
  schedule_id bigint,
  auto_confirm boolean default false not null,
  include_no_credit boolean default false not null,
  credit_unknown_count integer default 0 not null,
  credit_none_count integer default 0 not null,
  pruned_at timestamp with time zone,
  pruning boolean default false not null,
  kept_outcomes jsonb,
  content jsonb,
  read_until timestamp with time zone,
  columns text[],
  rate_per_s integer,
  trace text,
  constraint campaigns_pkey PRIMARY KEY (id),
  constraint campaigns_uuid_key UNIQUE (uuid),
  constraint campaigns_channel_check CHECK (channel = ANY (ARRAY['oa-template'::text, 'oa-subscribe'::text, 'oa-once'::text, 'mp-subscribe'::text, 'kf'::text, 'mp-form'::text])),
  constraint campaigns_check CHECK ((state = ANY (ARRAY['staging'::text, 'planning'::text, 'failed'::text, 'cancelled'::text])) OR audience_count = (planned_count + duplicate_count + invalid_count + no_credit_count + unfollowed_count + excluded_count)),
  constraint campaigns_on_invalid_check CHECK (on_invalid = ANY (ARRAY['reject'::text, 'truncate'::text, 'skip'::text])),
  constraint campaigns_rate_per_s_check CHECK (rate_per_s > 0),
  constraint campaigns_state_check CHECK (state = ANY (ARRAY['staging'::text, 'planning'::text, 'planned'::text, 'running'::text, 'paused'::text, 'done'::text, 'cancelled'::text, 'failed'::text]))
);
CREATE INDEX campaigns_fingerprint ON campaigns USING btree (appid, fingerprint, created_at);
CREATE UNIQUE INDEX campaigns_key ON campaigns USING btree (appid, key) WHERE (key IS NOT NULL);
CREATE INDEX campaigns_open ON campaigns USING btree (appid, id) WHERE (state = ANY (ARRAY['planning'::text, 'running'::text]));
CREATE INDEX campaigns_pruning ON campaigns USING btree (id) WHERE pruning;
CREATE INDEX campaigns_unpruned ON campaigns USING btree (finished_at) WHERE ((pruned_at IS NULL) AND (finished_at IS NOT NULL));
comment on table campaigns is 'One message to one audience, with the counts of its plan.';
comment on column campaigns.trace is 'As of messages; its recipients hold nothing.';

create table chunk_receipts (
  campaign_id bigint not null,
  first_no integer not null,
  delivered bit varying not null,
  blocked bit varying not null,
  failed_system bit varying not null,
  failed_frequency bit varying not null,
  failed_other bit varying not null,
  inferred bit varying not null,
  constraint chunk_receipts_pkey PRIMARY KEY (campaign_id, first_no)
) with (fillfactor=50);
comment on table chunk_receipts is 'Which recipients of a chunk have a receipt, and which one: a bit per recipient.';

create table chunks (
  campaign_id bigint not null,
  first_no integer not null,
  last_no integer not null,
  state text default 'open'::text not null,
  epoch integer default 0 not null,
  owner uuid,
  lease_until timestamp with time zone,
  not_before timestamp with time zone,
  watermark integer not null,
  flush_group integer default 0 not null,
  accepted integer default 0 not null,
  rejected integer default 0 not null,
  unknown integer default 0 not null,
  outcomes jsonb default '{}'::jsonb not null,
  first_at timestamp with time zone,
  last_at timestamp with time zone,
  doubt_from timestamp with time zone,
  held integer default 0 not null,
  constraint chunks_pkey PRIMARY KEY (campaign_id, first_no),
  constraint chunks_state_check CHECK (state = ANY (ARRAY['open'::text, 'done'::text]))
) with (fillfactor=50);
CREATE INDEX chunks_held ON chunks USING btree (campaign_id, first_no) WHERE (held > 0);
CREATE INDEX chunks_open ON chunks USING btree (campaign_id, first_no) WHERE (state = 'open'::text);
comment on table chunks is 'The slice of recipients that one claim delivers: lease, epoch, watermark and counts.';
comment on column chunks.doubt_from is 'Whatever was started under this epoch and has no stored fact was started after this; set by each flush.';

create table clock_steps (
  id bigint generated always as identity,
  stepped_by interval not null,
  seen_before timestamp with time zone not null,
  noticed_at timestamp with time zone not null,
  constraint clock_steps_pkey PRIMARY KEY (id)
);
comment on table clock_steps is 'Steps of the database''s clock that nodes have noticed; steps forward are only said.';

create table contacts (
  appid text not null,
  openid text not null,
  follows boolean,
  sync_id bigint,
  first_seen_at timestamp with time zone default clock_timestamp() not null,
  unfollowed_at timestamp with time zone,
  unionid text,
  remark text,
  tag_ids integer[],
  subscribed_at timestamp with time zone,
  subscribe_scene text,
  detailed_at timestamp with time zone,
  follow_event_at timestamp with time zone,
  constraint contacts_pkey PRIMARY KEY (appid, openid)
) with (fillfactor=85);
CREATE INDEX contacts_unionid ON contacts USING btree (appid, unionid) WHERE (unionid IS NOT NULL);
comment on table contacts is 'One openid of one account, with what we know of it.';

create table credit_balances (
  appid text not null,
  openid text not null,
  template_id text not null,
  known boolean default false not null,
  balance integer default 0 not null,
  reserved integer default 0 not null,
  known_since timestamp with time zone,
  last_at timestamp with time zone,
  set_at timestamp with time zone,
  constraint credit_balances_pkey PRIMARY KEY (appid, openid, template_id),
  constraint credit_balances_balance_check CHECK (balance >= 0),
  constraint credit_balances_reserved_check CHECK (reserved >= 0)
) with (fillfactor=70);
comment on table credit_balances is 'What the entries of one person and template add up to, and how much of it is reserved.';

create table credit_entries (
  appid text not null,
  openid text not null,
  template_id text not null,
  key text not null,
  kind text not null,
  delta integer default 0 not null,
  sets integer,
  at timestamp with time zone not null,
  recorded_at timestamp with time zone default clock_timestamp() not null,
  campaign_id bigint,
  no bigint,
  constraint credit_entries_pkey PRIMARY KEY (appid, openid, template_id, key),
  constraint credit_entries_kind_check CHECK (kind = ANY (ARRAY['report'::text, 'popup'::text, 'popup-reject'::text, 'import'::text, 'sent'::text, 'refused'::text, 'change'::text])),
  constraint credit_entries_sets_check CHECK (sets >= 0)
);
comment on table credit_entries is 'What was heard of credits, and when it happened. Appended, never updated.';

create table credit_reservations (
  campaign_id bigint not null,
  no bigint not null,
  appid text not null,
  openid text not null,
  template_id text not null,
  held text default 'open'::text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint credit_reservations_pkey PRIMARY KEY (campaign_id, no),
  constraint credit_reservations_held_check CHECK (held = ANY (ARRAY['open'::text, 'unknown'::text]))
);
CREATE INDEX credit_reservations_unknown ON credit_reservations USING btree (appid, openid, template_id) WHERE (held = 'unknown'::text);
comment on table credit_reservations is 'One credit set aside for one recipient, from before its first attempt until its outcome is known.';

create table credit_rules (
  appid text not null,
  template_id text not null,
  per_period integer not null,
  period_days integer not null,
  constraint credit_rules_pkey PRIMARY KEY (appid, template_id),
  constraint credit_rules_per_period_check CHECK (per_period > 0),
  constraint credit_rules_period_days_check CHECK (period_days > 0)
);
comment on table credit_rules is 'Long-term templates that may be sent to one person so many times in so many days.';

create table drafts (
  id bigint generated always as identity,
  appid text not null,
  name text default ''::text not null,
  request json not null,
  client json default '{}'::json not null,
  revision integer default 1 not null,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  changed_by text not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone not null,
  campaign_id bigint,
  planned_revision integer,
  constraint drafts_pkey PRIMARY KEY (id)
);
CREATE INDEX drafts_appid ON drafts USING btree (appid, id);
CREATE INDEX drafts_expiring ON drafts USING btree (expires_at);
comment on table drafts is 'Campaigns that are still written: as much of a request as is decided. Removed when nobody changed them for 30 days.';
comment on column drafts.client is 'What the program that writes it keeps for itself; never read.';
comment on column drafts.campaign_id is 'What was planned of it last, as of planned_revision.';

create table dropped (
  campaign_id bigint not null,
  seq integer not null,
  line integer not null,
  openid text not null,
  reason text not null,
  code text not null,
  detail text default ''::text not null,
  column_name text,
  words json,
  constraint dropped_reason_check CHECK (reason = ANY (ARRAY['duplicate'::text, 'invalid'::text, 'no_credit'::text, 'unfollowed'::text, 'excluded'::text]))
);
CREATE INDEX dropped_campaign ON dropped USING btree (campaign_id, seq);
comment on table dropped is 'Rows of the audience that the plan left out, each with its reason.';

create table erased_people (
  appid text not null,
  digest bytea not null,
  erased_at timestamp with time zone default clock_timestamp() not null,
  constraint erased_people_pkey PRIMARY KEY (appid, digest)
);
comment on table erased_people is 'Digests of people who were erased, whom no campaign of the account sends to.';

create table events (
  id bigint generated always as identity,
  appid text not null,
  created_at timestamp with time zone not null,
  key text not null,
  received_at timestamp with time zone default clock_timestamp() not null,
  type text not null,
  openid text not null,
  fields jsonb not null,
  pending text[],
  tries smallint default 0 not null,
  raw bytea,
  constraint events_pkey PRIMARY KEY (appid, created_at, key)
) partition by RANGE (created_at);
CREATE INDEX events_pending ON events USING btree (created_at) WHERE (pending IS NOT NULL);
comment on table events is 'Events and users'' messages, each once; a partition for each day, made ahead by the nodes.';

create table exclusions (
  campaign_id bigint not null,
  openid text not null,
  code text not null,
  constraint exclusions_pkey PRIMARY KEY (campaign_id, openid)
);
comment on table exclusions is 'Openids that one campaign leaves out, fetched before it is planned; campaigns are looked up where they are.';

create table facts (
  campaign_id bigint not null,
  at timestamp with time zone not null,
  next_at timestamp with time zone,
  msgid bigint,
  no integer not null,
  errcode integer,
  epoch integer not null,
  flush_group integer not null,
  attempt smallint not null,
  kind smallint not null,
  reason text,
  constraint facts_kind_check CHECK (kind >= 0 AND kind <= 5)
);
CREATE INDEX facts_errcode ON facts USING btree (errcode, at) INCLUDE (campaign_id, no) WHERE (errcode IS NOT NULL);
CREATE INDEX facts_maybe_sent ON facts USING btree (campaign_id, no) WHERE ((kind = 1) AND (reason = 'maybe-sent'::text));
CREATE INDEX facts_msgid ON facts USING btree (msgid) WHERE (msgid IS NOT NULL);
CREATE INDEX facts_recipient ON facts USING btree (campaign_id, no);
CREATE INDEX facts_unsettled ON facts USING btree (campaign_id, no) WHERE ((kind = ANY (ARRAY[2, 3])) OR ((kind = 5) AND (msgid IS NULL)));
comment on table facts is 'What happened to one attempt at one recipient. Appended, never updated.';

create table filters (
  id bigint generated always as identity,
  appid text not null,
  name text not null,
  rules json not null,
  revision integer default 1 not null,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  changed_by text not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  constraint filters_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX filters_name ON filters USING btree (appid, lower(name));
comment on table filters is 'Saved filters over contacts. A campaign keeps the rules that it was made with.';

create table follower_syncs (
  id bigint generated always as identity,
  appid text not null,
  state text default 'running'::text not null,
  next_openid text default ''::text not null,
  pages integer default 0 not null,
  seen integer default 0 not null,
  total integer,
  added integer default 0 not null,
  gone integer default 0 not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  failed_code text,
  constraint follower_syncs_pkey PRIMARY KEY (id),
  constraint follower_syncs_state_check CHECK (state = ANY (ARRAY['running'::text, 'done'::text, 'abandoned'::text]))
);
CREATE INDEX follower_syncs_account ON follower_syncs USING btree (appid, id);
CREATE UNIQUE INDEX follower_syncs_running ON follower_syncs USING btree (appid) WHERE (state = 'running'::text);
comment on table follower_syncs is 'Runs of the follower list with their stored cursor, so that an interrupted one resumes.';

create table form_credits (
  appid text not null,
  form_id text not null,
  openid text not null,
  kind text not null,
  uses_left integer not null,
  reserved integer default 0 not null,
  expires_at timestamp with time zone not null,
  recorded_at timestamp with time zone default clock_timestamp() not null,
  constraint form_credits_pkey PRIMARY KEY (appid, form_id),
  constraint form_credits_kind_check CHECK (kind = ANY (ARRAY['form'::text, 'prepay'::text])),
  constraint form_credits_reserved_check CHECK (reserved >= 0),
  constraint form_credits_uses_left_check CHECK (uses_left >= 0)
) with (fillfactor=70);
CREATE INDEX form_credits_expiry ON form_credits USING btree (expires_at);
CREATE INDEX form_credits_person ON form_credits USING btree (appid, openid, expires_at);
comment on table form_credits is 'Rights to send one person so many retired template messages, until they expire.';

create table form_reservations (
  campaign_id bigint not null,
  no integer not null,
  appid text not null,
  openid text not null,
  form_id text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint form_reservations_pkey PRIMARY KEY (campaign_id, no)
);
comment on table form_reservations is 'The form_id set aside for one recipient, from before its first attempt until its outcome is known.';

create table held_messages (
  message_id bigint not null,
  constraint held_messages_pkey PRIMARY KEY (message_id)
);
comment on table held_messages is 'Single messages that WeChat holds for review, and nobody knows yet what became of them.';

create table idempotency_keys (
  actor text not null,
  key text not null,
  digest bytea not null,
  began_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone default clock_timestamp() + '24:00:00'::interval not null,
  status integer,
  answer text,
  answer_sealed bytea,
  in_flight_until timestamp with time zone default clock_timestamp() + '00:00:15'::interval not null,
  claim_id uuid default gen_random_uuid() not null,
  constraint idempotency_keys_pkey PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_over ON idempotency_keys USING btree (expires_at);
comment on column idempotency_keys.answer_sealed is 'Where request or answer holds a secret: SHA-256 of the request, and the answer, sealed; digest and answer say nothing then.';
comment on column idempotency_keys.in_flight_until is 'Without a status: until then somebody carries it out. Afterwards nobody knows whether it was done.';
comment on column idempotency_keys.claim_id is 'Which request has the key: what another one wanted to say late means nobody.';

create table incident_looks (
  only_row boolean default true not null,
  looked_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  constraint incident_looks_pkey PRIMARY KEY (only_row),
  constraint incident_looks_only_row_check CHECK (only_row)
);
comment on table incident_looks is 'When a node last looked for incidents, steady time; the row is the lock that one looks at a time.';

create table incident_tellings (
  incident_id bigint not null,
  channel_id bigint not null,
  what text not null,
  state text default 'waiting'::text not null,
  attempts integer default 0 not null,
  owner uuid,
  lease_until timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  told_at timestamp with time zone,
  last_error text,
  constraint incident_tellings_pkey PRIMARY KEY (incident_id, channel_id, what),
  constraint incident_tellings_state_check CHECK (state = ANY (ARRAY['waiting'::text, 'told'::text, 'given-up'::text])),
  constraint incident_tellings_what_check CHECK (what = ANY (ARRAY['opened'::text, 'ended'::text]))
);
CREATE INDEX incident_tellings_waiting ON incident_tellings USING btree (channel_id, created_at) WHERE (state = 'waiting'::text);
comment on table incident_tellings is 'That an incident began or ended, to one channel, once.';

create table incidents (
  id bigint generated always as identity,
  kind text not null,
  subject text not null,
  appid text,
  details jsonb not null,
  state text default 'pending'::text not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  opened_at timestamp with time zone,
  gone_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint incidents_pkey PRIMARY KEY (id),
  constraint incidents_check CHECK ((opened_at IS NULL) = (state = 'pending'::text)),
  constraint incidents_check1 CHECK ((ended_at IS NULL) = (state <> 'ended'::text)),
  constraint incidents_state_check CHECK (state = ANY (ARRAY['pending'::text, 'open'::text, 'ended'::text]))
);
CREATE UNIQUE INDEX incidents_current ON incidents USING btree (kind, subject) WHERE (state <> 'ended'::text);
CREATE INDEX incidents_ended ON incidents USING btree (ended_at) WHERE (state = 'ended'::text);
comment on table incidents is 'What a person is needed for, once from its beginning to its end. Pending: too young to be told.';
comment on column incidents.gone_at is 'Since when it is not seen any more; null while it is.';

create table installation (
  id smallint default 1 not null,
  uuid uuid default gen_random_uuid() not null,
  key_id text not null,
  key_check bytea not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  system_identifier text,
  timeline integer,
  oids text,
  history_id uuid default gen_random_uuid() not null,
  history_at timestamp with time zone,
  event_days integer default 90 not null,
  next_key_id text,
  former_key_id text,
  constraint installation_pkey PRIMARY KEY (id),
  constraint installation_event_days_check CHECK (event_days > 0),
  constraint installation_id_check CHECK (id = 1)
);
comment on table installation is 'One row: who this installation is, and a check of its secret key.';
comment on column installation.history_id is 'Another one since each restore or failover that was noticed: names the witness file, and the sessions that were checked.';
comment on column installation.history_at is 'When it began; null: with the database. Of two the later one is in force, and a restore brings back an earlier one.';
comment on column installation.next_key_id is 'A key that some process seals with already, before all is sealed with it; null: only key_id is used.';
comment on column installation.former_key_id is 'The key before; nobody begins to seal with it again.';

create table message_facts (
  message_id bigint not null,
  at timestamp with time zone not null,
  next_at timestamp with time zone,
  msgid bigint,
  errcode integer,
  epoch integer not null,
  attempt smallint not null,
  kind smallint not null,
  node uuid,
  reason text,
  constraint message_facts_kind_check CHECK (kind >= 1 AND kind <= 5)
);
CREATE INDEX message_facts_at ON message_facts USING brin (at);
CREATE INDEX message_facts_errcode ON message_facts USING btree (errcode, at) INCLUDE (message_id) WHERE (errcode IS NOT NULL);
CREATE INDEX message_facts_msgid ON message_facts USING btree (msgid) WHERE (msgid IS NOT NULL);
CREATE UNIQUE INDEX message_facts_once ON message_facts USING btree (message_id, attempt, kind, is_held(kind, reason));
CREATE INDEX message_facts_unsettled ON message_facts USING btree (at) WHERE ((kind = ANY (ARRAY[2, 3])) OR ((kind = 5) AND (msgid IS NULL)));
comment on table message_facts is 'What happened to one attempt at one single message. Appended, never updated.';

create table messages (
  id bigint generated always as identity,
  appid text not null,
  uuid uuid not null,
  channel text not null,
  openid text not null,
  template_id text,
  key text,
  fingerprint bytea not null,
  body json not null,
  valid_until timestamp with time zone,
  created_at timestamp with time zone default clock_timestamp() not null,
  ref text,
  alternatives json,
  replaces bigint,
  trace text,
  constraint messages_pkey PRIMARY KEY (id),
  constraint messages_ref_check CHECK (length(ref) <= 64)
);
CREATE INDEX messages_appid ON messages USING btree (appid, id);
CREATE UNIQUE INDEX messages_key ON messages USING btree (appid, key) WHERE (key IS NOT NULL);
CREATE INDEX messages_openid ON messages USING btree (openid, id);
CREATE INDEX messages_ref ON messages USING btree (ref, id) WHERE (ref IS NOT NULL);
CREATE UNIQUE INDEX messages_replaces ON messages USING btree (replaces) WHERE (replaces IS NOT NULL);
CREATE UNIQUE INDEX messages_uuid ON messages USING btree (uuid);
comment on table messages is 'Single messages as they were asked for. Written once.';
comment on column messages.ref is 'The caller''s own number; not unique.';
comment on column messages.trace is 'traceparent and, after a space, tracestate of the span that stored it, where OpenTelemetry records it; else null.';

create table node_blocks (
  node_id uuid not null,
  appid text not null,
  reason text not null,
  until timestamp with time zone not null,
  ip text,
  constraint node_blocks_pkey PRIMARY KEY (appid, node_id, reason),
  constraint node_blocks_reason_check CHECK (reason = ANY (ARRAY['ip'::text, 'circuit'::text]))
);
comment on table node_blocks is 'Nodes that cannot send for an account: their address is refused, or WeChat does not answer them.';

create unlogged table node_stats (
  node_id uuid not null,
  appid text not null,
  in_flight integer not null,
  window_size integer not null,
  latency_ms real not null,
  at timestamp with time zone default steady_now() not null,
  constraint node_stats_pkey PRIMARY KEY (node_id, appid)
);
comment on table node_stats is 'Messages in flight, window and latency per node and account, written every second.';

create table nodes (
  id uuid not null,
  host text not null,
  pid integer not null,
  role text not null,
  version text not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  seen_at timestamp with time zone default steady_now() not null,
  epoch integer default 1 not null,
  beat bigint default 0 not null,
  lease_until timestamp with time zone,
  confirmed_timeline integer,
  key_ids text[],
  constraint nodes_pkey PRIMARY KEY (id),
  constraint nodes_role_check CHECK (role = ANY (ARRAY['serve'::text, 'worker'::text, 'push'::text, 'demo'::text]))
);
comment on table nodes is 'Processes that deliver. A row not seen for 15 s is a dead node.';
comment on column nodes.confirmed_timeline is 'The timeline of the server on which this node has found again everything that it knew to be stored before.';
comment on column nodes.key_ids is 'Ids of the secret keys that it has, the one that it seals with first; null: of a version that has one.';

create table open_messages (
  message_id bigint not null,
  appid text not null,
  channel text not null,
  owner uuid,
  epoch integer default 0 not null,
  batch integer default 0 not null,
  claimed_at timestamp with time zone,
  ready_at timestamp with time zone default steady_now() not null,
  valid_until timestamp with time zone,
  doubt_from timestamp with time zone,
  attempt smallint default 1 not null,
  counted smallint default 0 not null,
  maybe_sent smallint default 0 not null,
  doubted boolean default false not null,
  include_no_credit boolean default false not null,
  constraint open_messages_pkey PRIMARY KEY (message_id)
);
CREATE INDEX open_messages_expiry ON open_messages USING btree (valid_until) WHERE (valid_until IS NOT NULL);
CREATE INDEX open_messages_owner ON open_messages USING btree (owner, epoch) WHERE (owner IS NOT NULL);
CREATE INDEX open_messages_ready ON open_messages USING btree (appid, channel, ready_at) WHERE (owner IS NULL);
comment on table open_messages is 'Single messages without a final outcome: who has them, or from when they wait for somebody.';

create table password_links (
  digest bytea not null,
  user_id bigint not null,
  expires_at timestamp with time zone not null,
  constraint password_links_pkey PRIMARY KEY (digest)
);
CREATE INDEX password_links_user ON password_links USING btree (user_id);

create table quota_clears (
  appid text not null,
  at timestamp with time zone default clock_timestamp() not null
);
CREATE INDEX quota_clears_appid ON quota_clears USING btree (appid, at);
comment on table quota_clears is 'Calls of clear_quota made by Hongyan; WeChat allows 10 a month, the console included.';

create table receipts (
  appid text not null,
  created_at timestamp with time zone not null,
  received_at timestamp with time zone default clock_timestamp() not null,
  msgid bigint not null,
  campaign_id bigint,
  message_id bigint,
  no integer,
  status smallint not null,
  inferred boolean default false not null,
  openid text not null,
  template_id text,
  detail text,
  constraint receipts_pkey PRIMARY KEY (appid, created_at, msgid),
  constraint receipts_check CHECK ((campaign_id IS NULL) = (no IS NULL) AND (campaign_id IS NULL OR message_id IS NULL)),
  constraint receipts_status_check CHECK (status >= 1 AND status <= 5)
) partition by RANGE (created_at);
CREATE INDEX receipts_message ON receipts USING btree (message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX receipts_recipient ON receipts USING btree (campaign_id, no) WHERE (campaign_id IS NOT NULL);
CREATE INDEX receipts_unmatched ON receipts USING btree (received_at, msgid) WHERE ((campaign_id IS NULL) AND (message_id IS NULL));
comment on table receipts is 'What WeChat said of messages after it had accepted them. Appended; only the match comes later. By month of created_at.';

create table recipients (
  campaign_id bigint not null,
  no integer not null,
  line integer default 0 not null,
  openid text not null,
  vars text,
  ref text,
  constraint recipients_pkey PRIMARY KEY (campaign_id, no)
);
CREATE INDEX recipients_person ON recipients USING btree (hashtextextended(openid, (0)::bigint));
CREATE INDEX recipients_ref ON recipients USING btree (ref) WHERE (ref IS NOT NULL);
comment on table recipients is 'One row of a campaign: whom and with which values. Written once by the plan, never updated.';
comment on column recipients.ref is 'The caller''s own number, from the column ref of its file.';

create table schedule_runs (
  schedule_id bigint not null,
  local_time text not null,
  due_at timestamp with time zone not null,
  state text not null,
  constraint schedule_runs_pkey PRIMARY KEY (schedule_id, local_time),
  constraint schedule_runs_state_check CHECK (state = ANY (ARRAY['started'::text, 'missed'::text]))
);
comment on table schedule_runs is 'A time of a schedule, decided once: started late or in time, or missed because nothing ran within valid_minutes of it.';

create table schedules (
  id bigint generated always as identity,
  appid text not null,
  cron text not null,
  request json not null,
  created_by text default ''::text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  valid_minutes integer default 60 not null,
  looked_until timestamp with time zone default clock_timestamp() not null,
  paused_at timestamp with time zone,
  version integer default 1 not null,
  constraint schedules_pkey PRIMARY KEY (id),
  constraint schedules_valid_minutes_check CHECK (valid_minutes > 0)
);
comment on table schedules is 'Pushes that are repeated by cron.';

create table schema_migrations (
  number integer not null,
  name text not null,
  breaking boolean not null,
  applied_at timestamp with time zone default clock_timestamp() not null,
  constraint schema_migrations_pkey PRIMARY KEY (number)
);

create table sessions (
  digest bytea not null,
  user_id bigint not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone not null,
  source text,
  user_agent text,
  constraint sessions_pkey PRIMARY KEY (digest)
);
CREATE INDEX sessions_user ON sessions USING btree (user_id);

create table source_pages (
  campaign_id bigint not null,
  first_line integer not null,
  last_line integer not null,
  rows bytea not null,
  constraint source_pages_pkey PRIMARY KEY (campaign_id, first_line)
);
comment on table source_pages is 'The rows of a campaign''s file with all their columns, in pages; nothing but an export reads them.';

create table staging (
  campaign_id bigint not null,
  bucket smallint not null,
  seq integer not null,
  rows text storage external not null,
  constraint staging_pkey PRIMARY KEY (campaign_id, bucket, seq)
);
comment on table staging is 'The audience as it came, before duplicates and invalid rows are dropped: rows of one page and bucket together; emptied bucket by bucket.';

create table steady_clock (
  id boolean default true not null,
  ahead interval default '00:00:00'::interval not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  forward_at timestamp with time zone,
  constraint steady_clock_pkey PRIMARY KEY (id),
  constraint steady_clock_id_check CHECK (id)
);
comment on table steady_clock is 'A clock that is never set back. It says nothing of the time of day; leases, slots and whatever else is waited for is kept by it.';

create table stream_log (
  tx xid8 default pg_current_xact_id() not null,
  id bigint generated always as identity,
  at timestamp with time zone default clock_timestamp() not null,
  appid text not null,
  topic text not null,
  ref text not null,
  data jsonb,
  constraint stream_log_pkey PRIMARY KEY (tx, id),
  constraint stream_log_topic_check CHECK (topic = ANY (ARRAY['campaigns'::text, 'events'::text]))
);
comment on table stream_log is 'Changes of the last hour or two, for live streams: campaigns whose state changed, and events.';

create table suppressions (
  appid text not null,
  openid text not null,
  note text default ''::text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint suppressions_pkey PRIMARY KEY (appid, openid)
);
comment on table suppressions is 'Openids that no campaign of the account may send to.';

create table templates (
  appid text not null,
  template_id text not null,
  family text not null,
  title text not null,
  content text not null,
  example text default ''::text not null,
  kind text not null,
  type smallint,
  fields jsonb not null,
  synced_at timestamp with time zone not null,
  gone_at timestamp with time zone,
  constraint templates_pkey PRIMARY KEY (appid, template_id),
  constraint templates_family_check CHECK (family = ANY (ARRAY['template'::text, 'newtmpl'::text])),
  constraint templates_kind_check CHECK (kind = ANY (ARRAY['free'::text, 'typed'::text]))
);
comment on table templates is 'Templates as synced from WeChat, with their fields parsed.';

create table upload_parts (
  upload_id bigint not null,
  no integer not null,
  bytes bytea storage external not null,
  constraint upload_parts_pkey PRIMARY KEY (upload_id, no)
);
comment on table upload_parts is 'The bytes of uploads, in order.';

create table uploads (
  id bigint generated always as identity,
  appid text not null,
  name text not null,
  options json not null,
  ready boolean default false not null,
  bytes bigint default 0 not null,
  summary json,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone not null,
  constraint uploads_pkey PRIMARY KEY (id)
);
CREATE INDEX uploads_expiring ON uploads USING btree (expires_at);
comment on table uploads is 'Files of people that were uploaded, with what was found in them.';

create table users (
  id bigint generated always as identity,
  name text not null,
  role text not null,
  accounts text[],
  password text,
  created_at timestamp with time zone default clock_timestamp() not null,
  created_by text not null,
  disabled_at timestamp with time zone,
  failures integer default 0 not null,
  locked_until timestamp with time zone,
  last_sign_in_at timestamp with time zone,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_role_check CHECK (role = ANY (ARRAY['viewer'::text, 'editor'::text, 'sender'::text, 'approver'::text, 'admin'::text]))
);
CREATE UNIQUE INDEX users_name ON users USING btree (lower(name));

create table webhook_deliveries (
  id uuid default gen_random_uuid() not null,
  webhook_id bigint not null,
  body text not null,
  items integer not null,
  state text default 'pending'::text not null,
  attempts integer default 0 not null,
  last_error text,
  created_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  owner uuid,
  next_at timestamp with time zone default clock_timestamp() not null,
  first_tried_at timestamp with time zone,
  tried_at timestamp with time zone,
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_state_check CHECK (state = ANY (ARRAY['pending'::text, 'delivered'::text, 'dead'::text]))
);
CREATE INDEX webhook_deliveries_delivered ON webhook_deliveries USING btree (webhook_id, ended_at) WHERE (state = 'delivered'::text);
CREATE INDEX webhook_deliveries_open ON webhook_deliveries USING btree (webhook_id, state, next_at) WHERE (state <> 'delivered'::text);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries USING btree (webhook_id, created_at);
comment on table webhook_deliveries is 'One POST to one webhook, with up to 100 items.';

create table webhook_items (
  id bigint generated always as identity,
  webhook_id bigint not null,
  subject text not null,
  msgid bigint,
  behind uuid,
  body text not null,
  created_at timestamp with time zone default clock_timestamp() not null
) with (autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_insert_scale_factor=0.05);
CREATE INDEX webhook_items_next ON webhook_items USING btree (webhook_id, behind, id);
comment on table webhook_items is 'What a webhook is to be told and is in no POST yet.';

create table webhook_messages (
  id bigint generated always as identity,
  message_id bigint not null,
  constraint webhook_messages_pkey PRIMARY KEY (id)
);
comment on table webhook_messages is 'Single messages whose outcome webhooks are still to be told of.';

create table webhook_outbox (
  id bigint generated always as identity,
  campaign_id bigint not null,
  first_no integer,
  state text,
  reason text,
  at timestamp with time zone default clock_timestamp() not null,
  constraint webhook_outbox_pkey PRIMARY KEY (id)
);
comment on table webhook_outbox is 'Changes of campaigns and chunks that webhooks are still to be told of.';

create table webhook_subjects (
  webhook_id bigint not null,
  subject text not null,
  delivery_id uuid not null,
  constraint webhook_subjects_pkey PRIMARY KEY (webhook_id, subject)
) with (autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_insert_scale_factor=0.05);
CREATE INDEX webhook_subjects_delivery ON webhook_subjects USING btree (delivery_id);
comment on table webhook_subjects is 'Who is in a delivery that is still pending: what follows for them waits for its end.';

create table webhook_told (
  campaign_id bigint not null,
  first_no integer not null,
  told bytea not null,
  constraint webhook_told_pkey PRIMARY KEY (campaign_id, first_no)
);
comment on table webhook_told is 'Which outcomes of a chunk webhooks were told.';

create table webhooks (
  id bigint generated always as identity,
  appid text not null,
  url_sealed bytea not null,
  host text not null,
  secret_sealed bytea not null,
  topics text[] not null,
  state text default 'active'::text not null,
  created_by text default ''::text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  delivered_at timestamp with time zone,
  failed_at timestamp with time zone,
  last_error text,
  down_since timestamp with time zone,
  probes integer default 0 not null,
  probe_at timestamp with time zone,
  previous_secret_sealed bytea,
  previous_secret_until timestamp with time zone,
  constraint webhooks_pkey PRIMARY KEY (id),
  constraint webhooks_check CHECK ((previous_secret_sealed IS NULL) = (previous_secret_until IS NULL)),
  constraint webhooks_state_check CHECK (state = ANY (ARRAY['active'::text, 'paused'::text])),
  constraint webhooks_topics_check CHECK (cardinality(topics) > 0)
);
CREATE INDEX webhooks_appid ON webhooks USING btree (appid);
comment on table webhooks is 'URLs of the operator that are told of events and outcomes.';

create table events_default partition of events default;
comment on table events_default is 'Events whose CreateTime lies outside the days for which there is a partition.';

create table receipts_default partition of receipts default;
comment on table receipts_default is 'Receipts of months that have no partition of their own.';

alter table account_callbacks add constraint account_callbacks_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table account_pace add constraint account_pace_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table account_tokens add constraint account_tokens_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table api_quotas add constraint api_quotas_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table audit add constraint audit_began_id_fkey FOREIGN KEY (began_id) REFERENCES audit(id);
alter table campaign_pace add constraint campaign_pace_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE;
alter table campaigns add constraint campaigns_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table campaigns add constraint campaigns_linked_to_fkey FOREIGN KEY (linked_to) REFERENCES campaigns(id) ON DELETE SET NULL;
alter table campaigns add constraint campaigns_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedules(id) ON DELETE SET NULL;
alter table contacts add constraint contacts_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table credit_rules add constraint credit_rules_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table drafts add constraint drafts_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table drafts add constraint drafts_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE SET NULL;
alter table dropped add constraint dropped_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE;
alter table erased_people add constraint erased_people_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table exclusions add constraint exclusions_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE;
alter table filters add constraint filters_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table follower_syncs add constraint follower_syncs_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table incident_tellings add constraint incident_tellings_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES alert_channels(id) ON DELETE CASCADE;
alter table incident_tellings add constraint incident_tellings_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incidents(id) ON DELETE CASCADE;
alter table node_blocks add constraint node_blocks_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table password_links add constraint password_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table quota_clears add constraint quota_clears_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table schedule_runs add constraint schedule_runs_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedules(id) ON DELETE CASCADE;
alter table schedules add constraint schedules_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table sessions add constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table source_pages add constraint source_pages_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE;
alter table staging add constraint staging_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE;
alter table suppressions add constraint suppressions_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table templates add constraint templates_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table upload_parts add constraint upload_parts_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES uploads(id) ON DELETE CASCADE;
alter table uploads add constraint uploads_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;
alter table webhook_deliveries add constraint webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE;
alter table webhooks add constraint webhooks_appid_fkey FOREIGN KEY (appid) REFERENCES accounts(appid) ON DELETE CASCADE;

CREATE TRIGGER account_callbacks_sealed BEFORE INSERT OR UPDATE OF token_sealed, previous_token_sealed, aes_key_sealed, previous_aes_key_sealed, forward_to_sealed ON account_callbacks FOR EACH ROW WHEN (num_nonnulls(new.token_sealed, new.previous_token_sealed, new.aes_key_sealed, new.previous_aes_key_sealed, new.forward_to_sealed) > 0) EXECUTE FUNCTION sealed_with_key_of_now();
CREATE TRIGGER account_tokens_sealed BEFORE INSERT OR UPDATE OF token_sealed ON account_tokens FOR EACH ROW WHEN (new.token_sealed IS NOT NULL) EXECUTE FUNCTION sealed_with_key_of_now();
CREATE TRIGGER accounts_sealed BEFORE INSERT OR UPDATE OF secret_sealed, proxy_sealed ON accounts FOR EACH ROW WHEN (num_nonnulls(new.secret_sealed, new.proxy_sealed) > 0) EXECUTE FUNCTION sealed_with_key_of_now();
CREATE TRIGGER alert_channels_sealed BEFORE INSERT OR UPDATE OF target_sealed ON alert_channels FOR EACH ROW WHEN (new.target_sealed IS NOT NULL) EXECUTE FUNCTION sealed_with_key_of_now();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER campaigns_stream AFTER UPDATE OF state, state_reason ON campaigns FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state OR old.state_reason IS DISTINCT FROM new.state_reason) EXECUTE FUNCTION stream_campaign();
CREATE TRIGGER campaigns_stream_new AFTER INSERT ON campaigns FOR EACH ROW EXECUTE FUNCTION stream_campaign();
CREATE TRIGGER campaigns_tell AFTER UPDATE OF state ON campaigns FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION tell_campaign_state();
CREATE TRIGGER chunks_tell AFTER UPDATE ON chunks FOR EACH ROW WHEN (new.state = 'done'::text AND old.state <> 'done'::text OR old.accepted IS DISTINCT FROM new.accepted OR old.rejected IS DISTINCT FROM new.rejected OR old.unknown IS DISTINCT FROM new.unknown OR old.held IS DISTINCT FROM new.held) EXECUTE FUNCTION tell_chunk_outcomes();
CREATE TRIGGER idempotency_keys_sealed BEFORE INSERT OR UPDATE OF answer_sealed ON idempotency_keys FOR EACH ROW WHEN (new.answer_sealed IS NOT NULL) EXECUTE FUNCTION sealed_with_key_of_now();
CREATE TRIGGER message_facts_tell AFTER INSERT ON message_facts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_message_outcomes();
CREATE TRIGGER webhooks_sealed BEFORE INSERT OR UPDATE OF url_sealed, secret_sealed, previous_secret_sealed ON webhooks FOR EACH ROW WHEN (num_nonnulls(new.url_sealed, new.secret_sealed, new.previous_secret_sealed) > 0) EXECUTE FUNCTION sealed_with_key_of_now();
