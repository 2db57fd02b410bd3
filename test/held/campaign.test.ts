import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaignReport } from '../../src/engine/campaigns/report.ts';
import { resendCampaign } from '../../src/engine/campaigns/resend.ts';
import { untoldOutcomes } from '../../src/store/webhooks/outbox.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { manualClock } from '../support/manual-clock.ts';
import {
  blockedListPath,
  pass,
  settleHolds,
  settleReceipts,
  startSettler,
} from '../support/receipts/held.ts';
import { addCallback } from '../support/receipts/receipts.ts';

type Counts = [accepted: number, rejected: number, unknown: number, held: number, unsent: number];

/** The five numbers, which are the planned ones at every moment, and those of the export. */
async function counts(scene: Scene, id: number): Promise<Counts> {
  const { accepted, rejected, unknown, held, unsent, campaign } = await scene.report(id);
  assert.equal(accepted + rejected + unknown + held + unsent, campaign.plannedCount);
  const exported = Map.groupBy(await scene.outcomes(id), ({ outcome }) => outcome);
  assert.deepEqual(
    { accepted, rejected, unknown, held, unsent },
    Object.fromEntries(
      (['accepted', 'rejected', 'unknown', 'held', 'unsent'] as const).map((one) => [
        one,
        exported.get(one)?.length ?? 0,
      ]),
    ),
  );
  return [accepted, rejected, unknown, held, unsent];
}

/** A campaign of which the messages to the first `held` are held for review. */
async function heldCampaign(scene: Scene, planned: number, held: number): Promise<number> {
  const openids = Array.from({ length: held }, (_, i) => scene.account.openid(i));
  scene.account.holds.configure({ share: held === 0 ? 0 : 1, openids });
  const id = await scene.campaign(planned, { probed: false });
  const node = await scene.node();
  await scene.done(id);
  await node.stop();
  return id;
}

test('held is counted apart and never sent again, and ten of them do not end a campaign', async () => {
  const scene = await makeScene('oa-template');
  const { cli } = scene.site;
  // The first answers of all.
  const id = await heldCampaign(scene, 40, 25);
  assert.deepEqual(await counts(scene, id), [15, 0, 0, 25, 0]);
  assert.deepEqual([scene.calls, (await scene.find(id)).state], [40, 'done']);
  assert.equal(scene.received(1), 0);
  const [first] = await scene.outcomes(id);
  assert.deepEqual([first?.outcome, first?.errcode, first?.reason], ['held', 40252, 'held']);

  const shown = await cli.ok(['campaigns', 'show', String(id)]);
  assert.match(shown, /held for review +25\n +WeChat decides of them by about 20/);
  const chinese = await cli.ok(['--lang', 'zh', 'campaigns', 'show', String(id)]);
  assert.match(chinese, /审核中 +25\n +微信约在 .* 前审完/);
  const json = JSON.parse(await cli.ok(['campaigns', 'show', String(id), '--json']));
  assert.equal(json.held, 25);
  const wait = new Date(json.heldUntil).getTime() - Date.now();
  assert.ok(wait > 29 * 60_000 && wait <= 30 * 60_000, `${wait} ms`);
  assert.match(await cli.ok(['campaigns', 'export', String(id)]), /\r\n1,[^,]+,,held,40252,held,,1,/);
  assert.match(await cli.ok(['campaigns', 'show', String(id), '--watch']), /40 \/ 40/);

  const nobody = await cli.fails(1, [
    'campaigns',
    'resend',
    String(id),
    '--what',
    'failed',
    'unknown',
    '--yes',
  ]);
  assert.match(nobody, /\[RESEND_NOBODY\]/);
  assert.equal(scene.calls, 40);

  // Of one that was refused and two that are held only the first is sent to again.
  scene.simulator.addFault({ kind: 40003, at: [1], path: scene.path });
  const mixed = await heldCampaign(scene, 3, 3);
  assert.deepEqual(await counts(scene, mixed), [0, 1, 0, 2, 0]);
  const again = await resendCampaign(scene.site.store, mixed, ['failed', 'unknown', 'unsent']);
  assert.deepEqual([again.recipients, again.held], [1, 2]);
  const resent = await cli.run(['campaigns', 'resend', String(mixed), '--what', 'failed', '--dry-run']);
  assert.match(resent.stdout, /Left out: 2 that WeChat holds for review/);
  assert.equal(scene.calls, 43);
});

test('a held message that WeChat delivers is settled by its receipt, whose msgid no answer had', async () => {
  const scene = await makeScene('oa-template');
  const { account, pool } = scene;
  await addCallback(pool, account.appid, true);
  const id = await heldCampaign(scene, 8, 5);
  const [one = '', two = ''] = [account.openid(0), account.openid(1)];
  scene.simulator.advance(60 * 60_000);
  assert.equal(account.holds.release({ openids: [one, two] }), 0, 'the review is over by now');
  assert.deepEqual([scene.received(1), scene.received(5)], [1, 1]);
  assert.equal(await settleReceipts(scene, [one, two]), 2);
  assert.deepEqual(await counts(scene, id), [5, 0, 0, 3, 0]);
  const { receipts } = await scene.report(id);
  assert.deepEqual([receipts.delivered, receipts.inferred], [2, 2]);
  const [first] = await scene.outcomes(id);
  assert.deepEqual(
    [first?.outcome, first?.reason, first?.msgid],
    ['accepted', 'receipt', account.holds.list().find(({ openid }) => openid === one)?.msgid],
  );
  // Whoever sends for the account too may be whom such a receipt is about.
  await pool.query('update account_callbacks set exclusive = false');
  assert.equal(await settleReceipts(scene, [account.openid(2)]), 0);
  // The review is over and the list has none of them: nobody knows, and a receipt still settles.
  await pass(scene, 31);
  await settleHolds(scene);
  assert.deepEqual(await counts(scene, id), [5, 0, 3, 0, 0]);
  await pool.query('update account_callbacks set exclusive = true');
  assert.equal(await settleReceipts(scene, []), 1);
  assert.deepEqual(await counts(scene, id), [6, 0, 2, 0, 0]);
  assert.equal(scene.calls, 8);
});

test('a held message that WeChat blocks is rejected as intercepted, and the others unknown after 30 minutes', async () => {
  const scene = await makeScene('oa-template');
  const { account, pool } = scene;
  const id = await heldCampaign(scene, 20, 10);
  const blocked = [1, 2, 3].map((no) => account.openid(no - 1));
  account.holds.configure({ reviewMs: null });
  assert.equal(account.holds.block({ openids: blocked }), 3);
  // What the list does not have may still be under review: the database has not seen 30 minutes.
  await settleHolds(scene, { ...manualClock(Date.now() + 3_600_000), sleep: async () => {} });
  assert.deepEqual(await counts(scene, id), [10, 3, 0, 7, 0]);
  const tell = async (): Promise<Map<string, number[]>> => {
    const told = await untoldOutcomes(pool, id, 1);
    return new Map(
      [...Map.groupBy(told, ({ outcome }) => outcome)].map(([key, all]) => [key, all.map(({ no }) => no)]),
    );
  };
  const told = await tell();
  assert.deepEqual(told.get('rejected'), [1, 2, 3]);
  assert.deepEqual(told.get('held')?.length, 7);

  await pass(scene, 31);
  // … and now the node's own clock has not.
  await settleHolds(scene, { ...manualClock(Date.now() - 3_600_000), sleep: async () => {} });
  assert.deepEqual(await counts(scene, id), [10, 3, 0, 7, 0]);
  await settleHolds(scene);
  assert.deepEqual(await counts(scene, id), [10, 3, 7, 0, 0]);
  assert.deepEqual(
    [...(await tell())].map(([outcome, nos]) => [outcome, nos.length]),
    [['unknown', 7]],
  );
  const report = await scene.report(id);
  assert.deepEqual(
    [report.rejectedBy, report.unknownBy, report.heldUntil],
    [{ intercepted: 3 }, { held: 7 }, null],
  );
  const shown = await scene.site.cli.ok(['--lang', 'zh', 'campaigns', 'show', String(id)]);
  assert.match(shown, /被拒绝 +3\n +3 {2}审核未通过，被微信拦截/);
  assert.match(shown, /结果未知 +7\n +7 {2}曾被微信转入审核/);

  // Now a person may decide to send again, and only the refused ones are certain.
  const again = await resendCampaign(scene.site.store, id, ['failed']);
  assert.deepEqual([again.recipients, again.held], [3, 0]);
});

test('an account that may not ask learns after 30 minutes that nobody knows; a list that fails is asked again for two hours', async () => {
  const scene = await makeScene('oa-template');
  const id = await heldCampaign(scene, 6, 2);
  scene.simulator.addFault({ kind: 503, rate: 1, path: blockedListPath });
  await pass(scene, 31);
  const stop = startSettler(scene);
  const calls = (): number => scene.simulator.account().summary().byApi[blockedListPath]?.calls ?? 0;
  await until('it was asked', async () => calls() >= 3);
  assert.deepEqual(await counts(scene, id), [4, 0, 0, 2, 0]);
  await pass(scene, 90);
  await until('it gave up', async () => (await scene.report(id)).held === 0);
  assert.deepEqual(await counts(scene, id), [4, 0, 2, 0, 0]);
  scene.simulator.clearFaults();
  scene.simulator.addFault({ kind: 48001, rate: 1, path: blockedListPath });
  const other = await heldCampaign(scene, 6, 2);
  await until('it was refused', async () => (await scene.account.summary().byErrcode['48001']) === 1);
  assert.deepEqual(await counts(scene, other), [4, 0, 0, 2, 0]);
  await pass(scene, 31);
  await until('nobody knows', async () => (await scene.report(other)).held === 0);
  assert.deepEqual(await counts(scene, other), [4, 0, 2, 0, 0]);
  assert.equal(scene.account.summary().byErrcode['48001'], 1, 'it is not asked every time');
  await stop();
});

test('a kill before and after the hold is stored: held on the next node, and sent by WeChat once', async () => {
  const scene = await makeScene('oa-template');
  scene.account.holds.configure({ share: 1, reviewMs: null });
  const before = await scene.campaign(3);
  // With the answer in hand: the next node repeats it under its key, and gets the same answer.
  await scene.child({ after: { point: 'answer', no: 1, attempt: 1 }, signal: 'SIGKILL' }).killed();
  const node = await scene.node();
  await scene.done(before);
  await node.stop();
  assert.deepEqual(await counts(scene, before), [0, 0, 0, 3, 0]);
  assert.equal(scene.account.holds.list().length, 3);
  assert.deepEqual(
    [scene.calls, (await scene.facts(before, 1)).map(({ reason }) => reason)],
    [4, ['crash', null, 'held']],
  );

  // Many, so that the chunk is far from its end when the first answers are stored.
  const many = 300;
  const after = await scene.campaign(many);
  // The first flush that ends may have been begun before the answer; the second one stores it.
  const next = { point: 'flushed', times: 2 } as const;
  await scene.child({ after: { point: 'answer', no: 1, attempt: 1 }, next, signal: 'SIGKILL' }).killed();
  assert.deepEqual(
    (await scene.facts(after, 1)).map(({ kind, reason }) => [kind, reason]),
    [['in_doubt', 'held']],
  );
  assert.equal((await scene.chunks(after))[0]?.state, 'open');
  // An answer that a busy machine keeps for a moment is not a lost one.
  await scene.node({ answerTimeoutMs: 6_000 });
  await scene.done(after);
  assert.deepEqual(await counts(scene, after), [0, 0, 0, many, 0]);
  assert.equal((await scene.facts(after, 1)).length, 1, 'a stored hold is not sent again');
  assert.equal(scene.account.holds.list().length, 3 + many, 'and none is held twice');

  scene.account.holds.release();
  await pass(scene, 31);
  await settleHolds(scene);
  assert.deepEqual(await counts(scene, before), [0, 0, 3, 0, 0]);
  assert.deepEqual(await counts(scene, after), [0, 0, many, 0, 0]);
  for (const no of [1, 2, 3, 4, many])
    assert.equal(scene.received(no), no > 3 ? 1 : 2, 'one of each campaign');
});

test('whom an earlier attempt may have reached is unknown, not rejected, when the repeat is blocked', async () => {
  const scene = await makeScene('oa-template');
  scene.account.holds.configure({ share: 1, reviewMs: null });
  // The second lies in a chunk of its own, which nobody has begun.
  const id = await scene.campaign(2, { chunkSize: 1, probed: false });
  await scene.child({ after: { point: 'answer', no: 1, attempt: 1 }, signal: 'SIGKILL' }).killed();
  const node = await scene.node();
  await scene.done(id);
  await node.stop();
  scene.account.holds.block();
  await settleHolds(scene);
  assert.deepEqual(
    (await scene.outcomes(id)).map(({ outcome, reason }) => [outcome, reason]),
    [
      ['unknown', 'held'],
      ['rejected', 'intercepted'],
    ],
  );
});

test('one entry of the list that fits two messages to one person rejects neither', async () => {
  const scene = await makeScene('oa-template');
  scene.account.holds.configure({ share: 1, reviewMs: null });
  const ids: number[] = [];
  for (const _ of [1, 2]) {
    const id = await scene.campaign(1);
    const node = await scene.node();
    await scene.done(id);
    await node.stop();
    ids.push(id);
    // The list says of which person, not of which message.
    if (ids.length === 1) assert.equal(scene.account.holds.block(), 1);
  }
  await scene.pool.query('update facts set at = (select min(at) from facts)');
  await settleHolds(scene);
  for (const id of ids) assert.deepEqual(await counts(scene, id), [0, 0, 0, 1, 0]);
  // An entry for each: it does not matter which is whose.
  assert.equal(scene.account.holds.block(), 1);
  await settleHolds(scene);
  for (const id of ids) assert.deepEqual(await counts(scene, id), [0, 1, 0, 0, 0]);
});

test('a hold to the same person that ended a moment ago is not what an entry of now is about', async () => {
  const scene = await makeScene('oa-template');
  const first = await heldCampaign(scene, 1, 1);
  await pass(scene, 31);
  await settleHolds(scene);
  assert.deepEqual(await counts(scene, first), [0, 0, 1, 0, 0]);
  scene.simulator.reset();
  const second = await heldCampaign(scene, 1, 1);
  scene.account.holds.block();
  await settleHolds(scene);
  assert.deepEqual(await counts(scene, second), [0, 1, 0, 0, 0]);
  assert.deepEqual(await counts(scene, first), [0, 0, 1, 0, 0]);
});

test('a chunk that is being delivered is not counted by anybody else, and settled when it is handed back', async () => {
  const scene = await makeScene('oa-template');
  scene.account.holds.configure({ next: 1, reviewMs: null });
  // The second waits for its next attempt, so that the chunk stays open.
  scene.simulator.addFault({
    kind: 43108,
    at: Array.from({ length: 500 }, (_, i) => i + 2),
    path: scene.path,
  });
  const id = await scene.campaign(2);
  const node = await scene.node({ window: 1 });
  await until('the first is held', async () => (await scene.report(id)).held === 1);
  scene.account.holds.block();
  await settleHolds(scene);
  assert.equal((await scene.report(id)).held, 1);
  await node.stop();
  await settleHolds(scene);
  assert.deepEqual(await counts(scene, id), [0, 1, 0, 0, 1]);
  // The next owner counts what it finds.
  scene.simulator.clearFaults();
  await scene.node();
  await scene.done(id);
  assert.deepEqual(await counts(scene, id), [1, 1, 0, 0, 0]);
});

test('held is stronger than a doubt that was given up, and weaker than every word of WeChat', async () => {
  const scene = await makeScene('oa-template');
  const id = await heldCampaign(scene, 4, 0);
  await scene.pool.query('delete from facts where campaign_id = $1', [id]);
  const add = (no: number, kind: number, reason: string | null): Promise<unknown> =>
    scene.pool.query(
      `insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind, reason)
       values ($1, clock_timestamp(), $2, 0, 0, 1, $3, $4)`,
      [id, no, kind, reason],
    );
  for (const no of [1, 2, 3, 4]) {
    await add(no, 2, 'held');
    await add(no, 2, 'crash');
    await add(no, 3, 'crash');
  }
  await add(2, 3, 'held');
  await add(3, 4, 'intercepted');
  await add(4, 5, null);
  const { rows } = await scene.pool.query(
    "update chunks set held = 1, state = 'done' where campaign_id = $1",
    [id],
  );
  assert.deepEqual(rows, []);
  assert.deepEqual(
    (await scene.outcomes(id)).map(({ outcome, reason }) => [outcome, reason]),
    [
      ['held', 'held'],
      ['unknown', 'held'],
      ['rejected', 'intercepted'],
      ['accepted', null],
    ],
  );
  assert.equal((await campaignReport(scene.pool, id)).held, 1);
});
