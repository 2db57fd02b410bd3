-- Webhooks are told of the outcomes of single messages too.

create table webhook_messages (
  id          bigint generated always as identity primary key,
  message_id  bigint not null
);
comment on table webhook_messages is 'Single messages whose outcome webhooks are still to be told of.';

-- A trigger, as for chunks: outcomes are stored in several places. For a statement and not a row, because one stores up to 200.
create function tell_message_outcomes() returns trigger language plpgsql as $$
begin
  if exists (select 1 from webhooks w, unnest(w.topics) t where t like 'outcome.%') then
    insert into webhook_messages (message_id)
    select a.message_id from added a join messages m on m.id = a.message_id
    where (a.kind >= 3 or a.kind = 1 and a.next_at is null)
      and exists (select 1 from webhooks w, unnest(w.topics) t where w.appid = m.appid and t like 'outcome.%')
    order by a.message_id;
  end if;
  return null;
end $$;
comment on function tell_message_outcomes is 'Trigger message_facts_tell: puts single messages that have an outcome into webhook_messages, if a webhook of their account wants it.';
create trigger message_facts_tell after insert on message_facts
  referencing new table as added for each statement execute function tell_message_outcomes();
