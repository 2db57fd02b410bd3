-- What an operator's own programs are told, and what live streams tell.

create table webhooks (
  id                      bigint generated always as identity primary key,
  appid                   text not null references accounts on delete cascade,
  url_sealed              bytea not null,       -- its query may carry a password
  host                    text not null,        -- what lists and logs show of it
  secret_sealed           bytea not null,
  topics                  text[] not null check (cardinality(topics) > 0),
  state                   text not null default 'active' check (state in ('active', 'paused')),
  created_by              text not null default '',
  created_at              timestamptz not null default clock_timestamp(),
  delivered_at            timestamptz,          -- last delivery that was taken
  failed_at               timestamptz,          -- last attempt that was not
  last_error              text,
  down_since              timestamptz,          -- several POSTs failed and none was taken since: one is tried at a time …
  probes                  integer not null default 0, -- … so often so far …
  probe_at                timestamptz,          -- … and next at this time
  -- While a secret is rotated each POST is signed with both.
  previous_secret_sealed  bytea,
  previous_secret_until   timestamptz,
  check ((previous_secret_sealed is null) = (previous_secret_until is null))
);
create index webhooks_appid on webhooks (appid);
comment on table webhooks is 'URLs of the operator that are told of events and outcomes.';

create table webhook_deliveries (
  id              uuid primary key default gen_random_uuid(), -- the webhook-id header, the same for repeats and replays
  webhook_id      bigint not null references webhooks on delete cascade,
  body            text not null,                -- what is signed and sent, byte for byte
  items           integer not null,
  state           text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
  attempts        integer not null default 0,
  last_error      text,
  created_at      timestamptz not null default clock_timestamp(),
  ended_at        timestamptz,
  owner           uuid,                         -- the node that has it under way, until next_at
  next_at         timestamptz not null default clock_timestamp(), -- pending: when it is due, or the end of its owner's lease
  first_tried_at  timestamptz,
  tried_at        timestamptz
);
create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, created_at);
create index webhook_deliveries_open on webhook_deliveries (webhook_id, state, next_at) where state <> 'delivered';
create index webhook_deliveries_delivered on webhook_deliveries (webhook_id, ended_at) where state = 'delivered';
comment on table webhook_deliveries is 'One POST to one webhook, with up to 100 items.';

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

create table webhook_outbox (
  id           bigint generated always as identity primary key,
  campaign_id  bigint not null,
  first_no     integer,                         -- this chunk's outcomes; null: the campaign's state
  state        text,
  reason       text,
  at           timestamptz not null default clock_timestamp()
);
comment on table webhook_outbox is 'Changes of campaigns and chunks that webhooks are still to be told of.';

create table webhook_messages (
  id          bigint generated always as identity primary key,
  message_id  bigint not null
);
comment on table webhook_messages is 'Single messages whose outcome webhooks are still to be told of.';

create table webhook_told (
  campaign_id  bigint not null,
  first_no     integer not null,
  told         bytea not null,                  -- the strength of the fact that was told, a byte for each recipient; 0: none
  primary key (campaign_id, first_no)
);
comment on table webhook_told is 'Which outcomes of a chunk webhooks were told.';

-- Triggers, because a dozen statements change these states and one that forgot to tell would not be noticed. Their
-- WHEN keeps them out of flushes that bring nothing new.
create function tell_campaign_state() returns trigger language plpgsql as $$
begin
  if exists (select 1 from webhooks w where w.appid = new.appid and 'campaign' = any (w.topics)) then
    insert into webhook_outbox (campaign_id, state, reason) values (new.id, new.state, new.state_reason);
  end if;
  return null;
end $$;
comment on function tell_campaign_state is 'Trigger campaigns_tell: puts a campaign''s change of state into webhook_outbox, if a webhook of its account wants it.';
create trigger campaigns_tell after update of state on campaigns for each row
  when (old.state is distinct from new.state) execute function tell_campaign_state();

-- With each flush and not only with the last: a chunk may wait for a day because of one recipient. A row for each, because
-- one that is shared would make the flush wait for whoever is telling.
create function tell_chunk_outcomes() returns trigger language plpgsql as $$
begin
  if exists (select 1 from campaigns c join webhooks w using (appid)
      where c.id = new.campaign_id and exists (select 1 from unnest(w.topics) t where t like 'outcome.%')) then
    insert into webhook_outbox (campaign_id, first_no) values (new.campaign_id, new.first_no);
  end if;
  return null;
end $$;
comment on function tell_chunk_outcomes is 'Trigger chunks_tell: puts a chunk whose outcomes are final, or changed afterwards, into webhook_outbox, if a webhook of its account wants them.';
-- A late fact changes the counts of a chunk that is done: its outcomes are told again.
create trigger chunks_tell after update on chunks for each row
  when (new.state = 'done' and old.state <> 'done'
    or (old.accepted, old.rejected, old.unknown, old.held) is distinct from (new.accepted, new.rejected, new.unknown, new.held))
  execute function tell_chunk_outcomes();

-- For a statement and not a row, because one stores up to 200.
create function tell_message_outcomes() returns trigger language plpgsql as $$
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
comment on function tell_message_outcomes is 'Trigger message_facts_tell: puts single messages that have an outcome into webhook_messages, if a webhook of their account wants it.';
create trigger message_facts_tell after insert on message_facts
  referencing new table as added for each statement execute function tell_message_outcomes();

-- What GET /v1/stream tells and can tell again: on any node, in one order, without a gap. Numbers alone would have gaps,
-- since a smaller one may be committed later; a row is read once no older transaction runs any more.
create table stream_log (
  tx     xid8 not null default pg_current_xact_id(),
  id     bigint generated always as identity,
  at     timestamptz not null default clock_timestamp(),
  appid  text not null,
  topic  text not null check (topic in ('campaigns', 'events')),
  ref    text not null,
  data   jsonb,
  primary key (tx, id)
);
comment on table stream_log is 'Changes of the last hour or two, for live streams: campaigns whose state changed, and events.';

create function stream_campaign() returns trigger language plpgsql as $$
begin
  insert into stream_log (appid, topic, ref) values (new.appid, 'campaigns', new.id);
  return null;
end $$;
comment on function stream_campaign is 'Triggers campaigns_stream…: notes that a campaign was made, or changed its state, for live streams.';
create trigger campaigns_stream after update of state, state_reason on campaigns for each row
  when ((old.state, old.state_reason) is distinct from (new.state, new.state_reason)) execute function stream_campaign();
create trigger campaigns_stream_new after insert on campaigns for each row execute function stream_campaign();
