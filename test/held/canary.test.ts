import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { blockedListPath, pass, settleHolds } from '../support/receipts/held.ts';

const people = 10_500;
const scene = await makeScene('oa-template', { followers: people, record: 'counts' });
const { pool, account } = scene;
const { cli } = scene.site;
await pool.query('update accounts set rate_per_s = 5000');
// Real time again, and an empty list.
beforeEach(() => scene.simulator.reset());

/** A campaign whose first thousand is delivered, but for those at its beginning that WeChat holds. */
async function untilCanary(held: number): Promise<number> {
  account.holds.configure({
    share: 1,
    reviewMs: null,
    openids: Array.from({ length: held }, (_, i) => account.openid(i)),
  });
  const id = await scene.campaign(people, { chunkSize: 1_000, probed: false });
  await until('the first thousand is answered', async () => {
    const report = await scene.report(id);
    return report.accepted + report.held >= 1_000;
  });
  return id;
}

test('a large campaign waits for the verdict when 1 % of its first thousand are held, and goes on when none is blocked', async () => {
  const node = await scene.node({ answerTimeoutMs: 20_000 });
  const id = await untilCanary(250);
  const wait = await until('it waits for the verdict', async () => {
    const { waitsFor } = await scene.report(id);
    return waitsFor?.what === 'canary-held' ? waitsFor : undefined;
  });
  assert.deepEqual([wait.held, wait.of], [250, 1_000]);
  const minutes = ((wait.until?.getTime() ?? 0) - Date.now()) / 60_000;
  assert.ok(minutes > 25 && minutes <= 30, `${minutes} min`);
  const shown = await cli.ok(['--lang', 'zh', 'campaigns', 'show', String(id)]);
  assert.match(shown, /等待审核：首批 1,000 条中有 250 条被微信转入审核，约需 30 分钟/);
  assert.match(shown, /审核中 +250/);
  // The list says nothing before: everybody is still under review.
  await settleHolds(scene);
  assert.equal((await scene.report(id)).held, 250);
  assert.equal(scene.calls, 1_000);

  account.holds.release({ event: false });
  await pass(scene, 31);
  await settleHolds(scene);
  const report = await scene.done(id);
  assert.deepEqual([report.accepted, report.unknown, report.held], [people - 250, 250, 0]);
  assert.equal(account.summary().duplicates, 0);
  await node.stop();
});

test('it pauses when the review blocks some of them, and a person goes on', async () => {
  const node = await scene.node({ answerTimeoutMs: 20_000 });
  const id = await untilCanary(20);
  account.holds.block({ openids: [account.openid(3), account.openid(4)] });
  await settleHolds(scene);
  // Two are known to be blocked; the verdict on the others is still to come.
  assert.equal((await scene.report(id)).waitsFor?.what, 'canary-held');
  await pass(scene, 31);
  await settleHolds(scene);
  await until('it is paused', async () => (await scene.find(id)).state === 'paused');
  const campaign = await scene.find(id);
  assert.deepEqual([campaign.stateReason, campaign.stateDetail], ['intercepted', '2/20']);
  assert.match(
    await cli.ok(['campaigns', 'show', String(id)]),
    /WeChat intercepted messages of the first thousand/,
  );
  account.holds.configure({ share: 0 });
  await scene.resume(id);
  const report = await scene.done(id);
  assert.deepEqual(
    [report.accepted, report.rejectedBy, report.unknown],
    [people - 20, { intercepted: 2 }, 18],
  );
  await node.stop();
});

test('it pauses when WeChat does not say what became of them', async () => {
  const node = await scene.node({ answerTimeoutMs: 20_000 });
  scene.simulator.addFault({ kind: 48001, rate: 1, path: blockedListPath });
  const id = await untilCanary(10);
  await pass(scene, 31);
  await settleHolds(scene);
  await until('it is paused', async () => (await scene.find(id)).state === 'paused');
  const campaign = await scene.find(id);
  assert.deepEqual([campaign.stateReason, campaign.stateDetail], ['held-share', '10/1000']);
  const shown = await cli.ok(['--lang', 'zh', 'campaigns', 'show', String(id)]);
  assert.match(shown, /首批一千条中有多条被微信转入审核，且无法得知结果.*（1,000 条中有 10 条）/);
  scene.simulator.clearFaults();
  account.holds.configure({ share: 0 });
  await scene.resume(id);
  assert.equal((await scene.done(id)).accepted, people - 10);
  await node.stop();
});

test('fewer are chance, and the share is a rule of the account', async () => {
  const node = await scene.node({ answerTimeoutMs: 20_000 });
  const few = await untilCanary(9);
  assert.equal((await scene.done(few)).held, 9, 'it waits for nobody');
  const { appid } = account;
  assert.match(await cli.ok(['accounts', 'rules', appid]), /canary held +wait for the verdict from 1 % on/);
  await cli.fails(2, ['accounts', 'rules', appid, '--canary-held', '0']);
  assert.match(await cli.ok(['accounts', 'rules', appid, '--canary-held', 'off']), /canary held +off/);
  const many = await untilCanary(500);
  assert.equal((await scene.done(many)).held, 500);
  await node.stop();
});
