/** A campaign of which WeChat holds a quarter for review, while its processes are killed: `npm run test:chaos`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { resendCampaign } from '../../src/engine/campaigns/resend.ts';
import { makeScene } from '../support/deliver.ts';
import { pass, settleHolds, settleReceipts, startSettler } from '../support/receipts/held.ts';
import { addCallback } from '../support/receipts/receipts.ts';

const people = 6_000;
const killEveryMs = 2_500;

test('6,000 recipients, a quarter of them held, a process killed every few seconds: what is said of each is true', async (t) => {
  const scene = await makeScene('oa-template', { followers: people, latencyMs: 5 });
  const { account, pool } = scene;
  await addCallback(pool, account.appid, true);
  await pool.query('update accounts set rate_per_s = 600');
  account.holds.configure({ share: 0.25, reviewMs: 2_000, blockedShare: 0.3, events: 'none' });
  const id = await scene.campaign(people, { chunkSize: 500 });
  // Until it is killed.
  const options = {
    after: { point: 'dispatch', no: -1, attempt: 1 },
    signal: 'SIGKILL',
    window: 16,
  } as const;
  const children = [scene.child(options), scene.child(options)];
  const stop = startSettler(scene);
  let kills = 0;
  for (; (await scene.find(id)).state === 'running'; kills++) {
    assert.ok(kills < 60, 'it comes to an end');
    await sleep(killEveryMs);
    await children[kills % 2]?.kill();
    children[kills % 2] = scene.child(options);
    const { accepted, rejected, unknown, held, unsent } = await scene.report(id);
    assert.equal(accepted + rejected + unknown + held + unsent, people);
  }
  for (const child of children) await child.kill();
  await sleep(killEveryMs); // the last reviews end
  await stop();
  await settleHolds(scene);
  const openids = Array.from({ length: people }, (_, i) => account.openid(i));
  const settled = await settleReceipts(scene, openids);
  await pass(scene, 31);
  await settleHolds(scene);

  const report = await scene.report(id);
  const { accepted, rejected, unknown, held, unsent } = report;
  t.diagnostic(JSON.stringify({ kills, settled, accepted, rejected, unknown, held, unsent }));
  assert.deepEqual([accepted + rejected + unknown, held, unsent], [people, 0, 0]);
  assert.ok(settled > 0 && rejected > 0);
  assert.equal(account.summary().duplicates, 0);
  for (const { no, openid, outcome } of await scene.outcomes(id)) {
    const got = account.receivedCount(openid);
    if (outcome === 'accepted') assert.equal(got, 1, `no. ${no} is called accepted and got nothing`);
    if (outcome === 'rejected') assert.equal(got, 0, `no. ${no} is called rejected and got it`);
  }
  assert.ok(unknown < people / 50, 'nearly all have an end');
  assert.equal((await resendCampaign(scene.site.store, id, ['failed'])).recipients, rejected);
});
