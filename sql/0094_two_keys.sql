-- Two secret keys side by side, while one takes the place of the other.
alter table installation add column next_key_id text, add column former_key_id text;
comment on column installation.next_key_id is 'A key that some process seals with already, before all is sealed with it; null: only key_id is used.';
comment on column installation.former_key_id is 'The key before; nobody begins to seal with it again.';

alter table nodes add column key_ids text[];
comment on column nodes.key_ids is 'Ids of the secret keys that it has, the one that it seals with first; null: of a version that has one.';
