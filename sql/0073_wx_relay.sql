-- Whether programs that speak WeChat may use the account through us (/wx/{appid}/…).
alter table accounts add column wx_relay boolean not null default false;
