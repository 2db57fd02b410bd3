-- Why an API is parked: the day's quota (45009), or a limit that was lowered for violations (40251), which a person has to see.
alter table api_quotas add column parked_errcode integer;
