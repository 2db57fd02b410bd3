-- What WeChat signed and cannot be read is kept as it came.

alter table events add column raw bytea;  -- the decrypted body of an unreadable event; null for others
