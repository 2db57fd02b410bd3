-- Programs and people that may ask, what they were answered, and what they changed.

create table api_keys (
  -- Part of the key itself, so that it can be found without its secret.
  id text primary key check (id ~ '^[0-9a-f]{12}$'),
  name text not null,
  -- SHA-256 of the secret. The secret is 32 random bytes, so nobody can try them all, however fast the digest is.
  digest bytea not null,
  permissions text[] not null,
  -- Null: every account, those to come included.
  accounts text[],
  rate_per_s integer check (rate_per_s > 0),
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  expires_at timestamptz,
  -- To the minute.
  last_used_at timestamptz,
  last_used_from text,
  revoked_at timestamptz
);

create table users (
  id bigint generated always as identity primary key,
  name text not null,
  role text not null check (role in ('viewer', 'editor', 'sender', 'approver', 'admin')),
  accounts text[],
  -- scrypt, with its parameters and salt; null until the first link is used.
  password text,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  disabled_at timestamptz,
  -- Wrong passwords since the last right one, and until when none is looked at.
  failures integer not null default 0,
  locked_until timestamptz,
  last_sign_in_at timestamptz
);
create unique index users_name on users (lower(name));

-- A link that sets a password once.
create table password_links (
  -- SHA-256 of what the link holds.
  digest bytea primary key,
  user_id bigint not null references users on delete cascade,
  expires_at timestamptz not null
);
create index password_links_user on password_links (user_id);

create table sessions (
  -- SHA-256 of the cookie.
  digest bytea primary key,
  user_id bigint not null references users on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  source text,
  user_agent text
);
create index sessions_user on sessions (user_id);

-- Answers of creating requests whose key is not kept by what they made: for 24 hours the same request has the same answer.
create table idempotency_keys (
  -- Who sent it; two callers do not share keys.
  actor text not null,
  key text not null,
  -- SHA-256 of route, parameters and body.
  digest bytea not null,
  began_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '24 hours',
  -- Null while it is carried out, and for ever where the process ended before it was over.
  status integer,
  answer text,
  primary key (actor, key)
);
create index idempotency_keys_over on idempotency_keys (expires_at);

-- What people and programs changed, and were refused: control plane only, one row per action and outcome.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  -- `began` is written before a change, the other ones after it: a `began` without another row was interrupted.
  outcome text not null check (outcome in ('began', 'done', 'refused', 'failed')),
  -- The row that says when it began; null where nothing is written beforehand.
  began_id bigint references audit,
  action text not null,
  -- Code of docs/errors.md, of `refused` and `failed`.
  code text,
  actor_kind text not null check (actor_kind in ('terminal', 'user', 'key', 'program')),
  actor_id text not null,
  actor_name text not null,
  appid text,
  -- What it was done to: a number or a name within the account.
  target text,
  -- Never secrets: every action names the fields of its input that are kept.
  input jsonb not null,
  before jsonb,
  after jsonb,
  -- Address of the caller, or host of the terminal.
  source text,
  request_id text
);
create index audit_account on audit (appid, id);
create index audit_actor on audit (actor_kind, actor_id, id);
create index audit_began on audit (began_id) where began_id is not null;
-- What is over its time is looked for once an hour.
create index audit_at on audit (at);

-- Rows go when their time is over, and no earlier: after 365 days, unless whoever removes them says otherwise.
create function audit_is_append_only() returns trigger language plpgsql as $$
declare
  keep_days integer := coalesce(nullif(current_setting('hongyan.audit_keep_days', true), '')::integer, 365);
begin
  if tg_op = 'DELETE' then
    if old.at < clock_timestamp() - make_interval(days => greatest(keep_days, 30)) then
      return old;
    end if;
  end if;
  raise exception 'audit rows are never changed, and removed only when their time is over';
end
$$;
create trigger audit_append_only before update or delete on audit for each row execute function audit_is_append_only();
create trigger audit_no_truncate before truncate on audit for each statement execute function audit_is_append_only();
