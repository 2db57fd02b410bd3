-- Everything lies in schema "hongyan"; the migrator creates it and sets search_path.
-- Every table leads with the account (appid) or the campaign, which belongs to one account.

create table installation (
  id          smallint primary key default 1 check (id = 1),
  uuid        uuid not null default gen_random_uuid(),
  key_id      text not null,          -- which secret key sealed the secrets of this database
  key_check   bytea not null,         -- a known text sealed with it: another key is refused at start
  created_at  timestamptz not null default clock_timestamp()
);
comment on table installation is 'One row: who this installation is, and a check of its secret key.';

create table accounts (
  appid          text primary key,
  kind           text not null check (kind in ('service', 'official', 'miniprogram', 'sandbox')),
  name           text not null default '',
  token_source   text not null check (token_source in ('secret', 'url', 'none')),
  secret_sealed  bytea,               -- appsecret, or the token URL with its credentials
  base_url       text,                -- null: https://api.weixin.qq.com
  proxy_sealed   bytea,               -- may carry a password
  time_zone      text not null default 'Asia/Shanghai',
  rate_per_s     integer not null default 100 check (rate_per_s > 0),
  state          text not null default 'active' check (state in ('active', 'paused')),
  state_reason   text,
  created_at     timestamptz not null default clock_timestamp(),
  updated_at     timestamptz not null default clock_timestamp(),
  check ((token_source = 'none') = (secret_sealed is null))
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
  primary key (appid, openid)
) with (fillfactor = 85);                       -- a re-sync updates sync_id in place (HOT)
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
  finished_at  timestamptz
);
create unique index follower_syncs_running on follower_syncs (appid) where state = 'running';
comment on table follower_syncs is 'Runs of the follower list with their stored cursor, so that an interrupted one resumes.';

create table campaigns (
  id              bigint generated always as identity primary key,
  uuid            uuid not null default gen_random_uuid() unique,
  appid           text not null references accounts on delete cascade,
  channel         text not null check (channel in ('oa-template', 'oa-subscribe', 'oa-once', 'mp-subscribe', 'kf', 'mp-form')),
  state           text not null check (state in ('staging', 'planning', 'planned', 'running', 'paused', 'done', 'cancelled', 'failed')),
  state_reason    text,                         -- a code: why it is paused, cancelled or failed
  state_detail    text,                         -- the words that belong to it
  key             text,                         -- the caller's idempotency key
  fingerprint     text not null,                -- account, message and audience: finds an accidental second run
  template_id     text,
  audience        jsonb not null,
  message         json not null,                -- the wire body with {{variables}}, without touser; json keeps the order of its keys
  variables       text[] not null,              -- names that the message uses; recipients.vars is in this order
  dedupe          text not null,                -- openid, row, none or column:NAME
  on_invalid      text not null check (on_invalid in ('reject', 'truncate', 'skip')),
  plan_cursor     text,                         -- last openid taken from the contacts, or the tag page
  plan_bucket     smallint not null default 0,  -- buckets done
  audience_count    integer not null default 0,
  planned_count     integer not null default 0,
  duplicate_count   integer not null default 0,
  invalid_count     integer not null default 0,
  no_credit_count   integer not null default 0,
  unfollowed_count  integer not null default 0,
  excluded_count    integer not null default 0,
  probed          boolean not null default false, -- its first answers were seen; other chunks may open
  created_at      timestamptz not null default clock_timestamp(),
  planned_at      timestamptz,
  started_at      timestamptz,
  finished_at     timestamptz,
  check (state in ('staging', 'planning', 'failed', 'cancelled') or audience_count =
         planned_count + duplicate_count + invalid_count + no_credit_count + unfollowed_count + excluded_count)
);
create unique index campaigns_key on campaigns (appid, key) where key is not null;
create index campaigns_fingerprint on campaigns (appid, fingerprint, created_at);
create index campaigns_open on campaigns (appid, id) where state in ('planning', 'running');
comment on table campaigns is 'One message to one audience, with the counts of its plan.';

create table staging (
  campaign_id  bigint not null references campaigns on delete cascade,
  bucket       smallint not null,               -- hash of the dedupe key, 0-63: equal keys meet in one bucket
  seq          integer not null,                -- order in the audience; the first row wins
  line         integer not null,                -- line of the file, 0 when there is none
  openid       text not null,
  dedupe_key   text,                            -- null: the openid
  vars         text,                            -- JSON array in the order of campaigns.variables
  primary key (campaign_id, bucket, seq)
);
comment on table staging is 'The audience as it came, before duplicates and invalid rows are dropped; emptied bucket by bucket.';

create table dropped (
  campaign_id  bigint not null references campaigns on delete cascade,
  seq          integer not null,
  line         integer not null,
  openid       text not null,
  reason       text not null check (reason in ('duplicate', 'invalid', 'no_credit', 'unfollowed', 'excluded')),
  code         text not null,
  detail       text not null default '',
  column_name  text                             -- of the file, where one cell is to blame
);
create index dropped_campaign on dropped (campaign_id, seq);
comment on table dropped is 'Rows of the audience that the plan left out, each with its reason.';

create table recipients (
  campaign_id  bigint not null,                 -- no foreign key: it would be checked for each of millions of rows
  no           integer not null,                -- 1..planned_count
  line         integer not null default 0,      -- line of the file, 0 when there is none
  openid       text not null,
  vars         text,                            -- JSON array in the order of campaigns.variables
  primary key (campaign_id, no)
);
comment on table recipients is 'One row of a campaign: whom and with which values. Written once by the plan, never updated.';

create table nodes (
  id          uuid primary key,
  host        text not null,
  pid         integer not null,
  role        text not null check (role in ('serve', 'push', 'demo')),
  version     text not null,
  started_at  timestamptz not null default clock_timestamp(),
  seen_at     timestamptz not null default clock_timestamp()
);
comment on table nodes is 'Processes that deliver. A row not seen for 15 s is a dead node.';

create table chunks (
  campaign_id  bigint not null,
  first_no     integer not null,
  last_no      integer not null,
  state        text not null default 'open' check (state in ('open', 'done')),
  epoch        integer not null default 0,      -- counts claims; a flush under an old epoch moves nothing
  owner        uuid,
  lease_until  timestamptz,
  not_before   timestamptz,                    -- only retries are left, and the first of them is due then
  watermark    integer not null,                -- last number whose first attempt may have started
  flush_group  integer not null default 0,      -- last group of facts appended under this epoch
  accepted     integer not null default 0,
  rejected     integer not null default 0,
  unknown      integer not null default 0,
  outcomes     jsonb not null default '{}',     -- {"rejected":{"43101":7},"unknown":{"timeout":1},"unsent":{"-1":2}}
  first_at     timestamptz,
  last_at      timestamptz,
  primary key (campaign_id, first_no)
) with (fillfactor = 50);                       -- every flush updates its row in place (HOT)
create index chunks_open on chunks (campaign_id, first_no) where state = 'open';
comment on table chunks is 'The slice of recipients that one claim delivers: lease, epoch, watermark and counts.';

-- kind is a number because facts are the largest table and because the strongest fact is the state of a recipient:
-- 0 started, 1 retry, 2 in_doubt, 3 unknown, 4 rejected, 5 accepted; see fact_strength.
create table facts (
  campaign_id  bigint not null,
  at           timestamptz not null,
  next_at      timestamptz,                     -- with retry: when it is tried again
  msgid        bigint,
  no           integer not null,
  errcode      integer,
  epoch        integer not null,
  flush_group  integer not null,
  attempt      smallint not null,
  kind         smallint not null check (kind between 0 and 5),
  reason       text                             -- why there is no errcode: timeout, reset, gateway, unparsable, crash, connect, token
);
create index facts_recipient on facts (campaign_id, no);
comment on table facts is 'What happened to one attempt at one recipient. Appended, never updated.';
