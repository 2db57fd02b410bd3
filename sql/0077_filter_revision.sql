-- Edits of a filter name the revision that they were made to.
alter table filters add column revision integer not null default 1;
