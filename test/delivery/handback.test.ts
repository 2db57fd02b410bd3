import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { claimChunk } from '../../src/store/campaigns/chunks.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const scene = await makeScene('mp-subscribe', { latencyMs: 5 });

function fresh(): Scene {
  scene.account.clearReceived();
  scene.simulator.clearFaults();
  return scene;
}

function assertEachOnce(planned: number): void {
  for (let no = 1; no <= planned; no++) assert.equal(scene.received(no), 1, `no. ${no}`);
}

async function kindsOf(id: number): Promise<Set<string>> {
  return new Set((await scene.facts(id)).map((fact) => fact.kind));
}

test('a pause takes the mark down to what was really started, and leaves nobody in doubt', async () => {
  fresh();
  // So many that it is far from its end when it is paused, however long a busy machine takes for that.
  const id = await scene.campaign(2_000);
  const reached = signal('the fiftieth leaves');
  const node = await scene.node({
    window: 4,
    hooks: {
      reached(point, _run, item) {
        if (point === 'dispatch' && item?.no === 50) void scene.pause(id).then(() => reached.give());
      },
    },
  });
  await reached.promise;
  await until('the chunk is handed back', async () => (await scene.chunks(id))[0]?.owner === null);
  const [chunk] = await scene.chunks(id);
  const facts = await scene.facts(id);
  assert.equal(chunk?.watermark, Math.max(...facts.map((fact) => fact.no)));
  assert.equal(chunk?.watermark, facts.length, 'every started one has its outcome');
  assert.ok(chunk.watermark < 2_000);
  await scene.resume(id);
  await scene.done(id);
  assert.deepEqual(await kindsOf(id), new Set(['accepted']));
  assertEachOnce(2_000);
  await node.stop();
});

test('an attempt whose started row is stored and which a pause prevents is not in doubt', async () => {
  fresh();
  scene.simulator.addFault({ kind: 43108, at: [1], path: scene.path });
  const id = await scene.campaign(3);
  let drained = false;
  const node = await scene.node({
    leaseMs: 10_000,
    hooks: {
      async reached(point, run) {
        if (point !== 'flushed' || drained) return;
        const started = (await scene.facts(id)).some((fact) => fact.kind === 'started');
        if (!started) return;
        drained = true;
        run.drain();
      },
    },
  });
  const report = await scene.done(id);
  assert.ok(drained);
  assert.equal(report.accepted, 3);
  assertEachOnce(3);
  const all = await scene.facts(id);
  assert.ok(!all.some((fact) => fact.kind === 'in_doubt'));
  const again = all.find((fact) => fact.attempt === 2 && fact.kind === 'retry');
  assert.equal(again?.errcode, 43108, 'it says why it was waiting');
  await node.stop();
});

test('a stopping node finishes what is in flight and hands its chunks to the next at once', async () => {
  fresh();
  const id = await scene.campaign(400, { chunkSize: 100 });
  const reached = signal('the 120th leaves');
  const first = await scene.node({
    window: 8,
    leaseMs: 60_000,
    hooks: {
      reached(point, _run, item) {
        if (point === 'dispatch' && item?.no === 120) reached.give();
      },
    },
  });
  await reached.promise;
  await first.stop();
  const chunks = await scene.chunks(id);
  assert.ok(chunks.some((chunk) => chunk.state === 'open' && chunk.epoch > 0));
  assert.ok(
    chunks.every((chunk) => chunk.owner === null),
    'no lease is left to wait for',
  );
  const second = await scene.node();
  const report = await scene.done(id);
  assert.equal(report.accepted, 400);
  assert.deepEqual(await kindsOf(id), new Set(['accepted']));
  assertEachOnce(400);
  await second.stop();
});

test('two nodes that claim at once never get one chunk, and one chunk only until the campaign is probed', async () => {
  fresh();
  for (const probed of [false, true]) {
    const id = await scene.campaign(50, { chunkSize: 10, probed });
    const claims = await Promise.all(
      Array.from({ length: 12 }, () => claimChunk(scene.pool, id, randomUUID(), 10_000, 10_000, [])),
    );
    const chunks = claims.flatMap((claim) => (claim === null ? [] : [claim.firstNo]));
    assert.equal(new Set(chunks).size, chunks.length);
    assert.ok(chunks.length >= 1);
    if (!probed) assert.deepEqual(chunks, [1]);
    for (let i = 0; i < 5; i++) await claimChunk(scene.pool, id, randomUUID(), 10_000, 10_000, []);
    const epochs = (await scene.chunks(id)).map((chunk) => chunk.epoch);
    assert.deepEqual(epochs, probed ? [1, 1, 1, 1, 1] : [1, 0, 0, 0, 0]);
    await scene.pause(id);
  }
});

test('chunks are claimed in the order of their recipients', async () => {
  const id = await scene.campaign(50, { chunkSize: 10, probed: true });
  const claimed: (number | undefined)[] = [];
  for (let i = 0; i < 5; i++) {
    const claim = await claimChunk(scene.pool, id, randomUUID(), 10_000, 10_000, []);
    claimed.push(claim?.firstNo);
  }
  assert.deepEqual(claimed, [1, 11, 21, 31, 41]);
  await scene.pause(id);
});

test('a claim whose answer is lost leaves nobody in doubt', async () => {
  fresh();
  const id = await scene.campaign(30);
  // The owner never heard of it.
  assert.ok(await claimChunk(scene.pool, id, randomUUID(), 1, 1, []));
  const node = await scene.node();
  const report = await scene.done(id);
  assert.equal(report.accepted, 30);
  assert.deepEqual(await kindsOf(id), new Set(['accepted']));
  await node.stop();
});

test('an account that cannot be used pauses its campaign and spends nobody', async () => {
  const other = await makeScene('mp-subscribe');
  await other.pool.query("update accounts set secret_sealed = '\\x01020304'");
  const id = await other.campaign(30);
  const node = await other.node();
  await until('it is paused', async () => (await other.find(id)).state === 'paused');
  assert.equal((await other.find(id)).stateReason, 'SECRET_UNREADABLE');
  assert.deepEqual(await other.facts(id), []);
  assert.equal((await other.chunks(id))[0]?.epoch, 0);
  await node.stop();
});

/**
 * Everybody is accepted, once, but those whom the node could not send to: what it had reserved goes out while it has slots of the
 * rate, 0.2 s without the database, and what a group has reserved that nobody acknowledged it does not know. Whoever claims the
 * chunk next has them in doubt.
 *
 * @param mark of the chunk when its lease was over
 * @returns how many these are
 */
async function neverSent(id: number, mark: number): Promise<number> {
  await scene.done(id);
  const missed = (): number => [...Array(300).keys()].filter((i) => scene.received(i + 1) === 0).length;
  // Whoever claims the chunk before the outcomes that waited in memory are stored has them in doubt until then.
  await until('what waited in memory is stored and counted', async () => {
    const { accepted, unknown } = await scene.report(id);
    return accepted === 300 - missed() && unknown === missed();
  });
  for (const { no, outcome, reason } of await scene.outcomes(id)) {
    const was = scene.received(no);
    assert.ok(was <= 1, `no. ${no} got it twice`);
    if (was === 1) assert.equal(outcome, 'accepted', `no. ${no}`);
    else assert.deepEqual([outcome, reason, no <= mark], ['unknown', 'crash', true], `no. ${no}`);
  }
  return missed();
}

/** A machine that stands still for a moment leaves some of them; one that always does loses what it had reserved. */
async function untilNobodyIsLeft(work: () => Promise<number>): Promise<void> {
  const left: number[] = [];
  while (left.length < 5) {
    left.push(await work());
    if (left.at(-1) === 0) return;
  }
  assert.fail(`each time some were never sent to: ${left}`);
}

async function leaseIsOver(id: number): Promise<void> {
  await until('the lease is over', async () => {
    const { rowCount } = await scene.pool.query(
      "select from chunks where campaign_id = $1 and lease_until < clock_timestamp() - interval '300 ms'",
      [id],
    );
    return rowCount === 1;
  });
}

test('a database that disappears costs nothing but time', async () => {
  await untilNobodyIsLeft(async () => {
    fresh();
    const link = await linkDatabase(scene.site.database);
    const id = await scene.campaign(300);
    const reached = signal('the sixtieth leaves');
    const node = await scene.node({
      connection: link.connection,
      leaseMs: 4_000,
      window: 4,
      hooks: {
        reached(point, _run, item) {
          if (point !== 'dispatch' || item?.no !== 60) return;
          link.down();
          reached.give();
        },
      },
    });
    await reached.promise;
    await leaseIsOver(id);
    const sent = scene.calls;
    const [chunk] = await scene.chunks(id);
    const mark = chunk?.watermark ?? 0;
    // What was reserved may go out; after the lease nothing does, whatever the process believes.
    for (let no = mark + 1; no <= 300; no++) assert.equal(scene.received(no), 0);
    assert.equal(scene.calls, sent);
    link.up();
    const left = await neverSent(id, mark);
    await node.stop();
    return left;
  });
});

test('whom a group reserved that was stored and never acknowledged is named once its lease is over', async () => {
  fresh();
  const link = await linkDatabase(scene.site.database);
  const id = await scene.campaign(300);
  const lost = signal('a group is stored, and its acknowledgement lost');
  let isArmed = false;
  const node = await scene.node({
    connection: link.connection,
    leaseMs: 4_000,
    window: 4,
    hooks: {
      reached(point, _run, item) {
        if (point !== 'flush' || (item?.no ?? 0) < 60 || isArmed) return;
        isArmed = true;
        void link.cutNext('flush-chunk', 'after-commit').then(() => {
          link.down();
          lost.give();
        });
      },
    },
  });
  await lost.promise;
  await leaseIsOver(id);
  const [chunk] = await scene.chunks(id);
  link.up();
  await neverSent(id, chunk?.watermark ?? 0);
  await node.stop();
});

test('a database that answers nothing any more, without a word, costs nothing but time', async () => {
  await untilNobodyIsLeft(async () => {
    fresh();
    const link = await linkDatabase(scene.site.database);
    const id = await scene.campaign(300);
    const reached = signal('the sixtieth leaves');
    const given = signal('the node knows that nothing will be answered');
    const warn = (_fields: object, message: string): void => {
      if (message.startsWith('the database does not answer')) given.give();
    };
    const node = await scene.node({
      connection: link.connection,
      leaseMs: 4_000,
      window: 4,
      logger: { ...silentLogger, warn },
      hooks: {
        reached(point, _run, item) {
          if (point !== 'dispatch' || item?.no !== 60) return;
          link.stall();
          reached.give();
        },
      },
    });
    await reached.promise;
    await given.promise;
    await leaseIsOver(id);
    const [chunk] = await scene.chunks(id);
    const mark = chunk?.watermark ?? 0;
    // Longer than the lease: what was reserved went out, and nothing else, whatever the process believes.
    for (let no = mark + 1; no <= 300; no++) assert.equal(scene.received(no), 0);
    // The connections that hung stay dead: it goes on through others.
    link.forget();
    const left = await neverSent(id, mark);
    await node.stop();
    return left;
  });
});

test('a clock that jumps an hour in either direction sends nobody twice and forgets nobody', async () => {
  for (const jump of [3_600_000, -3_600_000]) {
    fresh();
    let offset = 0;
    const clock: Clock = { ...systemClock, now: () => Date.now() + offset };
    const id = await scene.campaign(120);
    const node = await scene.node({
      clock,
      window: 4,
      hooks: {
        reached(point, _run, item) {
          if (point === 'dispatch' && item?.no === 40) offset = jump;
        },
      },
    });
    const report = await scene.done(id);
    assert.equal(offset, jump);
    assert.equal(report.accepted, 120);
    assertEachOnce(120);
    await node.stop();
  }
});
