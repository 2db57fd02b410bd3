-- Who got what, when, and what became of it: single messages and recipients of campaigns in one, found by person, by the
-- caller's own number, or by errcode.
alter table messages add column ref text check (length(ref) <= 64);
comment on column messages.ref is 'The caller''s own number; not unique.';
create index messages_openid on messages (openid, id);
create index messages_ref on messages (ref, id) where ref is not null;

alter table staging add column ref text;
alter table recipients add column ref text;
comment on column recipients.ref is 'The caller''s own number, from the column ref of its file.';
create index recipients_ref on recipients (ref) where ref is not null;

-- Where the first way is definitely refused the next one is tried, as a message of its own.
alter table messages
  add column alternatives json,      -- the ways that are left, each with channel, templateId, body and includeNoCredit
  add column replaces bigint;        -- the message that was refused
create unique index messages_replaces on messages (replaces) where replaces is not null;

-- By a hash: half as large as by the openid itself, and a plan writes as many entries as there are recipients.
create index recipients_person on recipients (hashtextextended(openid, 0));
create index facts_errcode on facts (errcode, at) where errcode is not null;
create index message_facts_errcode on message_facts (errcode, at) where errcode is not null;
