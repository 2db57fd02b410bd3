-- What people and programs changed, and were refused: control plane only, one row per action and outcome.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  -- `began` is written before a change, the other ones after it: a `began` without another row was interrupted.
  outcome text not null check (outcome in ('began', 'done', 'refused', 'failed')),
  -- The row that says when it began; null where nothing is written beforehand.
  began_id bigint references audit,
  action text not null,
  -- Code of docs/errors.md, of `refused` and `failed`.
  code text,
  actor_kind text not null check (actor_kind in ('terminal', 'user', 'key', 'program')),
  actor_id text not null,
  actor_name text not null,
  appid text,
  -- What it was done to: a number or a name within the account.
  target text,
  -- Never secrets: every action names the fields of its input that are kept.
  input jsonb not null,
  before jsonb,
  after jsonb,
  -- Address of the caller, or host of the terminal.
  source text,
  request_id text
);
create index audit_account on audit (appid, id);
create index audit_actor on audit (actor_kind, actor_id, id);
create index audit_began on audit (began_id) where began_id is not null;

-- What is over its time is looked for once an hour.
create index audit_at on audit (at);

-- Rows go when their time is over, and no earlier: after 365 days, unless whoever removes them says otherwise.
create function audit_is_append_only() returns trigger language plpgsql as $$
declare
  keep_days integer := coalesce(nullif(current_setting('hongyan.audit_keep_days', true), '')::integer, 365);
begin
  if tg_op = 'DELETE' then
    if old.at < clock_timestamp() - make_interval(days => greatest(keep_days, 30)) then
      return old;
    end if;
  end if;
  raise exception 'audit rows are never changed, and removed only when their time is over';
end
$$;
create trigger audit_append_only before update or delete on audit for each row execute function audit_is_append_only();
create trigger audit_no_truncate before truncate on audit for each statement execute function audit_is_append_only();
