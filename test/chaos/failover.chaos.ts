/** A primary and a standby of the system's PostgreSQL under three nodes, the primary killed: `npm run test:chaos`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findCampaign, resumeCampaign } from '../../src/store/campaigns/campaigns.ts';
import { makeFailoverPair, withoutDebianPostgres } from '../support/store/debian-cluster.ts';
import { type Chaos, runChaos } from './chaos.ts';

const planned = Number(process.env.HONGYAN_FAILOVER_RECIPIENTS ?? 50_000);

function received(chaos: Chaos): number {
  return chaos.accounts.reduce((sum, account) => sum + account.summary().accepted, 0);
}

/** Two campaigns, with and without a key. */
const base = {
  campaigns: [
    { channel: 'oa-template' as const, planned },
    { channel: 'mp-subscribe' as const, planned },
  ],
  ...{ nodes: 3, ratePerS: 1_000, latencyMs: 20, withinMs: 600_000 },
};

async function untilUnderWay(chaos: Chaos): Promise<void> {
  await chaos.until(
    'each node has renewed its lease, and a fifth is sent',
    async () => {
      const { rows } = await chaos.pool.query<{ least: number | null; n: number }>(
        'select min(beat)::integer as least, count(*)::integer as n from nodes',
      );
      return rows[0]?.n === 3 && (rows[0].least ?? 0) >= 3 && received(chaos) > planned / 5;
    },
    120_000,
  );
}

describe('the primary of three sending nodes is killed', { skip: withoutDebianPostgres }, () => {
  test('its synchronous standby takes over: sending goes on by itself within 30 s, nobody twice, nobody forgotten', async (t) => {
    const pair = await makeFailoverPair(t, { isSynchronous: true });
    const results = await runChaos({
      ...base,
      database: { connection: { connectionString: pair.url }, url: pair.url },
      async disturb(chaos) {
        await untilUnderWay(chaos);
        await pair.killPrimary();
        const [killedAt, before] = [performance.now(), received(chaos)];
        pair.promote();
        await chaos.until('it goes on', async () => received(chaos) > before + 1_000, 30_000);
        const goesOnMs = performance.now() - killedAt;
        t.diagnostic(`killed after ${before}; 1,000 more ${Math.round(goesOnMs)} ms after`);
        assert.ok(goesOnMs < 30_000);
        for (const id of chaos.campaigns)
          assert.notEqual((await findCampaign(chaos.pool, id))?.state, 'paused');
      },
    });
    for (const one of results) t.diagnostic(JSON.stringify(one));
  });

  test('an asynchronous standby takes over without the last commits: it pauses, with the reason, and nobody gets it twice', async (t) => {
    const pair = await makeFailoverPair(t, { isSynchronous: false });
    const results = await runChaos({
      ...base,
      database: { connection: { connectionString: pair.url }, url: pair.url },
      async disturb(chaos) {
        await untilUnderWay(chaos);
        await pair.query('standby', "alter system set primary_conninfo = ''");
        await pair.query('standby', 'select pg_reload_conf()');
        const followed = received(chaos);
        await chaos.until('much more goes out', async () => received(chaos) > followed + 2_000, 60_000);
        await pair.killPrimary();
        pair.promote();
        await chaos.until(
          'both are paused',
          async () => {
            const found = await Promise.all(chaos.campaigns.map((id) => findCampaign(chaos.pool, id)));
            return found.every((one) => one?.state === 'paused' && one.stateReason === 'restored');
          },
          60_000,
        );
        for (const id of chaos.campaigns) assert.ok(await resumeCampaign(chaos.pool, id));
      },
    });
    for (const one of results) t.diagnostic(JSON.stringify(one));
    assert.ok(results.some(({ unknown }) => unknown > 1_000));
  });
});
