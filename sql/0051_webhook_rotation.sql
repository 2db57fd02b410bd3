-- While a secret is rotated each POST is signed with both.
alter table webhooks
  add column previous_secret_sealed bytea,
  add column previous_secret_until timestamptz,
  add check ((previous_secret_sealed is null) = (previous_secret_until is null));
