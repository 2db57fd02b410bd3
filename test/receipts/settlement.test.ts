import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { consumeSettled } from '../../src/engine/credits/message-credits.ts';
import { ReceiptMatcher } from '../../src/engine/events/receipt-matcher.ts';
import { findSettlements, settle } from '../../src/store/events/receipt-settlement.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import {
  addCallback,
  sentMessages,
  subscribeReceipt,
  take,
  templateReceipt,
} from '../support/receipts/receipts.ts';

const unkeyed = await makeScene('mp-subscribe');
const keyed = await makeScene('oa-template');
await addCallback(unkeyed.pool, unkeyed.account.appid, true);
await addCallback(keyed.pool, keyed.account.appid, true);

interface Lost {
  no: number;
  openid: string;
  templateId: string;
  /** As WeChat gave it, in an answer that never came. */
  msgid: string;
}

/** A campaign of `planned`, of which the messages to these numbers arrived and their answers were cut off. */
async function withUnknown(
  scene: Scene,
  planned: number,
  nos: number[],
): Promise<{ id: number; lost: Lost[] }> {
  scene.simulator.addFault({ kind: 'cut', at: nos, path: scene.path });
  // One chunk, so that the n-th request is the n-th recipient's.
  const id = await scene.campaign(planned);
  const node = await scene.node({ window: 1 });
  const report = await scene.done(id);
  await node.stop();
  assert.equal(report.unknown, nos.length);
  const lost = nos.map((no) => {
    const openid = scene.account.openid(no - 1);
    const got = scene.account.messages(openid).at(-1);
    return { no, openid, templateId: got?.template_id ?? '', msgid: got?.msgid ?? '' };
  });
  return { id, lost };
}

function receiptOf(
  scene: Scene,
  { openid, templateId, msgid }: Lost,
  createTime?: number,
): ReturnType<typeof templateReceipt> {
  const { appid } = scene.account;
  return scene === keyed
    ? templateReceipt(appid, { openid, msgid }, 'delivered', createTime)
    : subscribeReceipt(appid, openid, [{ templateId, msgid }], createTime);
}

async function settleAll(scene: Scene): Promise<number> {
  let settled = 0;
  for (const one of await findSettlements(scene.pool, 0, 1_500, 100))
    if (await settle(scene.pool, one, consumeSettled)) settled++;
  return settled;
}

for (const scene of [unkeyed, keyed]) {
  test(`an unknown ${scene.channel} message is settled by the one receipt that can be about it, and marked`, async () => {
    const { id, lost } = await withUnknown(scene, 60, [7, 31]);
    const [seven, other] = lost;
    assert.ok(seven && other);
    await take(scene.pool, [receiptOf(scene, seven)]);
    // Not at once: its answer may only be late.
    assert.deepEqual(await findSettlements(scene.pool, 120_000, 1_500, 100), []);
    const matcher = new ReceiptMatcher({
      pool: scene.pool,
      logger: silentLogger,
      answerTimeoutMs: 1_500,
      settleAfterMs: 200,
    });
    matcher.start();
    await until('it is settled', async () => (await scene.report(id)).unknown === 1);
    await matcher.close();
    const report = await scene.report(id);
    assert.deepEqual([report.accepted, report.receipts.delivered, report.receipts.inferred], [59, 1, 1]);
    const outcome = (await scene.outcomes(id))[6];
    assert.deepEqual(
      [outcome?.outcome, outcome?.reason, outcome?.msgid],
      ['accepted', 'receipt', seven.msgid],
    );
    const shown = await scene.site.cli.ok(['--lang', 'zh', 'campaigns', 'show', String(id)]);
    assert.match(shown, /其中 1 条原为结果未知，由唯一可能的回执推断/);
    assert.equal(await settleAll(scene), 0, 'once');
    await take(scene.pool, [receiptOf(scene, other)]);
    assert.equal(await settleAll(scene), 1);
  });
}

test('two unknown messages to one person fit, so neither is settled', async () => {
  const scene = unkeyed;
  const first = await withUnknown(scene, 3, [2]);
  const second = await withUnknown(scene, 3, [2]);
  const [lost] = second.lost;
  assert.ok(lost);
  await take(scene.pool, [receiptOf(scene, lost)]);
  assert.equal(await settleAll(scene), 0);
  // The other one's receipt does not help: which is whose?
  await take(
    scene.pool,
    first.lost.map((one) => receiptOf(scene, one)),
  );
  assert.equal(await settleAll(scene), 0);
  for (const { id } of [first, second]) assert.equal((await scene.report(id)).unknown, 1);
  await scene.pool.query('delete from receipts where campaign_id is null');
  await scene.pool.query(`update campaigns set finished_at = now() - interval '4 days' where id = any ($1)`, [
    [first.id, second.id],
  ]);
});

test('a receipt of another time, template, kind or person settles nothing, nor does one of an account that others use', async () => {
  const scene = unkeyed;
  const { appid } = scene.account;
  const { id, lost } = await withUnknown(scene, 5, [4]);
  const [four] = lost;
  assert.ok(four);
  const now = Math.floor(Date.now() / 1000);
  const wrong = [
    receiptOf(scene, four, now - 60),
    receiptOf(scene, four, now + 25 * 3_600),
    receiptOf(scene, { ...four, templateId: 'another' }),
    receiptOf(scene, { ...four, openid: scene.account.openid(4) }),
    templateReceipt(appid, four),
  ];
  for (const event of wrong) {
    await take(scene.pool, [event]);
    assert.equal(await settleAll(scene), 0);
    await scene.pool.query('delete from receipts where campaign_id is null');
  }
  await scene.pool.query('update account_callbacks set exclusive = false');
  await take(scene.pool, [receiptOf(scene, four)]);
  assert.equal(await settleAll(scene), 0);
  assert.equal((await scene.report(id)).unknown, 1);
  await scene.pool.query('update account_callbacks set exclusive = true');
  assert.equal(await settleAll(scene), 1, 'and all of that was why');
});

test('an answer that is stored late beside an inferred receipt changes nothing that was counted', async () => {
  const scene = unkeyed;
  const { id, lost } = await withUnknown(scene, 5, [3]);
  const [three] = lost;
  assert.ok(three);
  await take(scene.pool, [receiptOf(scene, three)]);
  const settling = await findSettlements(scene.pool, 0, 1_500, 100);
  const [one] = settling;
  assert.ok(one);
  // Two nodes find the same.
  const results = await Promise.all([
    settle(scene.pool, one, consumeSettled),
    settle(scene.pool, one, consumeSettled),
  ]);
  assert.deepEqual(results.sort(), [false, true]);
  await take(scene.pool, [receiptOf(scene, three, Math.floor(Date.now() / 1000) + 1)]);
  const report = await scene.report(id);
  assert.deepEqual(
    [report.accepted, report.unknown, report.receipts.delivered, report.receipts.inferred],
    [5, 0, 1, 1],
  );
  assert.equal((await sentMessages(scene.pool, id)).length, 5);
});
