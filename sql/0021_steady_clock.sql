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

alter table nodes alter column seen_at set default steady_now();
alter table open_messages alter column ready_at set default steady_now();
alter table node_stats alter column at set default steady_now();

create or replace function callback_share(share real, since timestamptz) returns double precision
language sql stable as $$
  select case when since is null then 1
    else least(1, share + greatest(0, extract(epoch from steady_now() - since)) * 0.05) end::double precision
$$;
