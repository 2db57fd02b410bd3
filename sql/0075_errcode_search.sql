-- Who was refused with an errcode, of one account among many: what is not its own is passed over in the index, and not looked
-- up in the table one by one.
drop index facts_errcode;
create index facts_errcode on facts (errcode, at) include (campaign_id, no) where errcode is not null;
drop index message_facts_errcode;
create index message_facts_errcode on message_facts (errcode, at) include (message_id) where errcode is not null;
