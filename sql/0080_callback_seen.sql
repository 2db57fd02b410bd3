-- When an account's callback was last asked for something, so that its silence is noticed.
alter table callback_counters add column last_at timestamptz not null default clock_timestamp();
