-- Until then the process that reads a campaign's recipients (state 'staging') is taken for alive. It says so again and again; a
-- campaign whose reader is gone can only be cancelled, because the rows came from that process.
alter table campaigns add column read_until timestamptz;
