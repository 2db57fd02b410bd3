import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { planCampaign } from '../../src/engine/campaigns/plan.ts';
import { resendCampaign } from '../../src/engine/campaigns/resend.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { confirmCampaign, startPlanning } from '../../src/store/campaigns/campaigns.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';

const keyed = await makeScene('oa-template', { latencyMs: 3 });
const unkeyed = await makeScene('mp-subscribe', { latencyMs: 3 });

function assertNobodyTwice(scene: Scene, from: number, to: number): void {
  for (let no = from; no <= to; no++)
    assert.ok(scene.received(no) <= 1, `no. ${no} got ${scene.received(no)}`);
}

test('a known refusal behind the mark is retried after a crash, not taken for in doubt', async () => {
  const scene = unkeyed;
  scene.account.clearReceived();
  scene.simulator.addFault({ kind: -1, at: [57], path: scene.path });
  const id = await scene.campaign(120);
  const child = scene.child({
    after: { point: 'answer', no: 57, attempt: 1 },
    next: { point: 'flushed', times: 2 },
    signal: 'SIGKILL',
  });
  await child.killed();
  const [chunk] = await scene.chunks(id);
  const known = await scene.facts(id);
  assert.ok((chunk?.watermark ?? 0) > 57 + 1, 'the mark must be ahead of the refused one');
  assert.deepEqual(
    known.filter((fact) => fact.no === 57).map((fact) => [fact.kind, fact.errcode]),
    [['retry', -1]],
  );
  const node = await scene.node();
  await scene.done(id);
  const of57 = await scene.facts(id, 57);
  assert.deepEqual(
    of57.map((fact) => `${fact.attempt} ${fact.kind}`),
    ['1 retry', '2 started', '2 accepted'],
  );
  assert.equal(scene.received(57), 1);
  assertNobodyTwice(scene, 1, 120);
  // Every message that went out without a stored answer is named, and nobody else is.
  const outcomes = await scene.outcomes(id);
  const stored = new Set(known.map((fact) => fact.no));
  for (const one of outcomes) {
    if (one.outcome !== 'unknown') continue;
    assert.ok(!stored.has(one.no) && one.no <= (chunk?.watermark ?? 0), `no. ${one.no} is unknown`);
    assert.equal(one.reason, 'crash');
  }
  for (let no = 1; no <= 120; no++)
    if (scene.received(no) === 0)
      assert.equal(outcomes[no - 1]?.outcome, 'unknown', `no. ${no} is forgotten`);
  await node.stop();
});

test('a crash between the second attempt and its fact: resent under the key, or unknown without one', async () => {
  for (const scene of [keyed, unkeyed]) {
    scene.account.clearReceived();
    scene.simulator.addFault({ kind: -1, at: [3], path: scene.path });
    const id = await scene.campaign(5);
    const child = scene.child({ after: { point: 'answer', no: 3, attempt: 2 }, signal: 'SIGKILL' });
    await child.killed();
    assert.equal(scene.received(3), 1);
    const node = await scene.node();
    await scene.done(id);
    assert.deepEqual(
      (await scene.facts(id, 3)).map((fact) => `${fact.attempt} ${fact.kind}`),
      scene === keyed
        ? ['1 retry', '2 started', '2 in_doubt', '3 started', '3 accepted']
        : ['1 retry', '2 started', '2 in_doubt', '3 unknown'],
    );
    assertNobodyTwice(scene, 1, 5);
    await node.stop();
  }
});

test('a process stopped past its lease and continued sends nobody twice, and its late facts count', async () => {
  const scene = unkeyed;
  scene.account.clearReceived();
  scene.simulator.clearFaults();
  const id = await scene.campaign(60);
  const child = scene.child({
    after: { point: 'dispatch', no: 20, attempt: 1 },
    signal: 'SIGSTOP',
    window: 8,
  });
  await child.stopped();
  const node = await scene.node();
  const before = await scene.done(id);
  // No. 20 was stopped between its turn and the socket.
  assert.equal(scene.received(20), 0);
  assert.ok(before.unknown >= 1);
  const doubted = (await scene.facts(id)).filter((fact) => fact.kind === 'in_doubt').map((fact) => fact.no);
  const received = doubted.filter((no) => scene.received(no) === 1);
  // The operator sends the unknown ones again, as a campaign of its own.
  await resend(scene, id);
  const counts = doubted.map((no) => scene.received(no));
  assert.ok(doubted.every((no) => scene.received(no) === (received.includes(no) ? 2 : 1)));
  child.go();
  await until('the late facts are there', async () => {
    const facts = await scene.facts(id);
    return received.every((no) => facts.some((fact) => fact.no === no && fact.kind === 'accepted'));
  });
  const after = await until('the chunk is counted again', async () => {
    const report = await scene.report(id);
    return report.unknown === doubted.length - received.length ? report : false;
  });
  assert.equal(after.accepted, 60 - after.unknown);
  assert.equal(after.rejected + after.unsent, 0);
  const outcomes = await scene.outcomes(id);
  for (const no of received)
    assert.equal(outcomes[no - 1]?.outcome, 'accepted', 'late accepted wins over unknown');
  // It has the connections, the numbers and the time, but not the chunk: whoever has two has them from the operator.
  assert.deepEqual(
    doubted.map((no) => scene.received(no)),
    counts,
  );
  for (let no = 1; no <= 60; no++)
    if (!doubted.includes(no)) assert.equal(scene.received(no), 1, `no. ${no}`);
  await child.kill();
  await node.stop();
});

/** Sends to a campaign's unknown ones again, and waits for the end of it. */
async function resend(scene: Scene, id: number): Promise<void> {
  const { store } = scene.site;
  const { campaign, recipients } = await resendCampaign(store, id, ['unknown']);
  await startPlanning(store.pool, campaign.id);
  const clients = new AccountClients({ store, logger: silentLogger });
  await planCampaign({ store, clients, logger: silentLogger }, campaign.id);
  await clients.close();
  assert.ok(await confirmCampaign(store.pool, campaign.id, recipients));
  assert.equal((await scene.done(campaign.id)).accepted, recipients);
}

test('late facts that arrive while the new owner works are in the counts of its end', async () => {
  const scene = unkeyed;
  scene.account.clearReceived();
  const id = await scene.campaign(40);
  const child = scene.child({
    after: { point: 'dispatch', no: 20, attempt: 1 },
    signal: 'SIGSTOP',
    window: 8,
  });
  await child.stopped();
  const node = await scene.node({ answerTimeoutMs: 2_000 });
  await until('another owns the chunk', async () => ((await scene.chunks(id))[0]?.epoch ?? 0) === 2);
  const arrived = Array.from({ length: 20 }, (_, i) => i + 1).filter((no) => scene.received(no) > 0);
  assert.ok(arrived.some((no) => no > 12));
  child.go();
  // All of them: one that is stored between the report and the outcomes would be in one of the two.
  await until('the late facts are there', async () => {
    const facts = await scene.facts(id);
    return arrived.every((no) =>
      facts.some((fact) => fact.no === no && fact.epoch === 1 && fact.kind === 'accepted'),
    );
  });
  const report = await scene.done(id);
  const outcomes = await scene.outcomes(id);
  for (const outcome of ['accepted', 'unknown'] as const)
    assert.equal(report[outcome], outcomes.filter((one) => one.outcome === outcome).length, outcome);
  await child.kill();
  await node.stop();
});

test('what was in doubt once counts its ten minutes from when it can have left', async () => {
  const scene = keyed;
  scene.account.clearReceived();
  scene.simulator.clearFaults();
  // All processes were down for an hour: the takeover is now, the messages are not.
  const calls = scene.calls;
  const id = await scene.campaign(30);
  const child = scene.child({ after: { point: 'answer', no: 10, attempt: 1 }, signal: 'SIGKILL', window: 4 });
  await child.killed();
  await scene.pool.query(
    `update chunks set doubt_from = doubt_from - interval '1 hour', first_at = first_at - interval '1 hour',
       lease_until = lease_until - interval '1 hour' where campaign_id = $1`,
    [id],
  );
  const node = await scene.node();
  const report = await scene.done(id);
  const doubts = (await scene.facts(id)).filter((fact) => fact.kind === 'in_doubt');
  assert.ok(doubts.length > 0);
  for (const doubt of doubts) assert.ok(Date.now() - doubt.at.getTime() > 3_500_000, 'an hour ago');
  assert.equal(report.unknown, doubts.length);
  // What the killed process had written may arrive after its end; WeChat would have dropped a repeat, so requests are counted.
  const received = [...Array(30).keys()].reduce((sum, i) => sum + scene.received(i + 1), 0);
  assert.equal(scene.calls - calls, received, 'one request for each whom it reached');
  assert.equal(received, 30 - doubts.filter((doubt) => scene.received(doubt.no) === 0).length);
  assertNobodyTwice(scene, 1, 30);
  await node.stop();
});

test('a second takeover counts from the first doubt', async () => {
  const scene = keyed;
  for (const [shift, resent] of [
    ['0 minutes', true],
    ['9 minutes', false],
  ] as const) {
    scene.account.clearReceived();
    const id = await scene.campaign(12);
    const first = scene.child({ after: { point: 'answer', no: 12, attempt: 1 }, signal: 'SIGKILL' });
    await first.killed();
    // It sends the last one again after the first takeover and dies before the answer is stored.
    // Whoever is in doubt waits for the lease of the one who took over as well.
    const second = scene.child({
      after: { point: 'answer', no: 12, attempt: 2 },
      signal: 'SIGKILL',
      leaseMs: 3_000,
    });
    await second.killed();
    await scene.pool.query(`update facts set at = at - $2::interval where campaign_id = $1 and attempt = 1`, [
      id,
      shift,
    ]);
    const node = await scene.node();
    await scene.done(id);
    const of12 = (await scene.facts(id, 12)).map((fact) => `${fact.attempt} ${fact.kind}`).sort();
    assert.deepEqual(
      of12,
      resent
        ? ['1 in_doubt', '2 in_doubt', '2 started', '3 accepted', '3 started']
        : ['1 in_doubt', '2 in_doubt', '2 started', '3 unknown'],
    );
    assertNobodyTwice(scene, 1, 12);
    await node.stop();
  }
});

test('everyone in doubt after a kill is within window, one group and the leads, and named', async () => {
  const scene = unkeyed;
  scene.account.clearReceived();
  // Chunks far larger than a lead: with a mark that runs ahead of it, thousands would be in doubt.
  const id = await scene.campaign(3_000, { chunkSize: 1_000 });
  const window = 16;
  const child = scene.child({ after: { point: 'answer', no: 150, attempt: 1 }, signal: 'SIGKILL', window });
  await child.killed();
  const open = (await scene.chunks(id)).filter((chunk) => chunk.owner !== null);
  assert.ok(open.length <= 3);
  const node = await scene.node();
  await scene.done(id);
  const doubts = (await scene.facts(id)).filter((fact) => fact.kind === 'in_doubt');
  assert.ok(doubts.length <= window + 200 + 100 * open.length, `${doubts.length} in doubt`);
  const outcomes = await scene.outcomes(id);
  const unknown = outcomes.filter((one) => one.outcome === 'unknown' && one.reason === 'crash');
  assert.deepEqual(unknown.map((one) => one.no).sort(), doubts.map((one) => one.no).sort());
  for (const one of outcomes) {
    const count = scene.received(one.no);
    assert.ok(count <= 1, `no. ${one.no} got ${count}`);
    if (count === 0) assert.equal(one.outcome, 'unknown', `no. ${one.no} is forgotten`);
  }
  await node.stop();
});
