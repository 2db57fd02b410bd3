-- Schedules can rest, and nobody lifts the limit of approval for themselves.
alter table schedules add column paused_at timestamptz, add column version integer not null default 1;
-- Who lifted the limit last, and the one that goes on holding for them.
alter table accounts add column approval_lifted_by text, add column approval_before integer;
