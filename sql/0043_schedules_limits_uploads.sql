-- Schedules can rest, and nobody lifts the limit of approval for themselves.
alter table schedules add column paused_at timestamptz, add column version integer not null default 1;
-- Who lifted the limit last, and the one that goes on holding for them.
alter table accounts add column approval_lifted_by text, add column approval_before integer;
-- Files of people, as they came, until a campaign has read them or their time is over.
create table uploads (
  id bigint generated always as identity primary key,
  appid text not null references accounts on delete cascade,
  name text not null,
  options json not null,
  ready boolean not null default false,
  bytes bigint not null default 0,
  summary json,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index uploads_expiring on uploads (expires_at);
comment on table uploads is 'Files of people that were uploaded, with what was found in them.';
create table upload_parts (
  upload_id bigint not null references uploads on delete cascade,
  no integer not null,
  bytes bytea not null,
  primary key (upload_id, no)
);
-- Most of them are compressed already, or cost more than they give.
alter table upload_parts alter column bytes set storage external;
comment on table upload_parts is 'The bytes of uploads, in order.';
