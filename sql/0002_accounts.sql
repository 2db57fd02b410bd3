-- Accounts: who they are at WeChat, their token, how fast and how much they send, and when not.

create table accounts (
  appid                   text primary key,
  kind                    text not null check (kind in ('service', 'official', 'miniprogram', 'sandbox')),
  name                    text not null default '',
  token_source            text not null check (token_source in ('secret', 'url', 'none')),
  secret_sealed           bytea,                -- appsecret, or the token URL with its credentials
  base_url                text,                 -- null: https://api.weixin.qq.com
  proxy_sealed            bytea,                -- may carry a password
  time_zone               text not null default 'Asia/Shanghai',
  rate_per_s              integer not null default 100 check (rate_per_s > 0),
  state                   text not null default 'active' check (state in ('active', 'paused')),
  state_reason            text,
  created_at              timestamptz not null default clock_timestamp(),
  updated_at              timestamptz not null default clock_timestamp(),
  quota_reset             time not null default '00:00', -- when WeChat's daily counters start again, Asia/Shanghai
  quota_reserve_percent   smallint not null default 5 check (quota_reserve_percent between 0 and 99), -- of the daily limit, kept from campaigns
  quiet_from              time,                 -- no campaign messages from … to …, in the account's zone; may pass midnight
  quiet_to                time,
  fatigue_limit           integer check (fatigue_limit > 0),
  fatigue_days            integer check (fatigue_days > 0),
  approval_above          integer check (approval_above > 0),
  message_share_percent   smallint not null default 20 check (message_share_percent between 0 and 90), -- of the rate, kept for single messages while there are some
  canary_blocked_percent  smallint default 30 check (canary_blocked_percent between 1 and 100), -- so many of the first 1,000 block: a large campaign pauses; null: never
  popup_reject_wipes      boolean not null default false, -- a reject in the consent dialog takes the credits that were there
  retry_system_busy       smallint not null default 2 check (retry_system_busy between 0 and 10), -- repeats of a −1 where WeChat drops none
  keep_days               integer check (keep_days > 0), -- recipients and facts of ended campaigns; null: for ever
  holds_asked_at          timestamptz,          -- when a node last took it on itself to ask WeChat what became of the account's held messages
  canary_held_percent     smallint default 1 check (canary_held_percent between 1 and 100), -- so many of the first 1,000 are held: a large campaign waits for WeChat's verdict; null: never
  test_openids            text[] not null default '{}', -- whom test messages may go to: what somebody who may only test, and an assistant, can reach
  approval_lifted_by      text,                 -- who lifted the limit of approval last …
  approval_before         integer,              -- … and the one that goes on holding for them
  wx_relay                boolean not null default false, -- whether programs that speak WeChat may use the account through us (/wx/{appid}/…)
  check ((token_source = 'none') = (secret_sealed is null)),
  constraint accounts_quiet check ((quiet_from is null) = (quiet_to is null)),
  constraint accounts_fatigue check ((fatigue_limit is null) = (fatigue_days is null))
);
comment on table accounts is 'One appid with its token source and its WeChat address.';

create table account_tokens (
  appid          text primary key references accounts on delete cascade,
  token_sealed   bytea,
  expires_at     timestamptz,
  version        bigint not null default 0,     -- counts refreshes; the write of an old lease holder is refused by it
  refresh_owner  uuid,
  refresh_until  timestamptz
);
comment on table account_tokens is 'The access token of an account, and the lease of the process that is fetching the next one.';

create table account_pace (
  appid           text primary key references accounts on delete cascade,
  next_slot       timestamptz not null,         -- everything before is leased to some node
  window_limit    integer check (window_limit > 0), -- messages in flight over all nodes; null: as many as there are connections
  minute_until    timestamptz,                  -- 45011: no node sends before
  -- A receipt is knowledge: while an account's callback falls behind, its campaigns leave it time.
  callback_share  real not null default 1 check (callback_share > 0 and callback_share <= 1), -- of the rate, at callback_at
  callback_at     timestamptz                   -- when a node last said that it falls behind; null: never
) with (fillfactor = 50);                       -- updated ten times a second and node, in place (HOT)
comment on table account_pace is 'The schedule from which nodes lease the slots in which they send, and the window under it.';

create function callback_share(share real, since timestamptz) returns double precision
language sql stable as $$
  select case when since is null then 1
    else least(1, share + greatest(0, extract(epoch from steady_now() - since)) * 0.05) end::double precision
$$;
comment on function callback_share is 'The share of its rate at which an account sends now: it grows by 5 % a second after its callback fell behind.';

create table api_quotas (
  appid           text not null references accounts on delete cascade,
  path            text not null,                -- API path, e.g. /cgi-bin/message/template/send
  daily_limit     integer check (daily_limit >= 0), -- null: unknown, nothing is withheld before WeChat says 45009
  limit_source    text check (limit_source in ('operator', 'wechat')),
  day             date not null,                -- the quota day that leased counts
  leased          bigint not null default 0,    -- attempts that nodes took for themselves, in blocks
  seen_used       bigint not null default 0,    -- what WeChat said was used …
  seen_leased     bigint not null default 0,    -- … when leased was this
  seen_at         timestamptz,
  parked_until    timestamptz,                  -- 45009; afterwards one probe decides, so it stays set until that succeeds
  reserved_until  timestamptz,                  -- only the reserve is left: campaigns wait
  probe_owner     uuid,
  probe_until     timestamptz,
  parked_errcode  integer,                      -- why: the day's quota (45009), or a limit that was lowered for violations (40251), which a person has to see
  primary key (appid, path),
  check ((daily_limit is null) = (limit_source is null))
);
comment on table api_quotas is 'Attempts of the day per account and API path, and whether the path is parked.';

create table quota_clears (
  appid  text not null references accounts on delete cascade,
  at     timestamptz not null default clock_timestamp()
);
create index quota_clears_appid on quota_clears (appid, at);
comment on table quota_clears is 'Calls of clear_quota made by Hongyan; WeChat allows 10 a month, the console included.';

create table node_blocks (
  node_id  uuid not null,
  appid    text not null references accounts on delete cascade,
  reason   text not null check (reason in ('ip', 'circuit')),
  until    timestamptz not null,                -- then the node tries again
  ip       text,                                -- the address that WeChat saw
  primary key (appid, node_id, reason)
);
comment on table node_blocks is 'Nodes that cannot send for an account: their address is refused, or WeChat does not answer them.';

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

create table templates (
  appid        text not null references accounts on delete cascade,
  template_id  text not null,
  family       text not null check (family in ('template', 'newtmpl')),
  title        text not null,
  content      text not null,
  example      text not null default '',
  kind         text not null check (kind in ('free', 'typed')),
  type         smallint,                        -- newtmpl: 2 one-time, 3 long-term
  fields       jsonb not null,                  -- [{key, label, class, enumValues?}]
  synced_at    timestamptz not null,
  gone_at      timestamptz,                     -- no longer in WeChat's list
  primary key (appid, template_id)
);
comment on table templates is 'Templates as synced from WeChat, with their fields parsed.';
