import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimChunk } from '../../src/store/campaigns/chunks.ts';
import { type Flush, flushChunk } from '../../src/store/campaigns/flush.ts';
import { factKind } from '../../src/store/facts.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const epoch = { monotonic: 0, wall: 0 };

const scene = await makeScene('oa-template');

async function assertEachOnce(id: number, planned: number): Promise<void> {
  const facts = await scene.facts(id);
  const outcomes = facts.filter((fact) => fact.kind !== 'started');
  assert.equal(outcomes.length, planned, 'one fact per recipient');
  assert.equal(new Set(outcomes.map((fact) => fact.no)).size, planned);
}

test('a flush that commits and whose acknowledgement is lost is not appended twice', async () => {
  const link = await linkDatabase(scene.site.database);
  const id = await scene.campaign(120);
  const cut = signal('a flush with facts is cut');
  let armed = false;
  const node = await scene.node({
    connection: link.connection,
    hooks: {
      reached(point, run, fact) {
        // A group with facts in it, not one that only reserves numbers.
        if (point !== 'flush' || fact === undefined || armed || run.claim.campaignId !== id) return;
        armed = true;
        void link.cutNext('flush-chunk', 'after-commit').then(() => cut.give());
      },
    },
  });
  await cut.promise;
  const report = await scene.done(id);
  assert.equal(report.accepted, 120);
  await assertEachOnce(id, 120);
  await node.stop();
});

test('a flush that is repeated while its first try still runs in the server is not appended twice', async () => {
  const link = await linkDatabase(scene.site.database);
  const id = await scene.campaign(60);
  const blocker = await scene.pool.connect();
  let armed = false;
  const cut = signal('a flush with facts is cut');
  const node = await scene.node({
    connection: link.connection,
    hooks: {
      async reached(point, run, fact) {
        if (point !== 'flush' || fact === undefined || armed || run.claim.campaignId !== id) return;
        armed = true;
        // The first try must wait inside the server, so that it is not finished when the second one comes.
        await blocker.query('begin');
        await blocker.query('set local idle_in_transaction_session_timeout = 0');
        await blocker.query('select 1 from chunks where campaign_id = $1 for update', [id]);
        void link.cutNext('flush-chunk', 'while-running').then(() => cut.give());
      },
    },
  });
  await cut.promise;
  await until('both tries wait for the lock', async () => {
    const waiting = await scene.pool.query<{ n: number }>(
      "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return waiting.rows[0]?.n === 2;
  });
  await blocker.query('rollback');
  blocker.release();
  const report = await scene.done(id);
  assert.equal(report.accepted, 60);
  await assertEachOnce(id, 60);
  await node.stop();
});

test('a flush under an old epoch moves nothing, and its facts are appended once and counted', async () => {
  const id = await scene.campaign(60);
  const [first, second] = ['a', 'b'].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`);
  assert.ok(first !== undefined && second !== undefined);
  const claim = (owner: string, lease: number) => claimChunk(scene.pool, id, owner, lease, 0, []);
  const old = await claim(first, 0);
  const current = await claim(second, 60_000);
  assert.ok(old !== null && current !== null);
  const fact = { attempt: 1, kind: factKind.accepted, errcode: null, reason: null, waitMs: null, at: epoch };
  const late: Flush = {
    claim: old,
    // The new owner's first flush has this number too.
    group: 1,
    facts: [1, 2, 3].map((no) => ({ ...fact, no, msgid: String(no) })),
    watermark: 60,
    counts: {
      accepted: 3,
      rejected: 50,
      unknown: 0,
      held: 0,
      outcomes: { rejected: {}, unknown: {}, unsent: {} },
    },
    recount: false,
    end: 'done',
    notBeforeMs: null,
    leaseMs: 1_000,
    now: epoch,
    doubtFrom: epoch,
  };
  for (const recount of [false, true]) {
    const answer = await flushChunk(scene.pool, { ...late, recount });
    assert.equal(answer.owned, false);
    const [chunk] = await scene.chunks(id);
    assert.deepEqual(
      [chunk?.state, chunk?.owner, chunk?.watermark, chunk?.accepted, chunk?.rejected],
      ['open', second, 0, 3, 0],
    );
    assert.equal((await scene.facts(id)).length, 3);
  }
  await scene.pause(id);
});

test('a chunk has one flush under way at a time, also at its end, and every outcome is stored', async () => {
  const unkeyed = await makeScene('mp-subscribe');
  for (const one of [scene, unkeyed]) {
    // Many ends: at each the lane goes on with other chunks, whose numbers may begin a flush of all.
    const id = await one.campaign(600, { chunkSize: 12 });
    const underWay = new Map<number, number>();
    let most = 0;
    const node = await one.node({
      hooks: {
        reached(point, run) {
          if (run.claim.campaignId !== id || (point !== 'flush' && point !== 'flushed')) return;
          const { firstNo } = run.claim;
          const now = (underWay.get(firstNo) ?? 0) + (point === 'flush' ? 1 : -1);
          underWay.set(firstNo, now);
          most = Math.max(most, now);
        },
      },
    });
    const report = await one.done(id);
    assert.equal(report.accepted, 600);
    assert.equal(most, 1);
    const outcomes = (await one.facts(id)).filter((fact) => fact.kind === 'accepted');
    assert.equal(new Set(outcomes.map((fact) => fact.no)).size, 600);
    await node.stop();
  }
});

test('a whole chunk in doubt is named unknown, also when that is more than one group', async () => {
  const unkeyed = await makeScene('mp-subscribe');
  const id = await unkeyed.campaign(700);
  await unkeyed.pool.query(
    `update chunks set epoch = 1, owner = gen_random_uuid(), watermark = last_no,
       first_at = clock_timestamp(), lease_until = clock_timestamp() - interval '1 s' where campaign_id = $1`,
    [id],
  );
  let underWay = 0;
  let most = 0;
  const node = await unkeyed.node({
    answerTimeoutMs: 300,
    hooks: {
      reached(point) {
        if (point !== 'flush' && point !== 'flushed') return;
        underWay += point === 'flush' ? 1 : -1;
        most = Math.max(most, underWay);
      },
    },
  });
  const report = await unkeyed.done(id);
  assert.deepEqual([report.accepted, report.unknown], [0, 700]);
  assert.equal(
    most,
    1,
    'a second flush before the first is stored looks like a database that has forgotten one',
  );
  const facts = (await unkeyed.facts(id)).filter((fact) => fact.kind === 'unknown');
  assert.equal(new Set(facts.map((fact) => fact.no)).size, 700);
  assert.equal(unkeyed.calls, 0);
  await node.stop();
});
