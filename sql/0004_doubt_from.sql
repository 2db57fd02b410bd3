-- WeChat drops repeats of a client_msg_id for ten minutes after the first, so whoever takes a chunk over must know
-- how long ago its unanswered messages may have left. The time of the takeover says nothing: a whole cluster may
-- have been down for hours before it.
alter table chunks add column doubt_from timestamptz;
comment on column chunks.doubt_from is
  'Whatever was started under this epoch and has no stored fact was started after this; set by each flush.';
