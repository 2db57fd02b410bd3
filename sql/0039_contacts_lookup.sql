-- Who has this unionid: asked by people and programs. Only followers whose details were fetched have one.
create index contacts_unionid on contacts (appid, unionid) where unionid is not null;

-- Why a sync ended without coming to its end, for whoever did not wait for it; a code of docs/errors.md.
alter table follower_syncs add column failed_code text;
create index follower_syncs_account on follower_syncs (appid, id);
