-- What an operator's own programs are told.

create table webhooks (
  id              bigint generated always as identity primary key,
  appid           text not null references accounts on delete cascade,
  url_sealed      bytea not null,               -- its query may carry a password
  host            text not null,                -- what lists and logs show of it
  secret_sealed   bytea not null,
  topics          text[] not null check (cardinality(topics) > 0),
  state           text not null default 'active' check (state in ('active', 'paused')),
  created_by      text not null default '',
  created_at      timestamptz not null default clock_timestamp(),
  delivered_at    timestamptz,                  -- last delivery that was taken
  failed_at       timestamptz,                  -- last attempt that was not
  last_error      text
);
create index webhooks_appid on webhooks (appid);
comment on table webhooks is 'URLs of the operator that are told of events and outcomes.';

create table webhook_deliveries (
  id            uuid primary key default gen_random_uuid(), -- the webhook-id header, the same for repeats and replays
  webhook_id    bigint not null references webhooks on delete cascade,
  body          text not null,                  -- what is signed and sent, byte for byte
  items         integer not null,
  state         text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
  queued_at     timestamptz,                    -- a job exists; null: the pump makes one
  attempts      integer not null default 0,
  last_error    text,
  created_at    timestamptz not null default clock_timestamp(),
  ended_at      timestamptz
);
create index webhook_deliveries_unqueued on webhook_deliveries (created_at) where queued_at is null;
create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, created_at);
comment on table webhook_deliveries is 'One POST to one webhook, with up to 1,000 items.';

create table webhook_outbox (
  id           bigint generated always as identity primary key,
  campaign_id  bigint not null,
  first_no     integer,                         -- this chunk's outcomes; null: the campaign's state
  state        text,
  reason       text,
  at           timestamptz not null default clock_timestamp()
);
comment on table webhook_outbox is 'Changes of campaigns and chunks that webhooks are still to be told of.';

-- Triggers, because a dozen statements change these states and one that forgot to tell would not be noticed. Their
-- WHEN keeps them out of every flush but the last.
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
  when (new.state = 'done' and (old.state <> 'done'
    or (old.accepted, old.rejected, old.unknown) is distinct from (new.accepted, new.rejected, new.unknown)))
  execute function tell_chunk_outcomes();
