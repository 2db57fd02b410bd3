-- Everything lies in schema "hongyan"; the migrator creates it and sets search_path.
-- Every table leads with the account (appid) or the campaign, which belongs to one account.
--
-- Here: who this installation is, whether its database went back, what time it is, and which processes there are.

create table installation (
  id                 smallint primary key default 1 check (id = 1),
  uuid               uuid not null default gen_random_uuid(),
  key_id             text not null,             -- which secret key sealed the secrets of this database
  key_check          bytea not null,            -- a known text sealed with it: another key is refused at start
  created_at         timestamptz not null default clock_timestamp(),
  -- Tells a restored or promoted database from the one that this was: its marks are older than what was sent.
  system_identifier  text,                      -- of the PostgreSQL cluster; a dump restored elsewhere has another one
  timeline           integer,                   -- counts promotions and point-in-time recoveries
  oids               text,                      -- of the database and of this table: a dump restored in their place has others
  history_id         uuid not null default gen_random_uuid(),
  history_at         timestamptz,
  event_days         integer not null default 90 check (event_days > 0)  -- events are kept so long
);
comment on table installation is 'One row: who this installation is, and a check of its secret key.';
comment on column installation.history_id is
  'Another one since each restore or failover that was noticed: names the witness file, and the sessions that were checked.';
comment on column installation.history_at is
  'When it began; null: with the database. Of two the later one is in force, and a restore brings back an earlier one.';

-- Where PostgreSQL does not allow a function, or has none, that part is null.
create function database_position(out system_identifier text, out timeline integer, out lsn text)
language plpgsql stable as $$
begin
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
end $$;
comment on function database_position is 'Which cluster this is, on which timeline, and how far its log is on disk.';

create function on_checked_session() returns boolean language plpgsql stable as $$
begin
  if nullif(current_setting('hongyan.history', true), '')::uuid is distinct from (select history_id from installation) then
    raise exception 'nobody has checked through this session whether the database went back'
      using errcode = '57H01';
  end if;
  return true;
end $$;
comment on function on_checked_session is
  'True; an error in a session through which nobody looked for a restore: of a server that came behind a proxy''s back, or of before one.';

-- A statement that is repeated until it is answered must not begin anew in a database that has forgotten its first try.
create function in_history(expected uuid) returns boolean language plpgsql stable as $$
begin
  if expected is distinct from (select history_id from installation) then
    raise exception 'the database was restored or failed over since this was begun' using errcode = '57H04';
  end if;
  return on_checked_session();
end $$;
comment on function in_history is
  'True; an error in another history than the one that is expected, or in a session through which nobody looked for a restore.';

-- The database's clock may be set, in either direction. Waits and ages must survive that.

create table steady_clock (
  id          boolean primary key default true check (id), -- one row
  ahead       interval not null default '0',                -- of the wall clock: what that was set back by, all in all
  seen_at     timestamptz not null default clock_timestamp(), -- steady time as a node last saw it
  forward_at  timestamptz                                   -- when a step forward was written down last, by the wall clock
);
comment on table steady_clock is 'A clock that is never set back. It says nothing of the time of day; leases, slots and whatever else is waited for is kept by it.';
insert into steady_clock default values;

create table clock_steps (
  id           bigint generated always as identity primary key,
  stepped_by   interval not null,               -- negative: the database's clock was set back
  seen_before  timestamptz not null,            -- what the wall clock had shown, a few seconds before at most
  noticed_at   timestamptz not null
);
comment on table clock_steps is 'Steps of the database''s clock that nodes have noticed; steps forward are only said.';

-- Between a step back and the first look after it this stands still, for some seconds at most.
create function steady_now() returns timestamptz language sql volatile
  as $$ select greatest(clock_timestamp() + ahead, seen_at) from steady_clock $$;
comment on function steady_now is 'Now by the steady clock. In a statement over many rows: (select steady_now()), which is asked once.';

create function wall_now() returns timestamptz language sql volatile
  as $$ select greatest(clock_timestamp(), seen_at - ahead) from steady_clock $$;
comment on function wall_now is 'Now by the wall clock, not before what was seen of it since it was last set back.';

create function wall_of(steady timestamptz) returns timestamptz language sql stable
  as $$ select steady - ahead from steady_clock $$;
comment on function wall_of is 'What the wall clock shows at a steady time; for people.';

create function steady_of(wall timestamptz) returns timestamptz language sql stable
  as $$ select wall + ahead from steady_clock $$;
comment on function steady_of is 'The steady time at which the wall clock will show this, unless it is set before.';

create function set_back_since(at timestamptz) returns interval language sql stable
  as $$ select coalesce(sum(-stepped_by), '0') from clock_steps where stepped_by < '0' and seen_before > at $$;
comment on function set_back_since is 'By how much the wall clock was set back after it showed this; what lies between two readings of the same time counts as before.';

create function passed_since(at timestamptz) returns interval language sql volatile
  as $$ select wall_now() - at + set_back_since(at) $$;
comment on function passed_since is 'How much time has passed since the wall clock showed this: never less than has, and more where the clock showed it twice.';

-- pg-boss keeps all its times by a function of its own. It gets a constant, so that its plans stay as they were.
create function set_job_clock() returns void language plpgsql set search_path = hongyan as $$
declare
  ahead constant interval := (select c.ahead from steady_clock c);
begin
  if ahead > '0' and to_regprocedure('pgboss.job_now()') is not null then
    execute format('create or replace function pgboss.job_now() returns timestamptz language sql stable as %L',
      format('select pg_catalog.now() + %L::interval', ahead));
  end if;
end $$;
comment on function set_job_clock is 'Has pg-boss keep time by the steady clock; after each step back, and after pg-boss was installed.';

create function note_clock(out steady timestamptz, out wall timestamptz, out stepped_by interval) language plpgsql as $$
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
end $$;
comment on function note_clock is 'Looks at the clock: writes down how far it is, or that it was set back (stepped_by, once for all nodes).';

create table nodes (
  id           uuid primary key,
  host         text not null,
  pid          integer not null,
  role         text not null check (role in ('serve', 'push', 'demo')),
  version      text not null,
  started_at   timestamptz not null default clock_timestamp(),
  seen_at      timestamptz not null default steady_now(),
  epoch        integer not null default 1,      -- counts the leases of this node; part of every claim of a message
  beat         bigint  not null default 0,      -- counts its renewals; the node knows how far it was, also when the database forgot
  lease_until  timestamptz                      -- afterwards any other node may raise the epoch and take over; null: no messages
);
comment on table nodes is 'Processes that deliver. A row not seen for 15 s is a dead node.';

create unlogged table node_stats (               -- a crash may forget it: it is a second old at most
  node_id      uuid not null,
  appid        text not null,
  in_flight    integer not null,
  window_size  integer not null,
  latency_ms   real not null,                    -- smoothed time of an answer
  at           timestamptz not null default steady_now(),
  primary key (node_id, appid)
);
comment on table node_stats is 'Messages in flight, window and latency per node and account, written every second.';
