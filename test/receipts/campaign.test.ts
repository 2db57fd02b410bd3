import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { campaignReport } from '../../src/engine/campaigns/report.ts';
import { makeSite } from '../support/campaign.ts';
import { until, untilMoved } from '../support/cli.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import {
  assertReceipts,
  Gate,
  type ServingNode,
  startPushing,
  startServing,
  type Told,
  toldBy,
} from '../support/receipts/receipt-scene.ts';

const people = 2_000;
const site = await makeSite();
const { pool } = site.store;
const gate = await new Gate().listen();
const { account } = await startPushing(pool, site.cli.env.HONGYAN_SECRET_KEY ?? '', gate, {
  people,
  ratePerS: 1_000,
  events: {
    jitterMs: 400,
    ...{ blockedShare: 0.05, systemFailedShare: 0.03, freqLimitShare: 0.02 },
    ...{ earlyShare: 0.2, duplicateShare: 0.1, answerLostShare: 0.05, lostShare: 0.02 },
    ...{ retryAfterMs: 300, timeoutMs: 20_000 },
  },
});
const nodes: ServingNode[] = [await startServing(site.cli.env), await startServing(site.cli.env)];
gate.ports = nodes.map((node) => node.port);
after(async () => {
  for (const node of nodes) await node.kill();
  await gate.close();
});

async function deliver(planned: number): Promise<number> {
  account.clearReceived();
  account.events.clear();
  const id = await insertCampaign(pool, account, 'oa-template', planned, { chunkSize: 1_000 });
  await pool.query(`select pg_notify('hongyan_work', '')`);
  await untilMoved('it is sent', async () => {
    const { campaign, accepted, unknown } = await campaignReport(pool, id);
    return campaign.state === 'done' ? null : `${campaign.state}, ${accepted} accepted, ${unknown} unknown`;
  });
  return id;
}

/** Everything that was pushed is stored, and what came before its answer is matched. */
async function settled(id: number, { told, maybe }: Told): Promise<number> {
  let received = 0;
  await until('the receipts are counted', async () => {
    const { accepted, receipts } = await campaignReport(pool, id);
    received = accepted - receipts.waiting;
    return received >= told.size && received <= told.size + maybe.size;
  });
  return received;
}

test('the report is what WeChat pushed to two nodes, early, late, twice, out of order and sometimes never', async () => {
  const id = await deliver(people);
  assert.ok(await account.events.drained());
  const all = toldBy(account);
  const received = await settled(id, all);
  const seen = await assertReceipts(pool, id, all);
  assert.deepEqual(seen, { accepted: people, received, nameless: 0, inferred: 0 });
  assert.ok(received < people && received > people * 0.95, 'some were lost');
});

test('a receiving node is killed with -9, the other one goes on, and every receipt counts once', async () => {
  account.events.configure({ lostShare: 0, earlyShare: 0 });
  account.events.pause();
  const planned = 1_500;
  const id = await deliver(planned);
  account.events.configure({ jitterMs: 2_000 });
  account.events.resume();
  await until('some are stored', async () => (await campaignReport(pool, id)).receipts.delivered > 100);
  await nodes[0]?.kill('SIGKILL');
  gate.ports = nodes.slice(1).map((node) => node.port);
  assert.ok((await campaignReport(pool, id)).receipts.waiting > 0, 'it was killed in the middle');
  assert.ok(await account.events.drained());
  const all = toldBy(account);
  assert.equal(all.told.size + all.maybe.size, planned);
  const received = await settled(id, all);
  const seen = await assertReceipts(pool, id, all);
  assert.deepEqual([seen.received, seen.nameless], [received, 0]);
});

test('what WeChat gave up delivering after three times is no receipt', async () => {
  account.events.configure({ jitterMs: 0, retryAfterMs: 10, markFailAfter: 0 });
  gate.ports = [];
  const id = await deliver(100);
  assert.ok(await account.events.drained());
  const { told, maybe } = toldBy(account);
  assert.deepEqual([told.size, maybe.size], [0, 100]);
  gate.ports = nodes.slice(1).map((node) => node.port);
  const seen = await assertReceipts(pool, id, { told, maybe: new Map() });
  assert.deepEqual([seen.accepted, seen.received], [100, 0]);
  const shown = await site.cli.ok(['campaigns', 'show', String(id)]);
  assert.match(shown, / 100 {2}no receipt yet\n/);
});
