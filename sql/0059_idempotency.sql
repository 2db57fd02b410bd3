-- Answers of creating requests whose key is not kept by what they made: for 24 hours the same request has the same answer.
create table idempotency_keys (
  -- Who sent it; two callers do not share keys.
  actor text not null,
  key text not null,
  -- SHA-256 of route, parameters and body.
  digest bytea not null,
  began_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '24 hours',
  -- Null while it is carried out, and for ever where the process ended before it was over.
  status integer,
  answer text,
  primary key (actor, key)
);
create index idempotency_keys_over on idempotency_keys (expires_at);
