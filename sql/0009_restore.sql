-- Tells a restored or promoted database from the one that this was: its marks are older than what was sent.
alter table installation
  add column system_identifier text,             -- of the PostgreSQL cluster; a dump restored elsewhere has another one
  add column timeline integer,                   -- counts promotions and point-in-time recoveries
  add column oids text,                          -- of the database and of this table: a dump restored in their place has others
  add column history_id uuid not null default gen_random_uuid(),
  add column history_at timestamptz;
comment on column installation.history_id is
  'Another one since each restore or failover that was noticed: names the witness file, and the sessions that were checked.';
comment on column installation.history_at is
  'When it began; null: with the database. Of two the later one is in force, and a restore brings back an earlier one.';

-- Where PostgreSQL does not allow a function, or has none, that part is null.
create function database_position(out system_identifier text, out timeline integer, out lsn text)
language plpgsql stable as $$
begin
  begin
    select s.system_identifier::text into system_identifier from pg_control_system() s;
  exception when insufficient_privilege or undefined_function or feature_not_supported then null;
  end;
  begin
    lsn := pg_current_wal_flush_lsn()::text;
    -- Not pg_control_checkpoint(): that tells of a promotion only after the next checkpoint.
    timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer;
  exception when insufficient_privilege or undefined_function or feature_not_supported
    or object_not_in_prerequisite_state then null;
  end;
end $$;
comment on function database_position is 'Which cluster this is, on which timeline, and how far its log is on disk.';

create function on_checked_session() returns boolean language plpgsql stable as $$
begin
  if nullif(current_setting('hongyan.history', true), '')::uuid is distinct from (select history_id from installation) then
    raise exception 'nobody has checked through this session whether the database went back'
      using errcode = '57H01';
  end if;
  return true;
end $$;
comment on function on_checked_session is
  'True; an error in a session through which nobody looked for a restore: of a server that came behind a proxy''s back, or of before one.';
