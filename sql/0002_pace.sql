-- Pacing and quotas: when the next message of an account may leave, and how many of the day are left.

alter table accounts
  add column quota_reset time not null default '00:00',          -- when WeChat's daily counters start again, Asia/Shanghai
  add column quota_reserve_percent smallint not null default 5   -- of the daily limit, kept from campaigns
    check (quota_reserve_percent between 0 and 99);

create table account_pace (
  appid         text primary key references accounts on delete cascade,
  next_slot     timestamptz not null,           -- everything before is leased to some node
  window_limit  integer check (window_limit > 0), -- messages in flight over all nodes; null: as many as there are connections
  minute_until  timestamptz                     -- 45011: no node sends before
) with (fillfactor = 50);                       -- updated ten times a second and node, in place (HOT)
comment on table account_pace is 'The schedule from which nodes lease the slots in which they send, and the window under it.';

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
  primary key (appid, path),
  check ((daily_limit is null) = (limit_source is null))
);
comment on table api_quotas is 'Attempts of the day per account and API path, and whether the path is parked.';

create table node_blocks (
  node_id  uuid not null,
  appid    text not null references accounts on delete cascade,
  reason   text not null check (reason in ('ip', 'circuit')),
  until    timestamptz not null,                -- then the node tries again
  ip       text,                                -- the address that WeChat saw
  primary key (appid, node_id, reason)
);
comment on table node_blocks is 'Nodes that cannot send for an account: their address is refused, or WeChat does not answer them.';

create table quota_clears (
  appid  text not null references accounts on delete cascade,
  at     timestamptz not null default clock_timestamp()
);
create index quota_clears_appid on quota_clears (appid, at);
comment on table quota_clears is 'Calls of clear_quota made by Hongyan; WeChat allows 10 a month, the console included.';
