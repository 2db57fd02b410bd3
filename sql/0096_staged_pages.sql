-- breaking
-- The rows of a page that fall into one bucket are one row here: 64 rows a page instead of 5,000, with their index entries and foreign keys.
create table staged_pages (
  campaign_id  bigint not null references campaigns on delete cascade,
  bucket       smallint not null,               -- hash of the dedupe key, 0-63: equal keys meet in one bucket
  seq          integer not null,                -- of the first row: order in the audience; the first row wins
  rows         text not null,                   -- by src/store/campaigns/staged-rows.ts: seq, line, openid, dedupe key, variables, ref
  primary key (campaign_id, bucket, seq)
);
-- Packing it takes longer than writing it, and it is gone again soon.
alter table staged_pages alter column rows set storage external;

insert into staged_pages (campaign_id, bucket, seq, rows)
select campaign_id, bucket, min(seq), string_agg(
    concat_ws(E'\x1f', seq, line, openid, coalesce(dedupe_key, ''), coalesce(vars, ''), coalesce(ref, '')), E'\x1e' order by seq)
from (select *, (row_number() over (partition by campaign_id, bucket order by seq) - 1) / 100 as page from staging) numbered
group by campaign_id, bucket, page;

drop table staging;
alter table staged_pages rename to staging;
alter table staging rename constraint staged_pages_pkey to staging_pkey;
alter table staging rename constraint staged_pages_campaign_id_fkey to staging_campaign_id_fkey;
comment on table staging is
  'The audience as it came, before duplicates and invalid rows are dropped: rows of one page and bucket together; emptied bucket by bucket.';
