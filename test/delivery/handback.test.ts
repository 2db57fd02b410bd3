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

test('a database that disappears costs nothing but time', async () => {
  fresh();
  const link = await linkDatabase(scene.site.database);
  const id = await scene.campaign(300);
  const reached = signal('the sixtieth leaves');
  const node = await scene.node({
    connection: link.connection,
    // What is reserved goes out within it, also where the machine is busy: else whoever claims first has it in doubt.
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
  const lease = await scene.pool.query<{ until: Date }>(
    'select lease_until as until from chunks where campaign_id = $1',
    [id],
  );
  await until('the lease is over', async () => Date.now() > (lease.rows[0]?.until.getTime() ?? 0) + 300);
  const sent = scene.calls;
  const [chunk] = await scene.chunks(id);
  // What was reserved may go out; after the lease nothing does, whatever the process believes.
  for (let no = (chunk?.watermark ?? 0) + 1; no <= 300; no++) assert.equal(scene.received(no), 0);
  assert.equal(scene.calls, sent);
  link.up();
  await scene.done(id);
  // Whoever claims the chunk before the outcomes that waited in memory are stored has them in doubt until then.
  await until('what waited in memory is stored and counted', async () => {
    const { accepted, unknown } = await scene.report(id);
    return accepted === 300 && unknown === 0;
  }).catch(async (error: unknown) => {
    throw new Error(JSON.stringify(await scene.report(id)), { cause: error });
  });
  assertEachOnce(300);
  await node.stop();
});

test('a database that answers nothing any more, without a word, costs nothing but time', async () => {
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
  const [chunk] = await scene.chunks(id);
  await given.promise;
  // Longer than the lease: what was reserved went out, and nothing else, whatever the process believes.
  for (let no = (chunk?.watermark ?? 0) + 1; no <= 300; no++) assert.equal(scene.received(no), 0);
  // The connections that hung stay dead: it goes on through others.
  link.forget();
  await scene.done(id);
  await until('what waited in memory is stored and counted', async () => {
    const { accepted, unknown } = await scene.report(id);
    return accepted === 300 && unknown === 0;
  });
  assertEachOnce(300);
  await node.stop();
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
