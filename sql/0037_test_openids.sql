-- Whom test messages of an account may go to: what somebody who may only test, and an assistant, can reach.
alter table accounts add column test_openids text[] not null default '{}';
