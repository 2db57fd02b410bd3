-- What the strongest fact is called, and what is true of a channel: each is said once, and nowhere else in SQL.
create function outcome_of(kind smallint, reason text) returns text language sql immutable as $$
  select case when kind = 5 then 'accepted' when kind = 4 then 'rejected' when is_held(kind, reason) then 'held'
    when kind in (2, 3) then 'unknown' else 'unsent' end
$$;
comment on function outcome_of is 'What became of a recipient or single message whose strongest fact this is; null: it has none.';

create function is_keyed(channel text) returns boolean language sql immutable as $$ select channel = 'oa-template' $$;
comment on function is_keyed is 'Whether WeChat drops repeats of a message of the channel by its client_msg_id.';

create function has_receipts(channel text) returns boolean language sql immutable
  as $$ select channel in ('oa-template', 'oa-subscribe', 'mp-subscribe') $$;
comment on function has_receipts is 'Whether WeChat says by an event what became of a message of the channel.';
