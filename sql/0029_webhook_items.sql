-- breaking: nodes claim deliveries themselves; an older process would send them a second time as jobs
-- Webhooks keep up: items wait one by one and leave up to 100 a POST.

create table webhook_items (
  id          bigint generated always as identity,
  webhook_id  bigint not null,                  -- no foreign keys: they would be checked for each item
  subject     text not null,                    -- whom it is about: an openid, or a campaign; items of one stay in order
  msgid       bigint,                           -- of a receipt: whose message it is is looked up when it leaves
  behind      uuid,                             -- the delivery that must end first, because the subject is in it
  body        text not null,                    -- JSON of the item
  created_at  timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
create index webhook_items_next on webhook_items (webhook_id, behind, id);
comment on table webhook_items is 'What a webhook is to be told and is in no POST yet.';

-- The primary key is what keeps a person out of two POSTs at once, whichever node makes them.
create table webhook_subjects (
  webhook_id   bigint not null,
  subject      text not null,
  delivery_id  uuid not null,
  primary key (webhook_id, subject)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
create index webhook_subjects_delivery on webhook_subjects (delivery_id);
comment on table webhook_subjects is 'Who is in a delivery that is still pending: what follows for them waits for its end.';

alter table webhook_deliveries
  drop column queued_at,
  add column owner uuid,                        -- the node that has it under way, until next_at
  add column next_at timestamptz not null default clock_timestamp(), -- pending: when it is due, or the end of its owner's lease
  add column first_tried_at timestamptz,
  add column tried_at timestamptz;
create index webhook_deliveries_open on webhook_deliveries (webhook_id, state, next_at) where state <> 'delivered';
create index webhook_deliveries_delivered on webhook_deliveries (webhook_id, ended_at) where state = 'delivered';
comment on table webhook_deliveries is 'One POST to one webhook, with up to 100 items.';

alter table webhooks
  add column down_since timestamptz,            -- several POSTs failed and none was taken since: one is tried at a time …
  add column probes integer not null default 0, -- … so often so far …
  add column probe_at timestamptz;              -- … and next at this time

create table webhook_told (
  campaign_id  bigint not null,
  first_no     integer not null,
  told         bytea not null,                  -- the strength of the fact that was told, a byte for each recipient; 0: none
  primary key (campaign_id, first_no)
);
comment on table webhook_told is 'Which outcomes of a chunk webhooks were told.';

-- With each flush and not only with the last: a chunk may wait for a day because of one recipient. A row for each, because
-- one that is shared would make the flush wait for whoever is telling.
create or replace function tell_chunk_outcomes() returns trigger language plpgsql as $$
begin
  if exists (select 1 from campaigns c join webhooks w using (appid)
      where c.id = new.campaign_id and exists (select 1 from unnest(w.topics) t where t like 'outcome.%')) then
    insert into webhook_outbox (campaign_id, first_no) values (new.campaign_id, new.first_no);
  end if;
  return null;
end $$;
drop trigger chunks_tell on chunks;
create trigger chunks_tell after update on chunks for each row
  when (new.state = 'done' and old.state <> 'done'
    or (old.accepted, old.rejected, old.unknown, old.held) is distinct from (new.accepted, new.rejected, new.unknown, new.held))
  execute function tell_chunk_outcomes();
