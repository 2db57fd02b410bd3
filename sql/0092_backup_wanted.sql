-- That a node is asked for a backup every day: without it nobody could tell one that is overdue from one that nobody wants.
create table backup_wanted (
  only_row  boolean primary key default true check (only_row),
  due_at    timestamptz not null,
  asked_at  timestamptz not null default clock_timestamp(),
  seen_at   timestamptz not null default clock_timestamp()
);
comment on table backup_wanted is 'The daily backup that the nodes are asked for; no row: none ever was. Not part of a backup.';
comment on column backup_wanted.due_at is 'The newest time of day for which one is due.';
comment on column backup_wanted.asked_at is 'Since when one has been due without a whole one, or since the newest whole one was followed by the next time.';
comment on column backup_wanted.seen_at is 'When a node with the setting last looked.';
