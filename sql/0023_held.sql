-- breaking: a process that does not know it would send a held message again.
-- 40252: WeChat has a message and holds it for review (审核中). Within 30 minutes it delivers it by itself, or blocks it.

-- A held message is a doubt that WeChat will resolve, and never we: kind 2 with the reason 'held'.
create function is_held(kind smallint, reason text) returns boolean language sql immutable
  as $$ select kind = 2 and reason is not distinct from 'held' $$;
comment on function is_held is 'Whether a fact says that WeChat holds the message for review.';

-- WeChat's "held" says more than our "unknown", and less than what settles it: rejected, accepted, or 'held' as the reason of an
-- unknown outcome, when 30 minutes have brought no word. Who looks at kind alone takes it for a doubt, and sends nothing.
create function fact_strength(kind smallint, reason text) returns integer language sql immutable
  as $$ select case when kind = 2 and reason = 'held' then 31 when kind = 3 and reason = 'held' then 32 else kind * 10 end $$;
comment on function fact_strength is 'The strongest fact of a recipient or message is its state.';

-- The attempt of an unknown outcome with the reason 'held' is that of the hold.
create or replace function may_have_arrived(kind smallint, errcode integer, reason text) returns boolean language sql immutable as $$
  select kind in (2, 5) or kind = 1 and reason = 'maybe-sent'
    or kind = 3 and (reason = 'maybe-sent' or errcode is null and reason is distinct from 'crash' and reason is distinct from 'held')
$$;

alter table chunks add column held integer not null default 0;
-- A chunk that is counted has no such row for long.
create index chunks_held on chunks (campaign_id, first_no) where held > 0;

-- A node that was thought dead may store "held" for an attempt that was doubted meanwhile: both are of kind 2.
alter table message_facts drop constraint message_facts_pkey;
create unique index message_facts_once on message_facts (message_id, attempt, kind, is_held(kind, reason));

create table held_messages (message_id bigint primary key);
comment on table held_messages is 'Single messages that WeChat holds for review, and nobody knows yet what became of them.';

-- When a node last took it on itself to ask WeChat what became of the account's held messages.
alter table accounts add column holds_asked_at timestamptz;
-- A large template campaign waits for WeChat's verdict when so many per cent of its first thousand are held; null: never.
alter table accounts add column canary_held_percent smallint default 1 check (canary_held_percent between 1 and 100);

drop trigger chunks_tell on chunks;
create trigger chunks_tell after update on chunks for each row
  when (new.state = 'done' and (old.state <> 'done'
    or (old.accepted, old.rejected, old.unknown, old.held) is distinct from (new.accepted, new.rejected, new.unknown, new.held)))
  execute function tell_chunk_outcomes();

create or replace function tell_message_outcomes() returns trigger language plpgsql as $$
begin
  if exists (select 1 from webhooks w, unnest(w.topics) t where t like 'outcome.%') then
    insert into webhook_messages (message_id)
    select a.message_id from added a join messages m on m.id = a.message_id
    where (a.kind >= 3 or is_held(a.kind, a.reason) or a.kind = 1 and a.next_at is null)
      and exists (select 1 from webhooks w, unnest(w.topics) t where w.appid = m.appid and t like 'outcome.%')
    order by a.message_id;
  end if;
  return null;
end $$;
