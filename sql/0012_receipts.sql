-- Receipts: WeChat's later word on accepted messages.

-- Where a receipt finds its message: msgids are time-ordered, so that an insert goes to the right edge.
create index facts_msgid on facts (msgid) where msgid is not null;
-- Whom a receipt of an unknown msgid may be about: few.
create index facts_unsettled on facts (campaign_id, no) where kind in (2, 3) or kind = 5 and msgid is null;

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

-- A receipt is knowledge: while an account's callback falls behind, its campaigns leave it time.
alter table account_pace
  add column callback_share real not null default 1 check (callback_share > 0 and callback_share <= 1), -- of the rate, at callback_at
  add column callback_at    timestamptz;          -- when a node last said that it falls behind; null: never

create function callback_share(share real, since timestamptz) returns double precision
language sql stable as $$ select least(1, share + greatest(0, coalesce(extract(epoch from statement_timestamp() - since), 1000)) * 0.05)::double precision $$;
comment on function callback_share is 'The share of its rate at which an account sends now: it grows by 5 % a second after its callback fell behind.';

alter table accounts add column canary_blocked_percent smallint default 30 -- so many of the first 1,000 block: a large campaign pauses; null: never
  check (canary_blocked_percent between 1 and 100);
