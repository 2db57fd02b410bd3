/** Receipts of large campaigns; the full form, some minutes: `npm run test:chaos`. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { campaignReport } from '../../src/engine/campaigns/report.ts';
import type { EventOptions, SimulatedAccount } from '../../src/simulator/index.ts';
import { findCampaign } from '../../src/store/campaigns/campaigns.ts';
import { makeSite, type Site } from '../support/campaign.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import {
  assertReceipts,
  Gate,
  type ServingNode,
  startPushing,
  startServing,
  toldBy,
} from '../support/receipts/receipt-scene.ts';

interface Run {
  site: Site;
  gate: Gate;
  account: SimulatedAccount;
  nodes: ServingNode[];
  id: number;
}

async function within(what: string, ms: number, condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + ms; !(await condition()); await sleep(200))
    assert.ok(performance.now() < deadline, `not within ${ms} ms: ${what}`);
}

async function begin(
  people: number,
  options: { ratePerS: number; latencyMs: number; exclusive?: boolean; events: Partial<EventOptions> },
): Promise<Run> {
  const site = await makeSite();
  const gate = await new Gate().listen();
  const { pool } = site.store;
  const { account } = await startPushing(pool, site.cli.env.HONGYAN_SECRET_KEY ?? '', gate, {
    people,
    ...options,
  });
  const nodes = [await startServing(site.cli.env), await startServing(site.cli.env)];
  gate.ports = nodes.map((node) => node.port);
  after(async () => {
    for (const node of nodes) await node.kill();
    await gate.close();
  });
  const id = await insertCampaign(pool, account, 'oa-template', people, { chunkSize: 1_000 });
  await pool.query(`select pg_notify('hongyan_work', '')`);
  return { site, gate, account, nodes, id };
}

/** Sent, everything pushed or given up, and counted; how long each of it took, s. */
async function end(
  { site, account, id }: Run,
  withinMs: number,
): Promise<{ sentS: number; pushedS: number }> {
  const { pool } = site.store;
  const begun = performance.now();
  await within('it is sent', withinMs, async () => (await findCampaign(pool, id))?.state === 'done');
  const sentS = Math.round((performance.now() - begun) / 1000);
  assert.ok(await account.events.drained(withinMs), 'everything is pushed');
  const pushedS = Math.round((performance.now() - begun) / 1000);
  const { told } = toldBy(account);
  await within('the receipts are counted', 60_000, async () => {
    const { accepted, unknown, receipts } = await campaignReport(pool, id);
    return accepted - receipts.waiting + unknown >= told.size - 300;
  });
  // What came before its answer is looked for again within a few seconds.
  await sleep(5_000);
  return { sentS, pushedS };
}

const troubles: Partial<EventOptions> = {
  jitterMs: 2_000,
  ...{ blockedShare: 0.05, systemFailedShare: 0.02, freqLimitShare: 0.01 },
  ...{ earlyShare: 0.05, duplicateShare: 0.05, answerLostShare: 0.02, lostShare: 0.01 },
};

test('50,000 with receipts, early, twice, lost, and the receiving and sending process killed with -9', async (t) => {
  const people = 50_000;
  const run = await begin(people, { ratePerS: 2_000, latencyMs: 20, events: troubles });
  const { pool } = run.site.store;
  const ending = end(run, 600_000);
  await within(
    'some are counted',
    300_000,
    async () => (await campaignReport(pool, run.id)).receipts.delivered > 5_000,
  );
  await run.nodes[0]?.kill('SIGKILL');
  run.gate.ports = run.nodes.slice(1).map((node) => node.port);
  const times = await ending;
  const seen = await assertReceipts(pool, run.id, toldBy(run.account));
  const { unknown } = await campaignReport(pool, run.id);
  t.diagnostic(JSON.stringify({ ...times, ...seen, unknown }));
  assert.equal(seen.accepted + unknown, people);
  assert.ok(seen.nameless + unknown < 500, 'only those who were in flight when it was killed');
});

test('200,000 at full rate, with their events coming back meanwhile, lose none', async (t) => {
  const people = 200_000;
  const run = await begin(people, { ratePerS: 1_000_000, latencyMs: 20, events: { jitterMs: 2_000 } });
  const { pool } = run.site.store;
  let slowest = 1;
  const watching = setInterval(() => {
    campaignReport(pool, run.id).then(
      ({ receipts }) => {
        slowest = Math.min(slowest, receipts.share);
      },
      () => {},
    );
  }, 1_000);
  const times = await end(run, 500_000).finally(() => clearInterval(watching));
  const all = toldBy(run.account);
  const seen = await assertReceipts(pool, run.id, all);
  const { deliveries, failures } = run.account.events.summary();
  t.diagnostic(JSON.stringify({ ...times, ...seen, givenUp: all.maybe.size, slowest, deliveries, failures }));
  assert.deepEqual([seen.accepted, all.maybe.size, seen.received], [people, 0, people]);
});
