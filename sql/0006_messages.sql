-- Single messages: what was asked for (written once), which of them are still open (changed and removed), and what
-- happened (appended). None has foreign keys: they would be checked for each message.

create table messages (
  id            bigint generated always as identity primary key,
  appid         text not null,
  uuid          uuid not null,                -- part of the client_msg_id; from the key where there is one
  channel       text not null,
  openid        text not null,
  template_id   text,                         -- null for kf
  key           text,                         -- the caller's: the same key is the same message
  fingerprint   bytea not null,               -- of channel, openid and body: the same key with other content is an error
  body          json not null,                -- the wire body without touser and client_msg_id
  valid_until   timestamptz,                  -- what is late is not sent
  created_at    timestamptz not null default clock_timestamp(),
  ref           text check (length(ref) <= 64),
  -- Where the first way is definitely refused the next one is tried, as a message of its own.
  alternatives  json,                         -- the ways that are left, each with channel, templateId, body and includeNoCredit
  replaces      bigint                        -- the message that was refused
);
create unique index messages_uuid on messages (uuid);
create unique index messages_key on messages (appid, key) where key is not null;
create index messages_appid on messages (appid, id);
create index messages_openid on messages (openid, id);
create index messages_ref on messages (ref, id) where ref is not null;
create unique index messages_replaces on messages (replaces) where replaces is not null;
comment on table messages is 'Single messages as they were asked for. Written once.';
comment on column messages.ref is 'The caller''s own number; not unique.';

-- With an owner: attempt number `attempt` was started, or may have been. Without: it was not, and any node may claim it
-- from ready_at on. The claim, on disk before anything leaves, is what the watermark is to a chunk.
create table open_messages (
  message_id         bigint primary key,
  appid              text not null,
  channel            text not null,
  owner              uuid,                    -- node …
  epoch              integer not null default 0, -- … and its epoch at the claim
  batch              integer not null default 0, -- which statement of that node claimed it: the answer may be lost
  claimed_at         timestamptz,
  ready_at           timestamptz not null default steady_now(),
  valid_until        timestamptz,
  doubt_from         timestamptz,             -- the first attempt that may have arrived left then, or later
  attempt            smallint not null default 1,
  counted            smallint not null default 0, -- attempts that WeChat answered and that count against the message
  maybe_sent         smallint not null default 0, -- answers after which it may have arrived all the same
  doubted            boolean not null default false, -- the attempt before has no known outcome
  include_no_credit  boolean not null default false  -- sent also to whom we know to have no credit
);
create index open_messages_ready on open_messages (appid, channel, ready_at) where owner is null;
create index open_messages_owner on open_messages (owner, epoch) where owner is not null;
create index open_messages_expiry on open_messages (valid_until) where valid_until is not null;
comment on table open_messages is 'Single messages without a final outcome: who has them, or from when they wait for somebody.';

-- Kinds as in facts: 1 retry, 2 in_doubt, 3 unknown, 4 rejected, 5 accepted. Repeating a fact changes nothing.
create table message_facts (
  message_id  bigint not null,
  at          timestamptz not null,
  next_at     timestamptz,                    -- with retry: when it is tried again; with in_doubt: when it is settled
  msgid       bigint,
  errcode     integer,
  epoch       integer not null,
  attempt     smallint not null,
  kind        smallint not null check (kind between 1 and 5),
  node        uuid,
  reason      text                            -- why there is no errcode
);
-- A node that was thought dead may store "held" for an attempt that was doubted meanwhile: both are of kind 2.
create unique index message_facts_once on message_facts (message_id, attempt, kind, is_held(kind, reason));
create index message_facts_msgid on message_facts (msgid) where msgid is not null;
-- Messages of unknown outcome that a receipt may be about: few.
create index message_facts_unsettled on message_facts (at) where kind in (2, 3) or kind = 5 and msgid is null;
create index message_facts_errcode on message_facts (errcode, at) include (message_id) where errcode is not null;
-- What became of single messages, day by day: facts are appended in the order of time, so that a range of days is a range of pages.
create index message_facts_at on message_facts using brin (at);
comment on table message_facts is 'What happened to one attempt at one single message. Appended, never updated.';

create table held_messages (message_id bigint primary key);
comment on table held_messages is 'Single messages that WeChat holds for review, and nobody knows yet what became of them.';
