-- Campaigns that come back by themselves.

create table schedules (
  id          bigint generated always as identity primary key,
  appid       text not null references accounts on delete cascade,
  cron        text not null,                    -- five fields, in the account's zone
  request     json not null,                    -- what push was asked for
  created_by  text not null default '',
  created_at  timestamptz not null default clock_timestamp()
);
comment on table schedules is 'Pushes that are repeated by cron; pg-boss holds the clock.';

alter table campaigns
  add column schedule_id   bigint references schedules on delete set null,
  add column auto_confirm  boolean not null default false; -- nobody is there to be asked: it runs once it is planned
