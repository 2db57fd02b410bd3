import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from './support/cli.ts';
import { assertHonest, makeRestoreSite, resumeToTheEnd, untilHeld } from './support/restore-site.ts';

const planned = 3_000;

test('a database that is put back under three working processes: nobody gets the message twice', async (t) => {
  const site = await makeRestoreSite(t, { followers: planned, ratePerS: 800 });
  const { cluster } = site;
  const id = await site.campaign(planned);
  await Promise.all([site.node(), site.node(), site.node()]);
  await until('it is under way', async () => site.accepted > 200);
  await cluster.stop();
  cluster.copy();
  await cluster.start();
  const copied = site.accepted;
  await until('much more goes out', async () => site.accepted > copied + 800);
  await cluster.crash();
  cluster.putBack();
  await cluster.start();
  await untilHeld(site, id);
  t.diagnostic(`${copied} before the copy, ${site.accepted} in all`);
  await resumeToTheEnd(site, id);
  const counts = await assertHonest(site, id);
  assert.ok((counts.unknown ?? 0) > 800, JSON.stringify(counts));
});

test('a standby that takes over without the last commits: nobody twice, nobody who has it is called unsent', async (t) => {
  const site = await makeRestoreSite(t, { followers: planned, ratePerS: 800 });
  const { cluster, link } = site;
  await cluster.stop();
  const standby = await cluster.standby(join(site.directory, 'standby'));
  const id = await site.campaign(planned);
  await Promise.all([site.node(), site.node(), site.node()]);
  await until('it is under way', async () => site.accepted > 200);
  await standby.stopFollowing();
  const followed = site.accepted;
  await until('much more goes out', async () => site.accepted > followed + 800);
  await cluster.crash();
  await standby.promote();
  link.leadTo(standby.connection);
  await untilHeld(site, id);
  t.diagnostic(`${followed} while it was followed, ${site.accepted} in all`);
  await resumeToTheEnd(site, id);
  const counts = await assertHonest(site, id);
  assert.ok((counts.unknown ?? 0) > 800, JSON.stringify(counts));
});
