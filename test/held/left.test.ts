/** Chunks of a running campaign whose owner is dead and that nobody may take over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSettlements } from '../../src/store/events/receipt-settlement.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { settleHolds } from '../support/receipts/held.ts';
import { addCallback, take, templateReceipt } from '../support/receipts/receipts.ts';

/** The account sends nothing for now, as after a token that is refused; its campaigns stay as they are. */
async function pauseAccount(scene: Scene, state: 'paused' | 'active'): Promise<void> {
  await scene.pool.query('update accounts set state = $2 where appid = $1', [scene.account.appid, state]);
}

test('what a dead node had held of an account that is paused is settled, and the campaign goes on from there', async () => {
  const scene = await makeScene('oa-template');
  scene.account.holds.configure({ share: 1, reviewMs: null });
  const many = 300;
  const id = await scene.campaign(many);
  // The first flush that ends may have been begun before the answer; the second one stores it.
  const next = { point: 'flushed', times: 2 } as const;
  await scene.child({ after: { point: 'answer', no: 1, attempt: 1 }, next, signal: 'SIGKILL' }).killed();
  await pauseAccount(scene, 'paused');
  scene.account.holds.block();
  // An answer that a busy machine keeps for a moment is not a lost one.
  await scene.node({ answerTimeoutMs: 6_000 });
  await until('the chunk is nobody’s', async () => (await scene.chunks(id))[0]?.owner === null);
  await settleHolds(scene);
  const [first] = await scene.outcomes(id);
  assert.deepEqual([first?.outcome, first?.reason], ['rejected', 'intercepted']);
  const { held, rejected, unknown, campaign } = await scene.report(id);
  assert.deepEqual([held, campaign.state], [0, 'running']);
  assert.ok(rejected >= 1 && rejected + unknown < many);

  scene.account.holds.configure({ share: 0 });
  await pauseAccount(scene, 'active');
  const done = await scene.done(id);
  assert.equal(done.accepted + done.rejected + done.held + done.unknown, many);
  assert.equal(scene.account.holds.list().length + done.accepted, many, 'each was sent once');
});

test('a receipt of whom a dead node had sent to is not taken for that of an earlier held message', async () => {
  const scene = await makeScene('oa-template');
  const { account, pool } = scene;
  await addCallback(pool, account.appid, true);
  account.holds.configure({ share: 1, reviewMs: null });
  const earlier = await scene.campaign(1);
  const node = await scene.node();
  await scene.done(earlier);
  await node.stop();
  // WeChat delivers the second message to the same person; the process dies with the answer in hand.
  account.holds.configure({ share: 0 });
  const later = await scene.campaign(1);
  await scene.child({ after: { point: 'answer', no: 1, attempt: 1 }, signal: 'SIGKILL' }).killed();
  await pauseAccount(scene, 'paused');
  await scene.node();
  const openid = account.openid(0);
  assert.equal(scene.received(1), 1);
  await take(pool, [templateReceipt(account.appid, { openid, msgid: '4711' })]);
  await until('the chunk is nobody’s', async () => (await scene.chunks(later))[0]?.owner === null);
  assert.deepEqual(await findSettlements(pool, 0, 1_500, 100), []);
  assert.deepEqual([(await scene.report(earlier)).held, (await scene.report(later)).unknown], [1, 1]);
});
