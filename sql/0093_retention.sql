-- How long an account's events and audit are kept, where the installation's term is not to hold for it.
alter table accounts
  add column keep_event_days integer check (keep_event_days > 0),
  add column keep_audit_days integer check (keep_audit_days >= 184);
comment on column accounts.keep_event_days is 'Events and receipts of the account; null: as the installation.';
comment on column accounts.keep_audit_days is 'Audit of the account, six months at least; null: as the installation.';

-- Six months: so long network logs have to be kept by China's Cybersecurity Law (网络安全法, 第二十一条), and nobody who has got
-- hold of an administrator's rights can make what they did disappear sooner.
create or replace function audit_is_append_only() returns trigger language plpgsql as $$
declare
  keep_days integer := coalesce(nullif(current_setting('hongyan.audit_keep_days', true), '')::integer, 365);
begin
  if tg_op = 'DELETE' then
    if old.at < clock_timestamp() - make_interval(days => greatest(keep_days, 184)) then
      return old;
    end if;
  end if;
  raise exception 'audit rows are never changed, and removed only when their time is over';
end
$$;
