-- Single messages: what was asked for (written once), which of them are still open (changed and removed), and what
-- happened (appended). None has foreign keys: they would be checked for each message.

alter table nodes
  add column epoch       integer not null default 1,  -- counts the leases of this node; part of every claim of a message
  add column beat        bigint  not null default 0,  -- counts its renewals; the node knows how far it was, also when the database forgot
  add column lease_until timestamptz;                 -- afterwards any other node may raise the epoch and take over; null: no messages

alter table accounts
  add column message_share_percent smallint not null default 20 -- of the rate, kept for single messages while there are some
    check (message_share_percent between 0 and 90);

create table messages (
  id           bigint generated always as identity primary key,
  appid        text not null,
  uuid         uuid not null,                 -- part of the client_msg_id; from the key where there is one
  channel      text not null,
  openid       text not null,
  template_id  text,                          -- null for kf
  key          text,                          -- the caller's: the same key is the same message
  fingerprint  bytea not null,                -- of channel, openid and body: the same key with other content is an error
  body         json not null,                 -- the wire body without touser and client_msg_id
  valid_until  timestamptz,                   -- what is late is not sent
  created_at   timestamptz not null default clock_timestamp()
);
create unique index messages_uuid on messages (uuid);
create unique index messages_key on messages (appid, key) where key is not null;
create index messages_appid on messages (appid, id);
comment on table messages is 'Single messages as they were asked for. Written once.';

-- With an owner: attempt number `attempt` was started, or may have been. Without: it was not, and any node may claim it
-- from ready_at on. The claim, on disk before anything leaves, is what the watermark is to a chunk.
create table open_messages (
  message_id   bigint primary key,
  appid        text not null,
  channel      text not null,
  owner        uuid,                          -- node …
  epoch        integer not null default 0,    -- … and its epoch at the claim
  batch        integer not null default 0,    -- which statement of that node claimed it: the answer may be lost
  claimed_at   timestamptz,
  ready_at     timestamptz not null default clock_timestamp(),
  valid_until  timestamptz,
  doubt_from   timestamptz,                   -- the first attempt that may have arrived left then, or later
  attempt      smallint not null default 1,
  counted      smallint not null default 0,   -- attempts that WeChat answered and that count against the message
  maybe_sent   smallint not null default 0,   -- answers after which it may have arrived all the same
  doubted      boolean not null default false -- the attempt before has no known outcome
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
  reason      text,                           -- why there is no errcode
  primary key (message_id, attempt, kind)
);
create index message_facts_msgid on message_facts (msgid) where msgid is not null;
comment on table message_facts is 'What happened to one attempt at one single message. Appended, never updated.';
