-- Rows that were left out say why in every language.
alter table dropped add column words json;
