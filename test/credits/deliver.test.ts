import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleLeftCredits } from '../../src/engine/credits/use-credits.ts';
import { cancelStarted } from '../../src/store/campaigns/campaigns.ts';
import { until } from '../support/cli.ts';
import { creditTitle, know, ledger, reservations } from '../support/credits/credits.ts';
import { makeScene, pauseAt, type Scene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import { linkDatabase } from '../support/store/database-link.ts';
import { templateOf } from '../support/wechat.ts';

/** Every recipient is counted once, and the counts are those of the single outcomes. */
async function checkSums(scene: Scene, campaignId: number): Promise<Record<string, number>> {
  const report = await scene.report(campaignId);
  const counts: Record<string, number> = { accepted: 0, rejected: 0, unknown: 0, unsent: 0 };
  for (const { outcome } of await scene.outcomes(campaignId)) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const { accepted, rejected, unknown, unsent, campaign } = report;
  assert.deepEqual(counts, { accepted, rejected, unknown, unsent });
  assert.equal(accepted + rejected + unknown + unsent, campaign.plannedCount);
  return { ...counts, noCredit: report.unsentBy['no-credit'] ?? 0 };
}

test('four nodes send five campaigns to people with one to three credits: nobody gets more, nobody less, no 43101', async () => {
  const scene = await makeScene('mp-subscribe', { creditsPerUser: { min: 1, max: 3 }, latencyMs: 5 });
  const people = 300;
  const truth = await know(scene, people);
  assert.equal(new Set(truth.values()).size, 3, 'people with one, two and three credits');
  const ids: number[] = [];
  for (let i = 0; i < 5; i++) ids.push(await scene.campaign(people, { chunkSize: 60 }));
  await Promise.all(Array.from({ length: 4 }, () => scene.node({ window: 16 })));
  for (const id of ids) await scene.done(id);
  const sums = await Promise.all(ids.map((id) => checkSums(scene, id)));
  const total = [...truth.values()].reduce((sum, n) => sum + n, 0);
  assert.equal(
    sums.reduce((sum, one) => sum + (one.accepted ?? 0), 0),
    total,
    JSON.stringify(sums),
  );
  assert.equal(
    sums.reduce((sum, one) => sum + (one.noCredit ?? 0), 0),
    people * 5 - total,
  );
  for (const [openid, credits] of truth) {
    assert.equal(scene.account.receivedCount(openid), credits);
    assert.deepEqual(await ledger(scene, openid), { balance: 0, reserved: 0, left: 0 });
  }
  assert.equal(scene.account.summary().byErrcode['43101'] ?? 0, 0, 'WeChat refused nobody');
  const owners = await scene.pool.query('select distinct epoch from facts');
  assert.ok(owners.rowCount);
});

const scene = await makeScene('mp-subscribe', { creditsPerUser: 1, latencyMs: 3 });

function fresh(): void {
  scene.account.clearReceived();
  scene.simulator.clearFaults();
}

const pausing = (id: number, no: number) => pauseAt(scene, id, no);

/** Refusals for want of a credit since the scene began. */
function refusals(): number {
  return scene.account.summary().byErrcode['43101'] ?? 0;
}

test('a process that is killed leaves its reservations: nobody gets more than there is, and nothing is lost', async () => {
  fresh();
  const refused = refusals();
  await know(scene, 120, 1);
  const id = await scene.campaign(120);
  const other = await scene.campaign(120, { chunkSize: 40 });
  await scene.pause(other);
  const child = scene.child({ after: { point: 'answer', no: 57, attempt: 1 }, window: 4, signal: 'SIGKILL' });
  await child.killed();
  const [chunk] = await scene.chunks(id);
  const mark = chunk?.watermark ?? 0;
  // It may have reserved no number beyond the one that it had just been answered.
  assert.ok(mark >= 57, String(mark));
  // Two nodes take over and send the other campaign to the same people at the same time.
  await scene.resume(other);
  // Only the lease of the dead has to end: those in doubt for another one would be unknown too.
  const nodes = [await scene.node({ leaseMs: 10_000 }), await scene.node({ leaseMs: 10_000 })];
  await scene.done(id);
  await scene.done(other);
  const first = await scene.outcomes(id);
  const unknown = first.filter((one) => one.outcome === 'unknown');
  assert.ok(unknown.length > 0, 'the kill left somebody in doubt');
  for (let no = 1; no <= 120; no++) assert.ok(scene.received(no) <= 1, `no. ${no}`);
  assert.equal(refusals(), refused, 'WeChat refused nobody');
  const sums = [await checkSums(scene, id), await checkSums(scene, other)];
  assert.equal((sums[0]?.accepted ?? 0) + (sums[1]?.accepted ?? 0), 120 - unknown.length);
  // Whoever may have got the message keeps the credit reserved, and everybody else's is spent.
  assert.deepEqual(
    await reservations(scene, id),
    unknown.map(({ no }) => ({ no, held: 'unknown' })),
  );
  for (const { no, openid } of first) {
    const isUnknown = unknown.some((one) => one.no === no);
    const expected = { balance: isUnknown ? 1 : 0, reserved: isUnknown ? 1 : 0, left: 0 };
    assert.deepEqual(await ledger(scene, openid), expected, `no. ${no}`);
  }
  for (const node of nodes) await node.stop();
});

test('a pause gives back what was reserved and not started', async () => {
  fresh();
  await know(scene, 200, 1);
  const id = await scene.campaign(200);
  const { hooks, reached } = pausing(id, 50);
  const node = await scene.node({ window: 4, hooks });
  await reached.promise;
  await until('the chunk is handed back', async () => (await scene.chunks(id))[0]?.owner === null);
  const [chunk] = await scene.chunks(id);
  const mark = chunk?.watermark ?? 0;
  assert.ok(mark < 200);
  assert.deepEqual(await reservations(scene, id), []);
  for (let no = 1; no <= 200; no++) {
    const left = no <= mark ? 0 : 1;
    assert.deepEqual(await ledger(scene, scene.account.openid(no - 1)), { balance: left, reserved: 0, left });
  }
  await scene.resume(id);
  assert.equal((await scene.done(id)).accepted, 200);
  await node.stop();
});

test('whoever has no credit when its turn comes is not sent to, also after a pause and under another owner', async () => {
  fresh();
  const calls = scene.calls;
  await know(scene, 150, 1);
  await know(scene, 100, 0);
  const id = await scene.campaign(150);
  const { hooks, reached } = pausing(id, 110);
  const first = await scene.node({ window: 2, hooks });
  await reached.promise;
  await until('the chunk is handed back', async () => (await scene.chunks(id))[0]?.owner === null);
  await first.stop();
  await scene.resume(id);
  const second = await scene.node();
  await scene.done(id);
  const sums = await checkSums(scene, id);
  assert.deepEqual([sums.accepted, sums.unsent, sums.noCredit], [50, 100, 100]);
  assert.equal(scene.calls - calls, 50, 'WeChat was not asked about the others');
  await second.stop();
});

test('a known refusal releases, a retry keeps, and a 43101 says that there is nothing', async () => {
  fresh();
  await know(scene, 4, 1);
  // A refusal is as old as the second in which its send started, and must be newer than what was imported.
  const second = Math.floor(Date.now() / 1000);
  await until('another second', async () => Math.floor(Date.now() / 1000) > second);
  const templateId = templateOf(scene.account, creditTitle);
  scene.account.revokeCredits(scene.account.openid(2), templateId);
  scene.simulator.addFault({ kind: 40003, at: [1], path: scene.path });
  scene.simulator.addFault({ kind: 43108, at: [2], path: scene.path });
  /** What is reserved with each flush between the two attempts at the second. */
  const held: { no: number; held: string }[][] = [];
  let attempt = 0;
  const id = await scene.campaign(4);
  const node = await scene.node({
    window: 1,
    hooks: {
      async reached(point, _run, item) {
        if (point === 'answer' && item?.no === 2) attempt = item.attempt;
        // Awaited, so that nothing is answered meanwhile.
        if (point === 'flushed' && attempt === 1) held.push(await reservations(scene, id));
      },
    },
  });
  await scene.done(id);
  assert.ok(held.length > 0);
  for (const all of held)
    assert.ok(
      all.some((one) => one.no === 2 && one.held === 'open'),
      'its credit is held while it waits',
    );
  const outcomes = (await scene.outcomes(id)).map(({ outcome, errcode }) => [outcome, errcode]);
  assert.deepEqual(outcomes, [
    ['rejected', 40003],
    ['accepted', null],
    ['rejected', 43101],
    ['accepted', null],
  ]);
  const states = await Promise.all([0, 1, 2, 3].map((i) => ledger(scene, scene.account.openid(i))));
  assert.deepEqual(
    states.map(({ left, reserved }) => [left, reserved]),
    [
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  );
  await node.stop();
});

test('a commit whose acknowledgement is lost reserves, consumes and denies once', async () => {
  fresh();
  await know(scene, 80, 1);
  await know(scene, 30, 0);
  const link = await linkDatabase(scene.site.database);
  const id = await scene.campaign(80);
  const cut = signal('a commit is cut');
  let flushes = 0;
  const node = await scene.node({
    connection: link.connection,
    window: 4,
    hooks: {
      reached(point, run) {
        if (point !== 'flush' || run.claim.campaignId !== id) return;
        flushes++;
        // The first denies the first thirty; the third has outcomes and reserves more.
        if (flushes === 1 || flushes === 3)
          void link.cutNext('commit', 'after-commit').then(() => cut.give());
      },
    },
  });
  await cut.promise;
  await scene.done(id);
  const sums = await checkSums(scene, id);
  assert.deepEqual([sums.accepted, sums.noCredit, sums.unknown], [50, 30, 0]);
  const denied = (await scene.facts(id)).filter((fact) => fact.reason === 'no-credit');
  assert.equal(denied.length, 30);
  assert.deepEqual(await reservations(scene, id), []);
  for (let i = 0; i < 80; i++)
    assert.deepEqual(await ledger(scene, scene.account.openid(i)), { balance: 0, reserved: 0, left: 0 });
  await node.stop();
});

test('a cancelled campaign gives back what its retries held', async () => {
  fresh();
  await know(scene, 3, 1);
  scene.simulator.addFault({ kind: -1, rate: 1, path: scene.path });
  const id = await scene.campaign(3);
  const node = await scene.node();
  await until('all wait for another attempt', async () => (await scene.facts(id)).length >= 3);
  assert.equal((await reservations(scene, id)).length, 3);
  await cancelStarted(scene.pool, id, 'operator');
  await until('the chunk is handed back', async () => (await scene.chunks(id))[0]?.owner === null);
  await settleLeftCredits(scene.pool);
  assert.deepEqual(
    (await reservations(scene, id)).filter((one) => one.held === 'open'),
    [],
  );
  await node.stop();
});

test('of whom nobody told us is sent to, and WeChat tells us', async () => {
  fresh();
  const templateId = templateOf(scene.account, creditTitle);
  const people = [3_000, 3_001];
  scene.account.revokeCredits(scene.account.openid(3_001), templateId);
  const id = await scene.campaign(2);
  await scene.pause(id);
  for (const [i, person] of people.entries())
    await scene.pool.query('update recipients set openid = $3 where campaign_id = $1 and no = $2', [
      id,
      i + 1,
      scene.account.openid(person),
    ]);
  await scene.resume(id);
  const node = await scene.node();
  await scene.done(id);
  const outcomes = (await scene.outcomes(id)).map(({ outcome, errcode }) => [outcome, errcode]);
  assert.deepEqual(outcomes, [
    ['accepted', null],
    ['rejected', 43101],
  ]);
  assert.equal(
    (await ledger(scene, scene.account.openid(3_000))).left,
    null,
    'one was there, and how many more?',
  );
  assert.equal((await ledger(scene, scene.account.openid(3_001))).left, 0);
  await node.stop();
});

test('a campaign that is cancelled after its process was killed keeps the credits of those who may have been sent to', async () => {
  fresh();
  await know(scene, 60, 1);
  const id = await scene.campaign(60);
  const child = scene.child({
    after: { point: 'dispatch', no: 20, attempt: 1 },
    window: 4,
    signal: 'SIGKILL',
  });
  await child.killed();
  await cancelStarted(scene.pool, id, 'operator');
  await until('its lease is over', async () => (await settleLeftCredits(scene.pool)) > 0);
  // By now: what it had begun its server carried through after its death.
  const [chunk] = await scene.chunks(id);
  const stored = new Set((await scene.facts(id)).map((fact) => fact.no));
  const doubtful = Array.from({ length: chunk?.watermark ?? 0 }, (_, i) => i + 1).filter(
    (no) => !stored.has(no),
  );
  assert.ok(doubtful.length > 0);
  assert.deepEqual(
    await reservations(scene, id),
    doubtful.map((no) => ({ no, held: 'unknown' })),
  );
  assert.equal(await settleLeftCredits(scene.pool), 0);
});
