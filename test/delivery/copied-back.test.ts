import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, rename, rm } from 'node:fs/promises';
import { test } from 'node:test';
import type { SimulatedAccount } from '../../src/simulator/index.ts';
import { findCampaign, resumeCampaign } from '../../src/store/campaigns/campaigns.ts';
import { recipientOutcomes } from '../../src/store/campaigns/outcomes.ts';
import { until } from '../support/cli.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import { makeEmbeddedSite, type OpenSite } from '../support/embedded/site.ts';
import { startWechat } from '../support/wechat.ts';

const planned = 300;

async function stateOf(site: OpenSite, id: number): Promise<string> {
  const campaign = await findCampaign(site.store.pool, id);
  return `${campaign?.state} ${campaign?.stateReason}`;
}

async function untilDone(site: OpenSite, id: number): Promise<void> {
  await until('the campaign is done', async () => (await stateOf(site, id)) === 'done null');
}

async function assertNobodyTwice(account: SimulatedAccount, site: OpenSite, id: number): Promise<void> {
  const outcomes = await recipientOutcomes(site.store.pool, id, 0, planned);
  assert.equal(outcomes.length, planned);
  for (const { no, openid, outcome } of outcomes) {
    const got = account.receivedCount(openid);
    assert.ok(got <= 1, `no. ${no} got ${got}`);
    if (got === 0) assert.equal(outcome, 'unknown', `no. ${no} is forgotten`);
  }
}

test('a data directory that is put back as it was is noticed, and nobody gets the message again', async (t) => {
  const simulator = await startWechat({
    kind: 'miniprogram',
    followers: planned,
    creditsPerUser: 10,
    quotas: { '/cgi-bin/message/subscribe/send': null },
  });
  const account = simulator.account();
  const place = await makeEmbeddedSite(t);
  const first = await place.open();
  await place.add(first.store, simulator, account, 100);
  const id = await insertCampaign(first.store.pool, account, 'mp-subscribe', planned, { chunkSize: 100 });
  await first.work();
  await until('it is under way', async () => account.summary().accepted > 50);
  await first.close();
  assert.equal((await readdir(place.witnessDirectory)).length, 1);

  // Copied while everything is stopped, with owners and modes; then it goes on.
  assert.equal(spawnSync('cp', ['-a', place.files, `${place.files}.copy`]).status, 0);
  const copied = account.summary().accepted;
  assert.ok(copied < planned);
  const second = await place.open();
  assert.equal(await stateOf(second, id), 'running null', 'a plain restart is not taken for a restore');
  await second.store.pool.query('update accounts set rate_per_s = 100000');
  await second.work();
  await untilDone(second, id);
  await second.close();
  assert.equal(account.summary().accepted, planned);

  const putBack = async (): Promise<void> => {
    await rm(place.files, { recursive: true });
    assert.equal(spawnSync('cp', ['-a', `${place.files}.copy`, place.files]).status, 0);
  };
  await putBack();
  const blind = await place.open({ witness: false });
  assert.equal(await stateOf(blind, id), 'running null', 'by itself it looks like itself');
  await blind.close();

  await putBack();
  const third = await place.open();
  assert.equal(await stateOf(third, id), 'paused restored');
  await resumeCampaign(third.store.pool, id);
  await third.work();
  await untilDone(third, id);
  assert.equal(account.summary().accepted, planned, 'not one more message');
  await assertNobodyTwice(account, third, id);
  await third.close();

  // From now on it is this database, and the copy is still a copy.
  const fourth = await place.open();
  const next = await insertCampaign(fourth.store.pool, account, 'mp-subscribe', 5);
  await fourth.close();
  const fifth = await place.open();
  assert.equal(await stateOf(fifth, next), 'running null');
  await fifth.close();
  await putBack();
  const sixth = await place.open();
  assert.equal(await stateOf(sixth, id), 'paused restored');
  await sixth.close();
  await rename(`${place.files}.copy`, `${place.files}.old`);
  await rm(`${place.files}.old`, { recursive: true });
});

test('a database that crashed is not taken for one that was put back', async (t) => {
  const simulator = await startWechat({ kind: 'miniprogram', followers: planned, creditsPerUser: 10 });
  const account = simulator.account();
  const place = await makeEmbeddedSite(t);
  let site = await place.open();
  await place.add(site.store, simulator, account, 100);
  const id = await insertCampaign(site.store.pool, account, 'mp-subscribe', planned, { chunkSize: 100 });
  await site.work();
  for (const enough of [50, 120, 200]) {
    await until('messages go out', async () => account.summary().accepted > enough);
    // As late as it can be: whatever was flushed a moment ago is in the witness.
    await site.store.installation.guard.check();
    process.kill(site.postgres.pid, 'SIGKILL');
    const again = await place.open();
    await site.close();
    site = again;
    assert.equal(await stateOf(site, id), 'running null');
    await site.work();
  }
  await untilDone(site, id);
  await assertNobodyTwice(account, site, id);
});
