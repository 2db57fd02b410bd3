import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { eventEffects } from '../../src/engine/event-effects.ts';
import { CallbackPressure } from '../../src/engine/events/callback-pressure.ts';
import { EventTaker } from '../../src/engine/events/take-events.ts';
import { leaseSlots } from '../../src/store/accounts/pace.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { addCallback, sentMessages, templateReceipt } from '../support/receipts/receipts.ts';

const scene = await makeScene('oa-template');
const { pool, account } = scene;
const { appid } = account;
await addCallback(pool, appid);

test('campaigns send slower while the callback falls behind, and at full rate again afterwards', async () => {
  await scene.site.cli.ok(['rate', appid, '1000']);
  const id = await scene.campaign(20);
  const node = await scene.node();
  await scene.done(id);
  await node.stop();
  const full = await leaseSlots(pool, appid, 100);
  assert.deepEqual([full?.count, full?.ratePerS], [100, 1_000]);

  const pressure = new CallbackPressure(pool, silentLogger);
  const taker = new EventTaker({
    pool,
    logger: silentLogger,
    effects: eventEffects,
    onTaken: (of, waitedMs) => pressure.see(of, waitedMs),
  });
  // Nothing can be stored.
  const blocker = await pool.connect();
  await blocker.query('begin');
  await blocker.query('set local idle_in_transaction_session_timeout = 0');
  await blocker.query('lock table receipts in exclusive mode');
  const sent = await sentMessages(pool, id);
  const taken = Promise.allSettled(
    sent.map((one) => taker.take(appid, templateReceipt(appid, one).event, 400)),
  );
  await until('it sends slower', async () => (await scene.report(id)).receipts.share < 0.7);
  const slow = await leaseSlots(pool, appid, 100);
  assert.ok(slow !== null && slow.count < 75 && slow.ratePerS < 750, JSON.stringify(slow));
  // Not wider than before: the account is not bound for long when the callback has caught up.
  assert.ok((slow.count * 1_000) / slow.ratePerS < 110);
  // It would grow back while the command starts; and a clock that was set back makes no share grow, or shrink.
  await pool.query("update account_pace set callback_at = callback_at + interval '1 hour' where appid = $1", [
    appid,
  ]);
  await pool.query("update campaigns set state = 'running' where id = $1", [id]);
  assert.match(
    await scene.site.cli.ok(['campaigns', 'show', String(id)]),
    /sends at \d+ % of its rate until/,
  );
  await blocker.query('rollback');
  blocker.release();
  await taken;
  // WeChat repeats what it was refused.
  await Promise.all(sent.map((one) => taker.take(appid, templateReceipt(appid, one).event, 400)));
  assert.equal((await scene.report(id)).receipts.delivered, 20);
  await taker.close();
  await pressure.close();
  await pool.query("update account_pace set callback_at = callback_at - interval '61 min' where appid = $1", [
    appid,
  ]);
  const again = await leaseSlots(pool, appid, 100);
  assert.deepEqual([again?.count, again?.ratePerS], [100, 1_000]);
});
