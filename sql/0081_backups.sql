-- Backups that nodes make by themselves.
create table backups (
  id          bigint generated always as identity primary key,
  due_at      timestamptz not null,             -- the time of day for which it was made
  host        text not null,                    -- whose directory it is in
  path        text not null,
  started_at  timestamptz not null default clock_timestamp(),
  ended_at    timestamptz,                      -- null: under way, or its process was killed
  bytes       bigint,                           -- of the whole file; null: there is none
  code        text,                             -- why it failed; a code of docs/errors.md, or of the system
  check (bytes is null or ended_at is not null and code is null)
);
comment on table backups is 'Attempts at backups that are made every day, the newest last. Not part of a backup.';
