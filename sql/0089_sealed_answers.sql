-- Answers that are kept for a repeat and hold a secret, such as a new API key.
alter table idempotency_keys add column answer_sealed bytea;
comment on column idempotency_keys.answer_sealed is
  'Where request or answer holds a secret: SHA-256 of the request, and the answer, sealed; digest and answer say nothing then.';
