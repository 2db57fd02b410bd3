-- What a campaign is, so that another one under its key is refused instead of being taken for a repeat.

alter table campaigns add column content jsonb;  -- digests of {message, recipients, exclusions, options}; only with a key, and null before this migration
