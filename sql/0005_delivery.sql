-- Delivery of campaigns: recipients, the chunks in which they are claimed, and the facts about their attempts.

create table recipients (
  campaign_id  bigint not null,                 -- no foreign key: it would be checked for each of millions of rows
  no           integer not null,                -- 1..planned_count
  line         integer not null default 0,      -- line of the file, 0 when there is none
  openid       text not null,
  vars         text,                            -- JSON array in the order of campaigns.variables
  ref          text,
  primary key (campaign_id, no)
);
comment on column recipients.ref is 'The caller''s own number, from the column ref of its file.';
create index recipients_ref on recipients (ref) where ref is not null;
-- By a hash: half as large as by the openid itself, and a plan writes as many entries as there are recipients.
create index recipients_person on recipients (hashtextextended(openid, 0));
comment on table recipients is 'One row of a campaign: whom and with which values. Written once by the plan, never updated.';

create table chunks (
  campaign_id  bigint not null,
  first_no     integer not null,
  last_no      integer not null,
  state        text not null default 'open' check (state in ('open', 'done')),
  epoch        integer not null default 0,      -- counts claims; a flush under an old epoch moves nothing
  owner        uuid,
  lease_until  timestamptz,
  not_before   timestamptz,                    -- only retries are left, and the first of them is due then
  watermark    integer not null,                -- last number whose first attempt may have started
  flush_group  integer not null default 0,      -- last group of facts appended under this epoch
  accepted     integer not null default 0,
  rejected     integer not null default 0,
  unknown      integer not null default 0,
  outcomes     jsonb not null default '{}',     -- {"rejected":{"43101":7},"unknown":{"timeout":1},"unsent":{"-1":2}}
  first_at     timestamptz,
  last_at      timestamptz,
  -- WeChat drops repeats of a client_msg_id for ten minutes after the first, so whoever takes a chunk over must know
  -- how long ago its unanswered messages may have left. The time of the takeover says nothing: a whole cluster may
  -- have been down for hours before it.
  doubt_from   timestamptz,
  held         integer not null default 0,
  primary key (campaign_id, first_no)
) with (fillfactor = 50);                       -- every flush updates its row in place (HOT)
create index chunks_open on chunks (campaign_id, first_no) where state = 'open';
-- A chunk that is counted has no such row for long.
create index chunks_held on chunks (campaign_id, first_no) where held > 0;
comment on table chunks is 'The slice of recipients that one claim delivers: lease, epoch, watermark and counts.';
comment on column chunks.doubt_from is
  'Whatever was started under this epoch and has no stored fact was started after this; set by each flush.';

-- kind is a number because facts are the largest table and because the strongest fact is the state of a recipient:
-- 0 started, 1 retry, 2 in_doubt, 3 unknown, 4 rejected, 5 accepted; see fact_strength.
create table facts (
  campaign_id  bigint not null,
  at           timestamptz not null,
  next_at      timestamptz,                     -- with retry: when it is tried again
  msgid        bigint,
  no           integer not null,
  errcode      integer,
  epoch        integer not null,
  flush_group  integer not null,
  attempt      smallint not null,
  kind         smallint not null check (kind between 0 and 5),
  reason       text                             -- why there is no errcode: timeout, reset, gateway, unparsable, crash, connect, token
);
create index facts_recipient on facts (campaign_id, no);
-- Where a receipt finds its message: msgids are time-ordered, so that an insert goes to the right edge.
create index facts_msgid on facts (msgid) where msgid is not null;
-- Whom a receipt of an unknown msgid may be about: few.
create index facts_unsettled on facts (campaign_id, no) where kind in (2, 3) or kind = 5 and msgid is null;
-- Answers after which a message may have arrived all the same: few, and the report looks only at these.
create index facts_maybe_sent on facts (campaign_id, no) where kind = 1 and reason = 'maybe-sent';
-- Who was refused with an errcode, of one account among many: what is not its own is passed over in the index, and not looked
-- up in the table one by one.
create index facts_errcode on facts (errcode, at) include (campaign_id, no) where errcode is not null;
comment on table facts is 'What happened to one attempt at one recipient. Appended, never updated.';

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

-- A recipient with two such attempts may have the message twice. The attempt of an unknown outcome with the reason 'held' is
-- that of the hold.
create function may_have_arrived(kind smallint, errcode integer, reason text) returns boolean
language sql immutable as $$
  select kind in (2, 5) or kind = 1 and reason = 'maybe-sent'
    or kind = 3 and (reason = 'maybe-sent' or errcode is null and reason is distinct from 'crash' and reason is distinct from 'held')
$$;
comment on function may_have_arrived is 'Whether the attempt of a fact may have reached its recipient: not a refusal, and not one that was never made.';

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

create function may_send(start_at timestamptz, valid_until timestamptz, quiet_from time, quiet_to time, time_zone text) returns boolean
language sql stable as $$
  select (start_at is null or start_at <= clock_timestamp())
    and (valid_until is null or valid_until > clock_timestamp())
    and not is_quiet(quiet_from, quiet_to, time_zone)
$$;
comment on function may_send is 'Whether a running campaign may send at this moment: its own times and the quiet hours of its account.';

-- Whether the first chunk of a campaign goes alone; the same rule as in src/engine/delivery/campaign-run.ts.
create function needs_canary(channel text, planned_count integer) returns boolean
language sql immutable as $$ select channel = 'oa-template' and planned_count > 10000 $$;
comment on function needs_canary is 'Whether a campaign opens its other chunks only after the first one was delivered and judged.';
