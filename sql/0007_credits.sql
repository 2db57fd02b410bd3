-- Credits: how many subscribe messages each person may still be sent, and why we think so.

create table credit_entries (
  appid        text not null,
  openid       text not null,
  template_id  text not null,
  key          text not null,                   -- where it comes from; the same one counts once
  kind         text not null check (kind in ('report', 'popup', 'popup-reject', 'import', 'sent', 'refused', 'change')),
  delta        integer not null default 0,      -- +1 an accept, -1 an accepted send, 0 otherwise
  sets         integer check (sets >= 0),       -- the balance is this at that time, whatever came before; null: delta is added
  at           timestamptz not null,            -- when it happened, which may be long before it was heard of
  recorded_at  timestamptz not null default clock_timestamp(),
  campaign_id  bigint,                          -- of a send: the campaign, 0 for a single message …
  no           bigint,                          -- … and the recipient's number in it, or the message's id
  primary key (appid, openid, template_id, key)
);
comment on table credit_entries is 'What was heard of credits, and when it happened. Appended, never updated.';

create table credit_balances (
  appid        text not null,
  openid       text not null,
  template_id  text not null,
  known        boolean not null default false,  -- false: nobody told us, which is not 0
  balance      integer not null default 0 check (balance >= 0),
  reserved     integer not null default 0 check (reserved >= 0), -- rows of credit_reservations
  known_since  timestamptz,
  last_at      timestamptz,                     -- the newest entry that is counted in
  set_at       timestamptz,                     -- the newest entry that set the balance: nothing before it matters
  primary key (appid, openid, template_id)
) with (fillfactor = 70);                       -- updated twice for each message, in place (HOT)
comment on table credit_balances is 'What the entries of one person and template add up to, and how much of it is reserved.';

create table credit_reservations (
  campaign_id  bigint not null,                 -- 0 for a single message
  no           bigint not null,                 -- the recipient's number, or the message's id
  appid        text not null,
  openid       text not null,
  template_id  text not null,
  held         text not null default 'open' check (held in ('open', 'unknown')), -- unknown: it may have been consumed
  at           timestamptz not null default clock_timestamp(),
  primary key (campaign_id, no)
);
create index credit_reservations_unknown on credit_reservations (appid, openid, template_id) where held = 'unknown';
comment on table credit_reservations is 'One credit set aside for one recipient, from before its first attempt until its outcome is known.';

create table credit_rules (
  appid        text not null references accounts on delete cascade,
  template_id  text not null,
  per_period   integer not null check (per_period > 0),
  period_days  integer not null check (period_days > 0),
  primary key (appid, template_id)
);
comment on table credit_rules is 'Long-term templates that may be sent to one person so many times in so many days.';

-- The legacy kind of credit: form_ids and prepay_ids of the retired Mini Program template message.

create table form_credits (
  appid        text not null,
  form_id      text not null,                   -- a form_id or a prepay_id; it counts once, whoever reports it how often
  openid       text not null,                   -- the only person whom it can be sent to
  kind         text not null check (kind in ('form', 'prepay')),
  uses_left    integer not null check (uses_left >= 0), -- messages less those that went out, or may have; 0 also when WeChat said that it is dead
  reserved     integer not null default 0 check (reserved >= 0), -- rows of form_reservations
  expires_at   timestamptz not null,            -- a few minutes before WeChat's 7 days are over
  recorded_at  timestamptz not null default clock_timestamp(),
  primary key (appid, form_id)
) with (fillfactor = 70);                       -- updated twice for each message, in place (HOT)
create index form_credits_person on form_credits (appid, openid, expires_at);
create index form_credits_expiry on form_credits (expires_at);
comment on table form_credits is 'Rights to send one person so many retired template messages, until they expire.';

create table form_reservations (
  campaign_id  bigint not null,
  no           integer not null,                -- the recipient's number
  appid        text not null,
  openid       text not null,
  form_id      text not null,                   -- what all attempts at this recipient are sent with
  at           timestamptz not null default clock_timestamp(),
  primary key (campaign_id, no)
);
comment on table form_reservations is 'The form_id set aside for one recipient, from before its first attempt until its outcome is known.';
