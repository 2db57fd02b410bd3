-- A statement that is repeated until it is answered must not begin anew in a database that has forgotten its first try.
create function in_history(expected uuid) returns boolean language plpgsql stable as $$
begin
  if expected is distinct from (select history_id from installation) then
    raise exception 'the database was restored or failed over since this was begun' using errcode = '57H04';
  end if;
  return on_checked_session();
end $$;
comment on function in_history is
  'True; an error in another history than the one that is expected, or in a session through which nobody looked for a restore.';
