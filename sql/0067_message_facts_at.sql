-- What became of single messages, day by day: facts are appended in the order of time, so that a range of days is a range of pages.
create index message_facts_at on message_facts using brin (at);
