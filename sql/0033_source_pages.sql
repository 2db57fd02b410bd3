-- The columns of a campaign's file, so that results can be put beside them.

alter table campaigns add column columns text[]; -- names of all columns of the file, the openids' too; null: none are kept

create table source_pages (
  campaign_id  bigint not null references campaigns on delete cascade,
  first_line   integer not null,
  last_line    integer not null,
  rows         bytea not null,                  -- JSON of some hundred rows as they were in the file, packed with zstd
  primary key (campaign_id, first_line)
);
comment on table source_pages is 'The rows of a campaign''s file with all their columns, in pages; nothing but an export reads them.';
