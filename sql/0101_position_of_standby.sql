-- Whether it follows another server is asked before where its log is, in the same place: of one that is promoted between the
-- two, a look would say that it takes writes and is on no timeline, and so would not notice that it failed over.
drop function database_position();

-- Where PostgreSQL does not allow a function, or has none, that part is null.
create function database_position(
  out is_standby boolean, out system_identifier text, out timeline integer, out lsn text
)
language plpgsql stable as $$
begin
  is_standby := pg_is_in_recovery();
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
comment on function database_position is
  'Whether it is a standby, which cluster this is, on which timeline, and how far its log is on disk.';
