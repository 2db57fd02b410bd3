-- Whether the first chunk of a campaign goes alone; the same rule as in src/engine/delivery/campaign-run.ts.
create function needs_canary(channel text, planned_count integer) returns boolean
language sql immutable as $$ select channel = 'oa-template' and planned_count > 10000 $$;
comment on function needs_canary is 'Whether a campaign opens its other chunks only after the first one was delivered and judged.';
