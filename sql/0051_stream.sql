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
