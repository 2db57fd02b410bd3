-- A person is told when one is needed: what is wrong from when until when (incidents), who is told of it (channels), and what
-- became of each telling.
create table alert_channels (
  id            bigint generated always as identity primary key,
  kind          text not null check (kind in ('wecom', 'dingtalk', 'feishu', 'email', 'webhook')),
  name          text not null,
  lang          text not null check (lang in ('en', 'zh')),
  appids        text[] check (cardinality(appids) > 0),
  target_sealed bytea not null,
  host          text not null,
  state         text not null default 'active' check (state in ('active', 'paused')),
  created_by    text not null,
  created_at    timestamptz not null default clock_timestamp(),
  told_at       timestamptz,
  failed_at     timestamptz,
  failing_since timestamptz,
  failures      integer not null default 0,
  last_error    text,
  next_at       timestamptz not null default steady_now()
);
comment on column alert_channels.appids is 'Only what is wrong with these accounts; null: all accounts, and the installation.';
comment on column alert_channels.target_sealed is 'Where it leads and with which secrets, as JSON.';
comment on column alert_channels.next_at is 'Steady time: nothing is told through it before, because of its limit or of a failure.';

create table incidents (
  id        bigint generated always as identity primary key,
  kind      text not null,
  subject   text not null,
  appid     text,
  details   jsonb not null,
  state     text not null default 'pending' check (state in ('pending', 'open', 'ended')),
  seen_at   timestamptz not null default clock_timestamp(),
  opened_at timestamptz check ((opened_at is null) = (state = 'pending')),
  gone_at   timestamptz,
  ended_at  timestamptz check ((ended_at is null) = (state <> 'ended'))
);
create unique index incidents_current on incidents (kind, subject) where state <> 'ended';
create index incidents_ended on incidents (ended_at) where state = 'ended';
comment on table incidents is 'What a person is needed for, once from its beginning to its end. Pending: too young to be told.';
comment on column incidents.gone_at is 'Since when it is not seen any more; null while it is.';

create table incident_tellings (
  incident_id bigint not null references incidents on delete cascade,
  channel_id  bigint not null references alert_channels on delete cascade,
  what        text not null check (what in ('opened', 'ended')),
  state       text not null default 'waiting' check (state in ('waiting', 'told', 'given-up')),
  attempts    integer not null default 0,
  owner       uuid,
  lease_until timestamptz,
  -- Of the transaction, so that all of one look are in the order of their incidents.
  created_at  timestamptz not null default now(),
  told_at     timestamptz,
  last_error  text,
  primary key (incident_id, channel_id, what)
);
create index incident_tellings_waiting on incident_tellings (channel_id, created_at) where state = 'waiting';
comment on table incident_tellings is 'That an incident began or ended, to one channel, once.';

create table incident_looks (
  only_row  boolean primary key default true check (only_row),
  looked_at timestamptz not null default '-infinity'
);
insert into incident_looks default values;
comment on table incident_looks is 'When a node last looked for incidents, steady time; the row is the lock that one looks at a time.';

-- What keeps the log of the database from being removed. Some services do not let it be seen: then nothing is said of it.
create function kept_log(out slot text, out bytes numeric) returns setof record language plpgsql stable as $$
begin
  return query select s.slot_name::text, pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)
    from pg_replication_slots s where s.restart_lsn is not null;
exception when insufficient_privilege or undefined_function or feature_not_supported or object_not_in_prerequisite_state then return;
end $$;
comment on function kept_log is 'Replication slots, and how much of the log each keeps.';
