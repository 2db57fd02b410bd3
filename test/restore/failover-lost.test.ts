import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { makeFailoverScene } from '../support/embedded/failover-scene.ts';
import { assertHonest, resumeToTheEnd, untilHeld } from '../support/embedded/restore-site.ts';

test('an asynchronous standby that has all the same everything is not known to: campaigns pause, and why is said', async (t) => {
  const { site, standby, id } = await makeFailoverScene(t, false, 'unkeyed');
  await site.cluster.stop(); // it gives the standby everything that it has
  site.link.leadTo(standby.connection);
  await standby.promote();
  await untilHeld(site, id);
  // The log comes behind the commit that pauses.
  await until('why is said', async () =>
    site.nodes.some(({ stderr }) => stderr.includes('"unproven":"asynchronous"')),
  );
  await resumeToTheEnd(site, id);
  await assertHonest(site, id);
});

test('a synchronous standby that lost something all the same is found out by the node that knows it', async (t) => {
  const { site, standby, id } = await makeFailoverScene(t, true, 'unkeyed');
  // Commits go on to be acknowledged, and are on the other server only: as after `alter system` in the last moment.
  await standby.stopFollowing();
  await site.cluster.query("alter system set synchronous_standby_names = ''");
  await site.cluster.query('select pg_reload_conf()');
  const followed = site.accepted;
  await until('more goes out', async () => site.accepted > followed + 300);
  await site.cluster.crash();
  site.link.leadTo(standby.connection);
  await standby.promote();
  await untilHeld(site, id);
  await resumeToTheEnd(site, id);
  await assertHonest(site, id);
});
