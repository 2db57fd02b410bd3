-- Contacts: the people of an account, who of them is left out, and who is forgotten.

create table contacts (
  appid            text not null references accounts on delete cascade,
  openid           text not null,
  follows          boolean,                     -- null: nobody told us (Mini Programs, imports)
  sync_id          bigint,                      -- the last follower sync that saw it
  first_seen_at    timestamptz not null default clock_timestamp(),
  unfollowed_at    timestamptz,
  unionid          text,
  remark           text,
  tag_ids          integer[],
  subscribed_at    timestamptz,
  subscribe_scene  text,
  detailed_at      timestamptz,                 -- when user/info last told us the five columns above
  follow_event_at  timestamptz,                 -- CreateTime of the newest event that says whether they follow
  primary key (appid, openid)
) with (fillfactor = 85);                       -- a re-sync updates sync_id in place (HOT)
-- Who has this unionid: asked by people and programs. Only followers whose details were fetched have one.
create index contacts_unionid on contacts (appid, unionid) where unionid is not null;
comment on table contacts is 'One openid of one account, with what we know of it.';

create table follower_syncs (
  id           bigint generated always as identity primary key,
  appid        text not null references accounts on delete cascade,
  state        text not null default 'running' check (state in ('running', 'done', 'abandoned')),
  next_openid  text not null default '',        -- cursor: the next page starts after it
  pages        integer not null default 0,      -- user/get calls made; WeChat allows 500 a day
  seen         integer not null default 0,
  total        integer,                         -- what WeChat says
  added        integer not null default 0,
  gone         integer not null default 0,
  started_at   timestamptz not null default clock_timestamp(),
  finished_at  timestamptz,
  failed_code  text                             -- why it did not come to its end, for whoever did not wait for it; a code of docs/errors.md
);
create unique index follower_syncs_running on follower_syncs (appid) where state = 'running';
create index follower_syncs_account on follower_syncs (appid, id);
comment on table follower_syncs is 'Runs of the follower list with their stored cursor, so that an interrupted one resumes.';

create table filters (
  id bigint generated always as identity primary key,
  appid text not null references accounts on delete cascade,
  name text not null,
  rules json not null,
  revision integer not null default 1,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  changed_by text not null,
  changed_at timestamptz not null default clock_timestamp()
);
create unique index filters_name on filters (appid, lower(name));
comment on table filters is 'Saved filters over contacts. A campaign keeps the rules that it was made with.';

create table suppressions (
  appid       text not null references accounts on delete cascade,
  openid      text not null,
  note        text not null default '',
  created_at  timestamptz not null default clock_timestamp(),
  primary key (appid, openid)
);
comment on table suppressions is 'Openids that no campaign of the account may send to.';

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
