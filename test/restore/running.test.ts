import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import {
  assertHonest,
  makeRestoreSite,
  resumeToTheEnd,
  untilHeld,
} from '../support/embedded/restore-site.ts';

/** Ten seconds: a busy machine may be that late, and there must be some left to send. */
const planned = 8_000;

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
  // Before it is promoted it answers, and takes no writes.
  link.leadTo(standby.connection);
  await until('the nodes come to it', async () =>
    site.nodes.every(({ stderr }) => stderr.includes('"25006"')),
  );
  await standby.promote();
  await untilHeld(site, id);
  t.diagnostic(`${followed} while it was followed, ${site.accepted} in all`);
  await resumeToTheEnd(site, id);
  const counts = await assertHonest(site, id);
  assert.ok((counts.unknown ?? 0) > 800, JSON.stringify(counts));
});

test('a database that is put back under processes with single messages: nobody gets one twice', async (t) => {
  // So slow at first that most are left to be sent, however long it takes to submit them.
  const site = await makeRestoreSite(t, { followers: 600, ratePerS: 5 });
  const { cluster, pool } = site;
  const submit = await site.server();
  await Promise.all([site.node(), site.node()]);
  const submitted = 300;
  await Promise.all(Array.from({ length: submitted }, (_, i) => submit(i + 1)));
  await pool.query('update accounts set rate_per_s = 80');
  await cluster.stop();
  cluster.copy();
  const copied = site.accepted;
  await cluster.start();
  await until('much more goes out', async () => site.accepted > copied + 100);
  await cluster.crash();
  cluster.putBack();
  await cluster.start();
  await until('everything is settled', async () => {
    const open = await pool.query('select 1 from open_messages limit 1').catch(() => null);
    return open?.rows.length === 0;
  });
  t.diagnostic(`${copied} before the copy, ${site.accepted} in all`);
  const found = await pool.query<{ openid: string; state: string }>(
    `select openid, case max(kind) when 5 then 'accepted' when 3 then 'unknown' else 'unsent' end as state
     from messages m left join message_facts f on f.message_id = m.id group by 1`,
  );
  assert.equal(found.rows.length, submitted);
  for (const { openid, state } of found.rows) {
    const got = site.account.receivedCount(openid);
    assert.ok(got <= 1, `${openid} got it ${got} times`);
    if (got === 1)
      assert.ok(state === 'accepted' || state === 'unknown', `${openid} has it, and is ${state}`);
    else assert.equal(state, 'unknown');
  }
  assert.ok(site.accepted < submitted, 'it was taken away before the last one');
  // From now on it is this database.
  await submit(submitted + 1);
  await until(
    'a new one goes out',
    async () => site.account.receivedCount(site.account.openid(submitted)) === 1,
  );
});

test('a promotion is noticed by a process that has just begun, before the next checkpoint', async (t) => {
  const site = await makeRestoreSite(t, { followers: 5, ratePerS: 100 });
  await site.cluster.stop();
  const standby = await site.cluster.standby(join(site.directory, 'standby'));
  const id = await site.campaign(5);
  await until(
    'the standby has it',
    async () => (await standby.query('select 1 from hongyan.chunks')).length > 0,
  );
  await standby.stopFollowing();
  await standby.query('alter system set checkpoint_timeout = 3600');
  await site.cluster.crash();
  await standby.promote();
  site.link.leadTo(standby.connection);
  await site.node();
  await untilHeld(site, id);
  assert.equal(site.accepted, 0);
});

test('nothing is claimed for three seconds after the server’s start where other nodes were: they look first', async (t) => {
  const site = await makeRestoreSite(t, { followers: 5, ratePerS: 100 });
  const node = await site.node();
  await site.cluster.query(
    "insert into hongyan.nodes (id, host, pid, role, version) values (gen_random_uuid(), 'elsewhere', 1, 'serve', '0')",
  );
  await site.cluster.stop();
  await site.cluster.start();
  const id = await until('it answers', () => site.campaign(5).catch(() => undefined));
  await until('it is claimed', async () => {
    const { rows } = await site.pool.query('select 1 from chunks where campaign_id = $1 and epoch > 0', [id]);
    return rows.length === 1;
  });
  const { rows } = await site.pool.query<{ ms: number }>(
    `select extract(epoch from first_at - pg_postmaster_start_time()) * 1000 as ms from chunks where campaign_id = $1`,
    [id],
  );
  assert.ok(Number(rows[0]?.ms) >= 2_900, `after ${rows[0]?.ms} ms`);
  assert.equal(node.child.exitCode, null);
});
