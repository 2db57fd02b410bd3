-- Tells a restored or promoted database from the one that this was: its marks are older than what was sent.
alter table installation
  add column system_identifier text,             -- of the PostgreSQL cluster; a dump restored elsewhere has another one
  add column timeline integer;                   -- counts promotions and point-in-time recoveries
