-- Who is left out, and when a campaign may send.

alter table accounts
  add column quiet_from      time,              -- no campaign messages from … to …, in the account's zone; may pass midnight
  add column quiet_to        time,
  add column fatigue_limit   integer check (fatigue_limit > 0),
  add column fatigue_days    integer check (fatigue_days > 0),
  add column approval_above  integer check (approval_above > 0),
  add constraint accounts_quiet check ((quiet_from is null) = (quiet_to is null)),
  add constraint accounts_fatigue check ((fatigue_limit is null) = (fatigue_days is null));

alter table campaigns
  add column start_at      timestamptz,         -- not before
  add column valid_until   timestamptz,         -- what is late is not sent
  add column linked_to     bigint references campaigns on delete set null, -- the campaign that it sends to again
  add column exclusions    jsonb not null default '[]',
  add column bucket_ends   integer[] not null default '{}', -- planned_count after each bucket: finds an openid without an index
  add column confirmed_by  text,
  add column approved_by   text;

create table suppressions (
  appid       text not null references accounts on delete cascade,
  openid      text not null,
  note        text not null default '',
  created_at  timestamptz not null default clock_timestamp(),
  primary key (appid, openid)
);
comment on table suppressions is 'Openids that no campaign of the account may send to.';

create table exclusions (
  campaign_id  bigint not null references campaigns on delete cascade,
  openid       text not null,
  code         text not null,                   -- excluded-tag, excluded-file
  primary key (campaign_id, openid)
);
comment on table exclusions is 'Openids that one campaign leaves out, fetched before it is planned; campaigns are looked up where they are.';

create function is_quiet(quiet_from time, quiet_to time, time_zone text) returns boolean
language sql stable as $$
  select case
    when quiet_from is null then false
    when quiet_from <= quiet_to then
      (clock_timestamp() at time zone time_zone)::time >= quiet_from and (clock_timestamp() at time zone time_zone)::time < quiet_to
    else
      (clock_timestamp() at time zone time_zone)::time >= quiet_from or (clock_timestamp() at time zone time_zone)::time < quiet_to
  end
$$;
comment on function is_quiet is 'Whether it is now a quiet hour of an account.';

create function may_send(start_at timestamptz, valid_until timestamptz, quiet_from time, quiet_to time, time_zone text) returns boolean
language sql stable as $$
  select (start_at is null or start_at <= clock_timestamp())
    and (valid_until is null or valid_until > clock_timestamp())
    and not is_quiet(quiet_from, quiet_to, time_zone)
$$;
comment on function may_send is 'Whether a running campaign may send at this moment: its own times and the quiet hours of its account.';
