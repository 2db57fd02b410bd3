-- Tells a failover that has forgotten nothing from one of which nobody knows.
alter table nodes add column confirmed_timeline integer;
comment on column nodes.confirmed_timeline is
  'The timeline of the server on which this node has found again everything that it knew to be stored before.';

-- Where PostgreSQL does not allow a function, or has none, that part is null.
create function replication_state(out standby_names text, out is_durable boolean, out standbys integer, out async_standbys integer,
  out replayed text)
language plpgsql stable as $$
begin
  standby_names := current_setting('synchronous_standby_names', true);
  is_durable := current_setting('synchronous_commit') in ('on', 'remote_apply') and current_setting('fsync')::boolean;
  begin
    -- Who may not read the state of a standby still counts it.
    select count(*), count(*) filter (where s.sync_state in ('async', 'potential')) into standbys, async_standbys from pg_stat_replication s;
  exception when insufficient_privilege or undefined_function or undefined_table or feature_not_supported then null;
  end;
  begin
    replayed := pg_last_wal_replay_lsn()::text;
  exception when insufficient_privilege or undefined_function or feature_not_supported then null;
  end;
end $$;
comment on function replication_state is
  'Whether a commit waits for the standbys, and, on one that was promoted since it was started, up to where it had followed.';
