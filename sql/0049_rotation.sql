-- A key, Token or secret that was replaced is taken until a stated time, and no longer.
alter table account_callbacks
  add column previous_aes_key_until timestamptz,
  add column previous_token_sealed bytea,
  add column previous_token_until timestamptz;
update account_callbacks set previous_aes_key_until = clock_timestamp() + interval '7 days'
where previous_aes_key_sealed is not null;
alter table account_callbacks
  add check ((previous_aes_key_sealed is null) = (previous_aes_key_until is null)),
  add check ((previous_token_sealed is null) = (previous_token_until is null));

create table callback_signatures (
  appid      text not null,
  signature  bytea not null,
  seen_at    timestamptz not null default clock_timestamp(),
  primary key (appid, signature)
);
create index callback_signatures_seen_at on callback_signatures (seen_at);
comment on table callback_signatures is 'Signatures of plain pushes, which cover no content: one is good for an hour after it was first seen.';

-- While a secret of a webhook is rotated each POST is signed with both.
alter table webhooks
  add column previous_secret_sealed bytea,
  add column previous_secret_until timestamptz,
  add check ((previous_secret_sealed is null) = (previous_secret_until is null));
