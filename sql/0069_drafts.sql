-- Campaigns that somebody is still writing.
create table drafts (
  id bigint generated always as identity primary key,
  appid text not null references accounts on delete cascade,
  name text not null default '',
  request json not null,
  client json not null default '{}',
  revision integer not null default 1,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  changed_by text not null,
  changed_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  campaign_id bigint references campaigns on delete set null,
  planned_revision integer
);
create index drafts_appid on drafts (appid, id);
create index drafts_expiring on drafts (expires_at);
comment on table drafts is 'Campaigns that are still written: as much of a request as is decided. Removed when nobody changed them for 30 days.';
comment on column drafts.client is 'What the program that writes it keeps for itself; never read.';
comment on column drafts.campaign_id is 'What was planned of it last, as of planned_revision.';
