-- What the nodes do at this moment, for people who watch.
create unlogged table node_stats (               -- a crash may forget it: it is a second old at most
  node_id      uuid not null,
  appid        text not null,
  in_flight    integer not null,
  window_size  integer not null,
  latency_ms   real not null,                    -- smoothed time of an answer
  at           timestamptz not null default clock_timestamp(),
  primary key (node_id, appid)
);
comment on table node_stats is 'Messages in flight, window and latency per node and account, written every second.';
