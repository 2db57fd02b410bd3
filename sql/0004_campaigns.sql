-- Campaigns up to their plan: schedules and drafts that make them, files that people give, and who is left out.

create table schedules (
  id             bigint generated always as identity primary key,
  appid          text not null references accounts on delete cascade,
  cron           text not null,                 -- five fields, in the account's zone
  request        json not null,                 -- what push was asked for
  created_by     text not null default '',
  created_at     timestamptz not null default clock_timestamp(),
  valid_minutes  int not null default 60 check (valid_minutes > 0), -- a run may begin so long after its time
  looked_until   timestamptz not null default clock_timestamp(),    -- runs up to then are decided
  paused_at      timestamptz,
  version        integer not null default 1
);
comment on table schedules is 'Pushes that are repeated by cron.';

-- When schedules run is decided here, and each run once, by the time that the clocks of the account's zone show.
create table schedule_runs (
  schedule_id  bigint not null references schedules on delete cascade,
  local_time   text not null,         -- YYYY-MM-DDTHH:MM on the clocks of the account's zone
  due_at       timestamptz not null,
  state        text not null check (state in ('started', 'missed')),
  primary key (schedule_id, local_time)
);
comment on table schedule_runs is 'A time of a schedule, decided once: started late or in time, or missed because nothing ran within valid_minutes of it.';

create table campaigns (
  id                    bigint generated always as identity primary key,
  uuid                  uuid not null default gen_random_uuid() unique,
  appid                 text not null references accounts on delete cascade,
  channel               text not null check (channel in ('oa-template', 'oa-subscribe', 'oa-once', 'mp-subscribe', 'kf', 'mp-form')),
  state                 text not null check (state in ('staging', 'planning', 'planned', 'running', 'paused', 'done', 'cancelled', 'failed')),
  state_reason          text,                   -- a code: why it is paused, cancelled or failed
  state_detail          text,                   -- the words that belong to it
  key                   text,                   -- the caller's idempotency key
  fingerprint           text not null,          -- account, message and audience: finds an accidental second run
  template_id           text,
  audience              jsonb not null,
  message               json not null,          -- the wire body with {{variables}}, without touser; json keeps the order of its keys
  variables             text[] not null,        -- names that the message uses; recipients.vars is in this order
  dedupe                text not null,          -- openid, row, none or column:NAME
  on_invalid            text not null check (on_invalid in ('reject', 'truncate', 'skip')),
  plan_cursor           text,                   -- last openid taken from the contacts, or the tag page
  plan_bucket           smallint not null default 0, -- buckets done
  audience_count        integer not null default 0,
  planned_count         integer not null default 0,
  duplicate_count       integer not null default 0,
  invalid_count         integer not null default 0,
  no_credit_count       integer not null default 0,
  unfollowed_count      integer not null default 0,
  excluded_count        integer not null default 0,
  probed                boolean not null default false, -- its first answers were seen; other chunks may open
  created_at            timestamptz not null default clock_timestamp(),
  planned_at            timestamptz,
  started_at            timestamptz,
  finished_at           timestamptz,
  start_at              timestamptz,            -- not before
  valid_until           timestamptz,            -- what is late is not sent
  linked_to             bigint references campaigns on delete set null, -- the campaign that it sends to again
  exclusions            jsonb not null default '[]',
  bucket_ends           integer[] not null default '{}', -- planned_count after each bucket: finds an openid without an index
  confirmed_by          text,
  approved_by           text,
  schedule_id           bigint references schedules on delete set null,
  auto_confirm          boolean not null default false, -- nobody is there to be asked: it runs once it is planned
  include_no_credit     boolean not null default false, -- sends also to whom we know to have no credit
  credit_unknown_count  integer not null default 0,     -- planned, and nobody told us of their credits
  credit_none_count     integer not null default 0,     -- planned although known to have none
  pruned_at             timestamptz,            -- from here on its recipients and facts are being removed, or are gone
  pruning               boolean not null default false, -- … and they are not all gone yet
  kept_outcomes         jsonb,                  -- the counts of its chunks, as they were then
  content               jsonb,                  -- digests of {message, recipients, exclusions, options}, so that another campaign under its key is refused instead of being taken for a repeat; only with a key
  -- Until then the process that reads a campaign's recipients (state 'staging') is taken for alive. It says so again and again; a
  -- campaign whose reader is gone can only be cancelled, because the rows came from that process.
  read_until            timestamptz,
  columns               text[],                 -- names of all columns of the file, the openids' too; null: none are kept
  rate_per_s            integer check (rate_per_s > 0), -- its own ceiling, under the account's; null: only the account's
  check (state in ('staging', 'planning', 'failed', 'cancelled') or audience_count =
         planned_count + duplicate_count + invalid_count + no_credit_count + unfollowed_count + excluded_count)
);
create unique index campaigns_key on campaigns (appid, key) where key is not null;
create index campaigns_fingerprint on campaigns (appid, fingerprint, created_at);
create index campaigns_open on campaigns (appid, id) where state in ('planning', 'running');
create index campaigns_pruning on campaigns (id) where pruning;
create index campaigns_unpruned on campaigns (finished_at) where pruned_at is null and finished_at is not null;
comment on table campaigns is 'One message to one audience, with the counts of its plan.';

create table campaign_pace (
  campaign_id bigint primary key references campaigns on delete cascade,
  next_slot   timestamptz not null              -- everything before is leased to some node
) with (fillfactor = 50);                       -- updated ten times a second and node, in place (HOT)
comment on table campaign_pace is 'The schedule of a campaign with a rate of its own; its nodes lease slots of it beside those of the account.';

create table staging (
  campaign_id  bigint not null references campaigns on delete cascade,
  bucket       smallint not null,               -- hash of the dedupe key, 0-63: equal keys meet in one bucket
  seq          integer not null,                -- order in the audience; the first row wins
  line         integer not null,                -- line of the file, 0 when there is none
  openid       text not null,
  dedupe_key   text,                            -- null: the openid
  vars         text,                            -- JSON array in the order of campaigns.variables
  ref          text,
  primary key (campaign_id, bucket, seq)
);
comment on table staging is 'The audience as it came, before duplicates and invalid rows are dropped; emptied bucket by bucket.';

create table source_pages (
  campaign_id  bigint not null references campaigns on delete cascade,
  first_line   integer not null,
  last_line    integer not null,
  rows         bytea not null,                  -- JSON of some hundred rows as they were in the file, packed with zstd
  primary key (campaign_id, first_line)
);
comment on table source_pages is 'The rows of a campaign''s file with all their columns, in pages; nothing but an export reads them.';

create table exclusions (
  campaign_id  bigint not null references campaigns on delete cascade,
  openid       text not null,
  code         text not null,                   -- excluded-tag, excluded-file
  primary key (campaign_id, openid)
);
comment on table exclusions is 'Openids that one campaign leaves out, fetched before it is planned; campaigns are looked up where they are.';

create table dropped (
  campaign_id  bigint not null references campaigns on delete cascade,
  seq          integer not null,
  line         integer not null,
  openid       text not null,
  reason       text not null check (reason in ('duplicate', 'invalid', 'no_credit', 'unfollowed', 'excluded')),
  code         text not null,
  detail       text not null default '',
  column_name  text,                            -- of the file, where one cell is to blame
  words        json                             -- the detail in every language
);
create index dropped_campaign on dropped (campaign_id, seq);
comment on table dropped is 'Rows of the audience that the plan left out, each with its reason.';

-- Files of people, as they came, until a campaign has read them or their time is over.
create table uploads (
  id bigint generated always as identity primary key,
  appid text not null references accounts on delete cascade,
  name text not null,
  options json not null,
  ready boolean not null default false,
  bytes bigint not null default 0,
  summary json,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index uploads_expiring on uploads (expires_at);
comment on table uploads is 'Files of people that were uploaded, with what was found in them.';

create table upload_parts (
  upload_id bigint not null references uploads on delete cascade,
  no integer not null,
  bytes bytea not null,
  primary key (upload_id, no)
);
alter table upload_parts alter column bytes set storage external; -- most files are compressed already, or cost more than they give
comment on table upload_parts is 'The bytes of uploads, in order.';

-- Campaigns that somebody is still writing.
create table drafts (
  id bigint generated always as identity primary key,
  appid text not null references accounts on delete cascade,
  name text not null default '',
  request json not null,
  client json not null default '{}',
  revision integer not null default 1,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  changed_by text not null,
  changed_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  campaign_id bigint references campaigns on delete set null,
  planned_revision integer
);
create index drafts_appid on drafts (appid, id);
create index drafts_expiring on drafts (expires_at);
comment on table drafts is 'Campaigns that are still written: as much of a request as is decided. Removed when nobody changed them for 30 days.';
comment on column drafts.client is 'What the program that writes it keeps for itself; never read.';
comment on column drafts.campaign_id is 'What was planned of it last, as of planned_revision.';
