-- What WeChat pushes to the callback URL, the settings under which it is taken, and receipts: its later word on accepted messages.

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
  changed_at               timestamptz not null default clock_timestamp(),
  -- A key or Token that was replaced is taken until a stated time, and no longer.
  previous_aes_key_until   timestamptz,
  previous_token_sealed    bytea,
  previous_token_until     timestamptz,
  check ((previous_aes_key_sealed is null) = (previous_aes_key_until is null)),
  check ((previous_token_sealed is null) = (previous_token_until is null))
);
comment on table account_callbacks is 'How an account''s pushes come (服务器配置) and what is answered.';

create table callback_signatures (
  appid      text not null,
  signature  bytea not null,
  seen_at    timestamptz not null default clock_timestamp(),
  primary key (appid, signature)
);
create index callback_signatures_seen_at on callback_signatures (seen_at);
comment on table callback_signatures is 'Signatures of plain pushes, which cover no content: one is good for an hour after it was first seen.';

create table callback_counters (
  appid  text not null,                           -- empty: no account of ours
  day    date not null,                           -- in the account's zone
  kind   text not null,
  count  bigint not null,
  primary key (appid, day, kind)
);
comment on table callback_counters is 'Callback requests per account and day by what became of them; at most seconds old.';

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
  raw          bytea,                             -- the decrypted body of an unreadable event, as it came; null for others
  primary key (appid, created_at, key)
) partition by range (created_at);
create table events_default partition of events default;
create index events_pending on events (created_at) where pending is not null;
comment on table events is 'Events and users'' messages, each once; a partition for each day, made ahead by the nodes.';
comment on table events_default is 'Events whose CreateTime lies outside the days for which there is a partition.';

-- status: 1 delivered, 2 blocked, 3 failed-system, 4 failed-frequency, 5 failed-other. No foreign key to accounts: it
-- would be checked for each of millions of rows.
create table receipts (
  appid        text not null,
  created_at   timestamptz not null,            -- CreateTime of the event, whole seconds
  received_at  timestamptz not null default clock_timestamp(),
  msgid        bigint not null,
  campaign_id  bigint,                          -- with no, or message_id: what it is about; null: not known (yet)
  message_id   bigint,
  no           integer,
  status       smallint not null check (status between 1 and 5),
  inferred     boolean not null default false,  -- settled an unknown outcome: its msgid was never seen in an answer
  openid       text not null,
  template_id  text,                            -- null: TEMPLATESENDJOBFINISH names none
  detail       text,                            -- WeChat's words where they are not the status's usual ones
  primary key (appid, created_at, msgid),       -- a repeat of WeChat's is the same row, on any node
  check ((campaign_id is null) = (no is null) and (campaign_id is null or message_id is null))
) partition by range (created_at);
create table receipts_default partition of receipts default;
create index receipts_recipient on receipts (campaign_id, no) where campaign_id is not null;
create index receipts_message on receipts (message_id) where message_id is not null;
create index receipts_unmatched on receipts (received_at, msgid) where campaign_id is null and message_id is null;
comment on table receipts is 'What WeChat said of messages after it had accepted them. Appended; only the match comes later. By month of created_at.';
comment on table receipts_default is 'Receipts of months that have no partition of their own.';

-- Bit n is the recipient first_no + n. Bits are only ever set, so a receipt that is counted twice counts once, and the first
-- of several receipts of one recipient stands. A table of its own: the chunk's row is updated by every flush.
create table chunk_receipts (
  campaign_id       bigint not null,
  first_no          integer not null,
  delivered         bit varying not null,
  blocked           bit varying not null,
  failed_system     bit varying not null,
  failed_frequency  bit varying not null,
  failed_other      bit varying not null,
  inferred          bit varying not null,       -- of those above: settled an unknown outcome
  primary key (campaign_id, first_no)
) with (fillfactor = 50);                       -- every group of receipts updates its row in place (HOT)
comment on table chunk_receipts is 'Which recipients of a chunk have a receipt, and which one: a bit per recipient.';
