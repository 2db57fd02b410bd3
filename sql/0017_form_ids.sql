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
