-- What may have arrived twice, and what is kept how long.

alter table accounts
  add column retry_system_busy  smallint not null default 2 check (retry_system_busy between 0 and 10), -- repeats of a −1 where WeChat drops none
  add column keep_days          integer check (keep_days > 0); -- recipients and facts of ended campaigns; null: for ever

alter table campaigns
  add column pruned_at     timestamptz,         -- from here on its recipients and facts are being removed, or are gone
  add column pruning       boolean not null default false, -- … and they are not all gone yet
  add column kept_outcomes jsonb;               -- the counts of its chunks, as they were then

create index campaigns_pruning on campaigns (id) where pruning;
create index campaigns_unpruned on campaigns (finished_at) where pruned_at is null and finished_at is not null;

-- A recipient with two such attempts may have the message twice.
create function may_have_arrived(kind smallint, errcode integer, reason text) returns boolean
language sql immutable as $$
  select kind in (2, 5) or kind = 1 and reason = 'maybe-sent'
    or kind = 3 and (reason = 'maybe-sent' or errcode is null and reason is distinct from 'crash')
$$;
comment on function may_have_arrived is 'Whether the attempt of a fact may have reached its recipient: not a refusal, and not one that was never made.';

-- Answers after which a message may have arrived all the same: few, and the report looks only at these.
create index facts_maybe_sent on facts (campaign_id, no) where kind = 1 and reason = 'maybe-sent';
