-- A request under a key is renewed by the process that carries it out; before, it was taken to be under way for 15 minutes,
-- whatever became of it. began_at stays: an older process beside this one goes by it.
alter table idempotency_keys
  add column in_flight_until timestamptz not null default clock_timestamp() + interval '15 seconds',
  add column claim_id uuid not null default gen_random_uuid();
comment on column idempotency_keys.in_flight_until is
  'Without a status: until then somebody carries it out. Afterwards nobody knows whether it was done.';
comment on column idempotency_keys.claim_id is
  'Which request has the key: what another one wanted to say late means nobody.';
