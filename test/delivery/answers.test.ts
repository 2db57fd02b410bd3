import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { freePort } from '../support/store/free-port.ts';
import { startWechat } from '../support/wechat.ts';

const keyed = await makeScene('oa-template');
const unkeyed = await makeScene('mp-subscribe');

function fresh(scene: Scene): Scene {
  scene.account.clearReceived();
  scene.simulator.clearFaults();
  return scene;
}

function assertEachOnce(scene: Scene, planned: number): void {
  for (let no = 1; no <= planned; no++) assert.equal(scene.received(no), 1, `no. ${no}`);
}

test('−1 is tried again at most twice where WeChat drops no repeats, and then nobody knows', async () => {
  const scene = fresh(unkeyed);
  scene.simulator.addFault({ kind: -1, rate: 1, path: scene.path });
  const calls = scene.calls;
  const id = await scene.campaign(1);
  const node = await scene.node();
  const report = await scene.done(id);
  assert.equal(scene.calls - calls, 3);
  assert.deepEqual(report.unknownBy, { '-1': 1 });
  assert.equal(report.rejected, 0, 'whoever resends the rejected ones must not reach this one twice');
  await node.stop();
});

test('whom −1 was repeated to without a key may have it twice: counted, named, and nobody else', async () => {
  const answers = async (scene: Scene): Promise<{ id: number; named: number[] }> => {
    fresh(scene);
    // In the order of the calls: the second one is answered −1 and repeated last, after the others.
    scene.simulator.addFault({ kind: -1, at: [2], path: scene.path });
    const id = await scene.campaign(4);
    const node = await scene.node({ window: 1 });
    await scene.done(id);
    await node.stop();
    return { id, named: (await scene.outcomes(id)).filter((one) => one.maybeTwice).map((one) => one.no) };
  };
  const { id, named } = await answers(unkeyed);
  assert.deepEqual(named, [2]);
  assert.equal((await unkeyed.report(id)).maybeTwice, 1);
  const shown = await unkeyed.site.cli.ok(['campaigns', 'show', String(id)], { env: { HONGYAN_LANG: 'zh' } });
  assert.match(shown, /可能重复\s+1\b/);
  const rows = (await unkeyed.site.cli.ok(['campaigns', 'export', String(id)])).trim().split('\r\n');
  assert.deepEqual(
    rows.slice(1).map((row) => row.split(',').at(-2)),
    ['false', 'true', 'false', 'false'],
  );
  const underKey = await answers(keyed);
  assert.deepEqual(underKey.named, [], 'WeChat drops the repeat');
  assert.equal((await keyed.report(underKey.id)).maybeTwice, 0);

  // The second attempt is refused, so the message can have arrived once at most.
  const scene = fresh(unkeyed);
  scene.simulator.addFault({ kind: -1, at: [1], path: scene.path });
  // Not 43101: whoever has no credit is not sent to by the tests that follow.
  scene.simulator.addFault({ kind: 40003, at: [2], path: scene.path });
  const once = await scene.campaign(1);
  const node = await scene.node({ window: 1 });
  const report = await scene.done(once);
  assert.deepEqual([report.unknownBy, report.maybeTwice], [{ '40003': 1 }, 0]);
  await node.stop();
});

test('an account says how often −1 is repeated where WeChat drops no repeats', async () => {
  const scene = fresh(unkeyed);
  scene.simulator.addFault({ kind: -1, rate: 1, path: scene.path });
  const rules = async (n: string): Promise<string> =>
    await scene.site.cli.ok(['accounts', 'rules', scene.account.appid, '--retry-system-busy', n]);
  try {
    for (const n of [0, 1]) {
      assert.match(await rules(String(n)), new RegExp(`−1 repeated +${n} times`));
      const calls = scene.calls;
      const id = await scene.campaign(1);
      const node = await scene.node();
      const report = await scene.done(id);
      assert.equal(scene.calls - calls, n + 1);
      assert.deepEqual([report.unknownBy, report.maybeTwice], [{ '-1': 1 }, n]);
      await node.stop();
    }
    const refused = await scene.site.cli.fails(2, [
      ...['accounts', 'rules', scene.account.appid],
      ...['--retry-system-busy', '11'],
    ]);
    assert.match(refused, /0 to 10/);
  } finally {
    await rules('2');
  }
});

test('−1 is not tried again under a key that WeChat may have forgotten', async () => {
  const scene = fresh(keyed);
  // Each time: a busy machine may be at the next attempt before the campaign is paused.
  scene.simulator.addFault({ kind: -1, rate: 1, path: scene.path });
  const id = await scene.campaign(1);
  const first = await scene.node({
    hooks: {
      reached(point, run) {
        if (point === 'answer') run.drain();
      },
    },
  });
  await until('the refusal is stored', async () =>
    (await scene.facts(id)).some((fact) => fact.kind === 'retry'),
  );
  await scene.pause(id);
  await first.stop();
  // It lay paused for nine minutes.
  await scene.pool.query(
    "update facts set at = at - interval '9 minutes', next_at = next_at - interval '9 minutes' where campaign_id = $1",
    [id],
  );
  const calls = scene.calls;
  await scene.resume(id);
  const node = await scene.node();
  const report = await scene.done(id);
  assert.equal(scene.calls, calls, 'not one more request');
  assert.deepEqual(report.unknownBy, { '-1': 1 });
  await node.stop();
});

test('43108 is tried again after a second, and is no refusal', async () => {
  const scene = fresh(unkeyed);
  scene.simulator.addFault({ kind: 43108, at: [3], path: scene.path });
  const id = await scene.campaign(6);
  const times: number[] = [];
  const node = await scene.node({
    window: 1,
    hooks: {
      reached: (point, _run, item) => {
        if (item?.no === 3 && (point === 'dispatch' || point === 'answer')) times.push(performance.now());
      },
    },
  });
  const report = await scene.done(id);
  assert.equal(report.accepted, 6);
  assertEachOnce(scene, 6);
  const [refused, , accepted] = await scene.facts(id, 3);
  assert.deepEqual([refused?.kind, refused?.errcode, accepted?.kind], ['retry', 43108, 'accepted']);
  const [, answered = 0, again = 0] = times;
  assert.ok(again - answered >= 999, `${again - answered} ms`);
  await node.stop();
});

test('45011 holds the whole account until the next minute', async () => {
  const scene = fresh(unkeyed);
  scene.simulator.addFault({ kind: 45011, at: [4], path: scene.path });
  // The database keeps the minute too, by its own clock, which this test cannot move.
  await scene.pool.query(`create function soon() returns trigger language plpgsql as
    $$ begin new.minute_until = least(new.minute_until, clock_timestamp() + interval '2 s'); return new; end $$`);
  await scene.pool.query(
    'create trigger soon before insert or update on account_pace for each row execute function soon()',
  );
  // Two seconds before the full minute; it stands until the fourth is answered and somebody looks, however long that takes.
  let answers = 0;
  let isAnswered = false;
  let begun: number | null = null;
  const base = Math.ceil(Date.now() / 60_000) * 60_000 - 2_000;
  const clock: Clock = {
    ...systemClock,
    now() {
      if (isAnswered) begun ??= performance.now();
      return base + (begun === null ? 0 : performance.now() - begun);
    },
  };
  const dispatched: number[] = [];
  const id = await scene.campaign(12, { chunkSize: 6 });
  const node = await scene.node({
    ...{ window: 1, clock, leaseMs: 10_000 },
    hooks: {
      reached(point) {
        if (point === 'answer' && ++answers === 4) isAnswered = true;
        if (point === 'dispatch' && isAnswered) dispatched.push(performance.now());
      },
    },
  });
  const report = await scene.done(id);
  assert.equal(report.accepted, 12);
  assertEachOnce(scene, 12);
  const facts = await scene.facts(id);
  const refused = facts.find((fact) => fact.errcode === 45011);
  assert.ok(refused?.nextAt, 'it is tried again');
  // The database has its own idea of when a fact was; only what the node did tells before from after.
  assert.equal(dispatched.length, 9);
  for (const at of dispatched) assert.ok(at - (begun ?? at) >= 2_249, `${at - (begun ?? at)} ms`);
  await node.stop();
});

test('known-not-sent recipients wait out a WeChat that cannot be reached', async () => {
  const port = await freePort();
  const scene = await makeScene('mp-subscribe', { port });
  const warm = await scene.campaign(1);
  const node = await scene.node();
  await scene.done(warm);
  await scene.simulator.close();
  const id = await scene.campaign(20);
  await until('they could not be sent', async () => {
    const facts = await scene.facts(id);
    return facts.filter((fact) => fact.kind === 'retry' && fact.reason === 'connect').length >= 20;
  });
  // Another process on the same address: it knows none of the tokens either.
  const again = await startWechat({ kind: 'miniprogram', followers: 5_000, creditsPerUser: 100, port });
  const report = await scene.done(id);
  assert.equal(report.accepted, 20);
  const summary = again.account().summary();
  assert.deepEqual([summary.accepted, summary.duplicates], [20, 0]);
  await node.stop();
});

test('a token that expires or is superseded underneath costs nobody the message', async () => {
  for (const how of ['expired', 'superseded'] as const) {
    const scene = fresh(unkeyed);
    const id = await scene.campaign(120);
    let ended = 0;
    const node = await scene.node({
      window: 8,
      hooks: {
        reached(point, _run, item) {
          if (point !== 'dispatch' || item === undefined || item.no % 40 !== 0 || item.attempt > 1) return;
          ended++;
          scene.account.endTokens(how);
        },
      },
    });
    const report = await scene.done(id);
    assert.equal(ended, 3);
    assert.equal(report.accepted, 120);
    assertEachOnce(scene, 120);
    await node.stop();
  }
});

test('ten refusals that concern everybody stop the campaign in its first chunk', async () => {
  const scene = fresh(unkeyed);
  scene.simulator.addFault({ kind: 40037, rate: 1, path: scene.path });
  const calls = scene.calls;
  const id = await scene.campaign(150, { chunkSize: 50, probed: false });
  const nodes = [await scene.node(), await scene.node()];
  await until('it is paused', async () => (await scene.find(id)).state === 'paused');
  await until('its chunk is handed back', async () =>
    (await scene.chunks(id)).every((one) => one.owner === null),
  );
  assert.equal((await scene.find(id)).stateReason, 'errcode:40037');
  assert.equal(scene.calls - calls, 10);
  const [first, ...others] = await scene.chunks(id);
  assert.equal(first?.watermark, 10);
  assert.ok(
    others.every((chunk) => chunk.epoch === 0),
    'other chunks never open',
  );
  for (const node of nodes) await node.stop();
});

test('answers that say nothing of the message neither pass nor fail the probe', async () => {
  const scene = fresh(unkeyed);
  scene.simulator.addFault({ kind: 43108, at: [1, 2, 3, 4, 5, 6], path: scene.path });
  scene.simulator.addFault({ kind: 40037, rate: 1, path: scene.path });
  const id = await scene.campaign(150, { chunkSize: 50, probed: false });
  const node = await scene.node();
  await until('it is paused', async () => (await scene.find(id)).state === 'paused');
  const { rejected } = await scene.report(id);
  assert.ok(rejected <= 20, `${rejected} were spent on it`);
  assert.ok((await scene.chunks(id)).slice(1).every((chunk) => chunk.epoch === 0));
  await node.stop();
});

test('an answer that nobody can read is not tried again, and few are spent while they last', async () => {
  const scene = fresh(unkeyed);
  scene.simulator.addFault({ kind: 502, rate: 1, path: scene.path });
  const window = 8;
  const id = await scene.campaign(400, { chunkSize: 200 });
  const node = await scene.node({ window });
  await until('sending has all but stopped', async () => {
    const unknown = (await scene.facts(id))
      .filter((fact) => fact.kind === 'unknown')
      .map((fact) => fact.at.getTime());
    return unknown.length > 20 && Math.max(...unknown) - Math.min(...unknown) > 3_000;
  });
  scene.simulator.clearFaults();
  const report = await scene.done(id);
  assert.equal(report.accepted + report.unknown, 400);
  assert.deepEqual(report.unknownBy, { gateway: report.unknown });
  assert.ok(report.unknown <= 20 + window + 10, `${report.unknown} recipients were spent on it`);
  for (let no = 1; no <= 400; no++) assert.ok(scene.received(no) <= 1);
  await node.stop();
});

test('a connection cut before or after WeChat accepted, and a hang, leave unknown and are not repeated', async () => {
  const scene = fresh(unkeyed);
  const faults = [
    { kind: 'reset', reason: 'reset', received: 0 },
    { kind: 'cut', reason: 'reset', received: 1 },
    { kind: 'slow', reason: 'timeout', received: 1 },
  ] as const;
  for (const [i, { kind }] of faults.entries())
    scene.simulator.addFault({
      kind,
      at: [i + 2],
      path: scene.path,
      ...(kind === 'slow' ? { slowMs: 60_000 } : {}),
    });
  const id = await scene.campaign(5);
  const node = await scene.node({ window: 1, answerTimeoutMs: 3_000 });
  await scene.done(id);
  const outcomes = await scene.outcomes(id);
  for (const [i, { reason, received }] of faults.entries()) {
    const found = outcomes[i + 1];
    assert.deepEqual([found?.outcome, found?.reason, found?.attempts], ['unknown', reason, 1]);
    assert.equal(scene.received(i + 2), received);
  }
  assert.deepEqual([outcomes[0]?.outcome, outcomes[4]?.outcome], ['accepted', 'accepted']);
  await node.stop();
});

test('a resend that WeChat calls a repeat was accepted, and no other refusal settles it', async () => {
  for (const [duplicateClientMsgId, left] of [
    [40241, false],
    [45065, false],
    ['same-ok', true],
  ] as const) {
    const scene = await makeScene('oa-template', { duplicateClientMsgId });
    const id = await scene.campaign(3);
    const child = scene.child({ after: { point: 'answer', no: 3, attempt: 1 }, signal: 'SIGKILL' });
    await child.killed();
    assert.equal(scene.received(3), 1);
    if (left) scene.account.unfollow(scene.account.openid(2));
    const node = await scene.node();
    await scene.done(id);
    const outcome = (await scene.outcomes(id))[2];
    assert.equal(outcome?.outcome, left ? 'unknown' : 'accepted');
    assert.equal(outcome?.errcode, left ? 43004 : duplicateClientMsgId);
    assert.equal(outcome?.msgid, null);
    assert.equal(scene.received(3), 1);
    await node.stop();
  }
});
