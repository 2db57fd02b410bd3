-- Contacts by what is known of them, under a name.
create table filters (
  id bigint generated always as identity primary key,
  appid text not null references accounts on delete cascade,
  name text not null,
  rules json not null,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  changed_by text not null,
  changed_at timestamptz not null default clock_timestamp()
);
create unique index filters_name on filters (appid, lower(name));
comment on table filters is 'Saved filters over contacts. A campaign keeps the rules that it was made with.';
