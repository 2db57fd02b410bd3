-- Single messages reserve credits and have receipts, as campaigns do.

alter table open_messages
  add column include_no_credit boolean not null default false; -- sent also to whom we know to have no credit

-- What WeChat said of a message, and messages of unknown outcome that a receipt may be about: few.
create index receipts_message on receipts (message_id) where message_id is not null;
create index message_facts_unsettled on message_facts (at) where kind in (2, 3) or kind = 5 and msgid is null;
