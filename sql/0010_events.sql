-- What WeChat pushes to the callback URL, and the settings under which it is taken.

create table account_callbacks (
  appid                    text primary key references accounts on delete cascade,
  token_sealed             bytea not null,        -- Token 令牌
  aes_key_sealed           bytea not null,        -- EncodingAESKey
  previous_aes_key_sealed  bytea,                 -- opens what was on its way when the key was changed
  mode                     text not null check (mode in ('plain', 'compatible', 'secure')),
  format                   text not null check (format in ('xml', 'json')),
  public_url               text,                  -- as WeChat knows it; for printing and checking
  forward_to_sealed        bytea,                 -- the existing URL; may carry a secret in its query
  reply                    text not null default 'none',  -- to users' messages: none, transfer, or text:…
  exclusive                boolean not null default false, -- nothing but Hongyan sends for this account
  unsigned_from            cidr[] not null default '{}',  -- whose unsigned pushes are taken (the cloud's)
  changed_at               timestamptz not null default clock_timestamp()
);
comment on table account_callbacks is 'How an account''s pushes come (服务器配置) and what is answered.';

create table events (
  id           bigint generated always as identity,
  appid        text not null,
  created_at   timestamptz not null,              -- the event's CreateTime: a repeat after midnight meets its first
  key          text not null,                     -- with account and second: which event it is
  received_at  timestamptz not null default clock_timestamp(),
  type         text not null,
  openid       text not null,
  fields       jsonb not null,                    -- the decrypted body, values as text
  pending      text[],                            -- what must still follow from it: it could not at once
  tries        smallint not null default 0,
  primary key (appid, created_at, key)
) partition by range (created_at);
create table events_default partition of events default;
create index events_pending on events (created_at) where pending is not null;
comment on table events is 'Events and users'' messages, each once; a partition for each day, made ahead by the nodes.';
comment on table events_default is 'Events whose CreateTime lies outside the days for which there is a partition.';

create table callback_counters (
  appid  text not null,                           -- empty: no account of ours
  day    date not null,                           -- in the account's zone
  kind   text not null,
  count  bigint not null,
  primary key (appid, day, kind)
);
comment on table callback_counters is 'Callback requests per account and day by what became of them; at most seconds old.';

alter table contacts add column follow_event_at timestamptz;  -- CreateTime of the newest event that says whether they follow
alter table installation add column event_days integer not null default 90 check (event_days > 0);  -- events are kept so long
