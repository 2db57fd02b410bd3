-- When schedules run is decided here, and each run once, by the time that the clocks of the account's zone show.
alter table schedules
  add column valid_minutes  int not null default 60 check (valid_minutes > 0), -- a run may begin so long after its time
  add column looked_until   timestamptz not null default clock_timestamp();    -- runs up to then are decided
comment on table schedules is 'Pushes that are repeated by cron.';

create table schedule_runs (
  schedule_id  bigint not null references schedules on delete cascade,
  local_time   text not null,         -- YYYY-MM-DDTHH:MM on the clocks of the account's zone
  due_at       timestamptz not null,
  state        text not null check (state in ('started', 'missed')),
  primary key (schedule_id, local_time)
);
comment on table schedule_runs is 'A time of a schedule, decided once: started late or in time, or missed because nothing ran within valid_minutes of it.';

-- pg-boss held the clock before.
do $$ begin
  if to_regclass('pgboss.schedule') is not null then
    delete from pgboss.schedule where name = 'schedule';
  end if;
end $$;
