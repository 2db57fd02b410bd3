import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alertsScene } from '../support/alerts/scene.ts';

const { site, appid, lookNow, later, all, campaign, node, channel } = await alertsScene();
const { pool } = site.store;

describe('an incident', () => {
  const tellings = async (id: number) =>
    (
      await pool.query<{ channel: string; what: string }>(
        `select c.name as channel, t.what from incident_tellings t join alert_channels c on c.id = t.channel_id
         where t.incident_id = $1 order by c.name, t.what desc`,
        [id],
      )
    ).rows.map(({ channel: name, what }) => `${name} ${what}`);
  const told = (id: number) =>
    pool.query(`update incident_tellings set state = 'told', attempts = 1 where incident_id = $1`, [id]);

  test('that comes and goes within its time is told nobody, and one that is back soon is the same', async () => {
    const id = await campaign('paused', 'held-share');
    const set = (state: string) => pool.query('update campaigns set state = $2 where id = $1', [id, state]);
    const mine = async () => (await all('campaign-paused')).filter(({ subject }) => subject === String(id));
    for (let i = 0; i < 3; i++) {
      await set('paused');
      await lookNow();
      await later(0.6);
      await set('running');
      await lookNow();
    }
    assert.deepEqual(await mine(), [], 'never a minute at a time');
    await set('paused');
    await lookNow();
    await later(1);
    await lookNow();
    const [incident] = await mine();
    for (let i = 0; i < 3; i++) {
      await set('running');
      await lookNow();
      await later(0.6);
      await set('paused');
      await lookNow();
    }
    assert.deepEqual(
      (await mine()).map((one) => [one.id, one.state]),
      [[incident?.id, 'open']],
    );
    await set('running');
    await lookNow();
    await later(1);
    await lookNow();
    assert.deepEqual(
      (await mine()).map(({ state }) => state),
      ['ended'],
    );
    await set('paused');
    await lookNow();
    await later(1);
    await lookNow();
    assert.deepEqual(
      (await mine()).map(({ state }) => state),
      ['open', 'ended'],
      'another time it is another one',
    );
    await pool.query('delete from campaigns where id = $1', [id]);
  });

  test('is opened once, whichever of many nodes look at the same time', async () => {
    const id = await campaign('failed', 'nobody', '1 minute');
    await channel('many', null);
    await Promise.all(Array.from({ length: 12 }, () => lookNow()));
    const mine = (await all('campaign-failed')).filter(({ subject }) => subject === String(id));
    assert.equal(mine.length, 1);
    assert.deepEqual(
      mine[0]?.tellings.map(({ what, state }) => [what, state]),
      [['opened', 'waiting']],
    );
    // Whoever looks, the others need not for a while.
    await pool.query(`update incident_looks set looked_at = '-infinity'`);
    const before = await pool.query(`select looked_at from incident_looks`);
    await lookNow(10_000);
    const first = await pool.query(`select looked_at from incident_looks`);
    assert.notDeepEqual(first.rows, before.rows);
    await Promise.all(Array.from({ length: 5 }, () => lookNow(10_000)));
    assert.deepEqual((await pool.query(`select looked_at from incident_looks`)).rows, first.rows);
    await pool.query('delete from campaigns where id = $1', [id]);
    await pool.query('delete from alert_channels');
  });

  test('is told the channels of its account and those of everything, and its end those that were told', async () => {
    for (const [name, appids] of [
      ['everything', null],
      ['mine', [appid]],
      ['other', ['wx00000000000000a2']],
    ] as const)
      await channel(name, appids === null ? null : [...appids]);
    const id = await campaign('paused', 'held-share');
    await lookNow();
    await later(1);
    await lookNow();
    const [incident] = (await all('campaign-paused')).filter(({ subject }) => subject === String(id));
    assert.ok(incident !== undefined);
    assert.deepEqual(await tellings(incident.id), ['everything opened', 'mine opened']);
    await told(incident.id);
    const late = await channel('late', null);
    await pool.query('delete from campaigns where id = $1', [id]);
    await lookNow();
    await later(1);
    await lookNow();
    assert.deepEqual(await tellings(incident.id), [
      'everything opened',
      'everything ended',
      'mine opened',
      'mine ended',
    ]);
    await node('worker-3', 30);
    await lookNow();
    await later(1);
    await lookNow();
    const [gone] = await all('node-gone');
    assert.deepEqual(
      await tellings(gone?.id ?? 0),
      ['everything opened', 'late opened'],
      'the installation’s matter',
    );
    await pool.query('delete from alert_channels where id <> $1', [late]);
  });

  test('whose beginning was told nobody yet is told once, with its end', async () => {
    const id = await campaign('paused', 'held-share');
    await lookNow();
    await later(1);
    await lookNow();
    const [incident] = (await all('campaign-paused')).filter(({ subject }) => subject === String(id));
    assert.deepEqual(await tellings(incident?.id ?? 0), ['late opened']);
    await pool.query('delete from campaigns where id = $1', [id]);
    await lookNow();
    await later(1);
    await lookNow();
    assert.deepEqual(await tellings(incident?.id ?? 0), ['late ended']);
  });

  test('that only time ends is not told as mended', async () => {
    await node('worker-4', 30);
    await lookNow();
    await later(1);
    await lookNow();
    const [gone] = (await all('node-gone')).filter(({ subject }) => subject === 'worker-4');
    await told(gone?.id ?? 0);
    await later(23 * 60 + 55);
    await pool.query(`delete from nodes where host = 'worker-4'`);
    await lookNow();
    await later(1);
    await lookNow();
    assert.equal((await all('node-gone')).find(({ id }) => id === gone?.id)?.state, 'ended');
    assert.deepEqual(await tellings(gone?.id ?? 0), ['late opened']);
  });
});
