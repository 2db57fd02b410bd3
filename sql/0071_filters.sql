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

-- People who were erased: no campaign of the account sends to them, and nobody can tell from this who they were.
create table erased_people (
  appid text not null references accounts on delete cascade,
  digest bytea not null,
  erased_at timestamptz not null default clock_timestamp(),
  primary key (appid, digest)
);
comment on table erased_people is 'Digests of people who were erased, whom no campaign of the account sends to.';
create function person_digest(appid text, openid text) returns bytea language sql stable as $$
  select sha256(convert_to((select uuid::text from installation) || ' ' || appid || ' ' || openid, 'UTF8'))
$$;
comment on function person_digest is 'By which an erased person is known again, in this installation only, by whoever has the openid.';
