-- What a session seals with (`hongyan.key_id`) is a key of this moment, whenever its process was started: one that begins before
-- a rekey and stores a secret after it would leave that with a key which everybody is about to drop. A session that says
-- nothing is of an older version, or a person's.
create function sealed_with_key_of_now() returns trigger language plpgsql as $$
declare
  own text := nullif(current_setting('hongyan.key_id', true), '');
begin
  if own is null then return new; end if;
  -- Shared among writers. A rekey takes it alone to its commit: what was written before is sealed anew after it.
  perform pg_advisory_xact_lock_shared(1751083883); -- src/store/installation/rekey-running.ts
  if not exists (select 1 from installation where own in (key_id, next_key_id)) then
    raise exception 'the secret key % has been replaced', own using errcode = '28H01';
  end if;
  return new;
end $$;
comment on function sealed_with_key_of_now is 'Refuses (28H01) what a session stores that seals with a key that has been replaced.';

create trigger accounts_sealed before insert or update of secret_sealed, proxy_sealed on accounts
  for each row when (num_nonnulls(new.secret_sealed, new.proxy_sealed) > 0) execute function sealed_with_key_of_now();
create trigger account_tokens_sealed before insert or update of token_sealed on account_tokens
  for each row when (new.token_sealed is not null) execute function sealed_with_key_of_now();
create trigger account_callbacks_sealed
  before insert or update of token_sealed, previous_token_sealed, aes_key_sealed, previous_aes_key_sealed, forward_to_sealed on account_callbacks
  for each row when (num_nonnulls(new.token_sealed, new.previous_token_sealed, new.aes_key_sealed, new.previous_aes_key_sealed,
    new.forward_to_sealed) > 0) execute function sealed_with_key_of_now();
create trigger webhooks_sealed before insert or update of url_sealed, secret_sealed, previous_secret_sealed on webhooks
  for each row when (num_nonnulls(new.url_sealed, new.secret_sealed, new.previous_secret_sealed) > 0)
  execute function sealed_with_key_of_now();
create trigger alert_channels_sealed before insert or update of target_sealed on alert_channels
  for each row when (new.target_sealed is not null) execute function sealed_with_key_of_now();
create trigger idempotency_keys_sealed before insert or update of answer_sealed on idempotency_keys
  for each row when (new.answer_sealed is not null) execute function sealed_with_key_of_now();
