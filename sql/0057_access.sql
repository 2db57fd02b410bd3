-- Programs and people that may ask over HTTP.
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
