-- `worker` has a name of its own: who is to be stopped is named by it.
alter table nodes drop constraint nodes_role_check;
alter table nodes add constraint nodes_role_check check (role in ('serve', 'worker', 'push', 'demo'));
