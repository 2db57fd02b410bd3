import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMessage } from '../../src/engine/content/compiled-message.ts';
import { settleLeftFormIds } from '../../src/engine/credits/use-form-ids.ts';
import { ChunkFormIds } from '../../src/engine/delivery/form-ids.ts';
import { cancelStarted } from '../../src/store/campaigns/campaigns.ts';
import type { ChunkRecipient } from '../../src/store/campaigns/chunks.ts';
import type { Fact } from '../../src/store/campaigns/fact-arrays.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { factKind } from '../../src/store/facts.ts';
import { until } from '../support/cli.ts';
import { FormIds } from '../support/credits/form-ids.ts';
import { makeScene, pauseAt } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const scene = await makeScene('mp-form', { latencyMs: 3 });
const { account, pool, site } = scene;
const { appid } = account;
const formIds = new FormIds(scene);

test('after kill -9 the next process sends with the form_ids that were reserved, or nobody knows', async () => {
  await formIds.fresh();
  const people = 60;
  for (let person = 0; person < people; person++) {
    await formIds.give(person, 'form', 2);
    await formIds.give(person);
  }
  // Refused before it was read, so that these wait for another attempt with the same form_id.
  scene.simulator.addFault({ kind: 503, next: 10, path: scene.path });
  const id = await scene.campaign(people);
  const child = scene.child({
    // A second attempt leaves only once the end of the first is stored.
    after: { point: 'answer', no: 1, attempt: 2 },
    window: 4,
    leaseMs: 5_000,
    signal: 'SIGKILL',
  });
  await child.killed();
  const reserved = await formIds.held(id);
  const waiting = (await scene.facts(id)).filter((fact) => fact.kind === 'retry').map((fact) => fact.no);
  assert.ok(waiting.length > 0, 'somebody waits for a second attempt');
  const node = await scene.node();
  await scene.done(id);
  const result = await formIds.outcomes(id);
  const unknown = result.flatMap(([outcome], i) => (outcome === 'unknown' ? [i + 1] : []));
  assert.ok(unknown.length > 0, 'the kill left somebody in doubt');
  for (let no = 1; no <= people; no++) {
    const used = formIds.sentWith(no - 1);
    assert.ok(used.length <= 1, `no. ${no}`);
    const its = reserved.get(no);
    if (its !== undefined) for (const formId of used) assert.equal(formId, its, `no. ${no}`);
    // Of two one is left: the unknown one counts as used.
    assert.deepEqual(await formIds.left(no - 1), [1, 0], `no. ${no}`);
  }
  assert.ok(
    waiting.some((no) => formIds.sentWith(no - 1).length === 1 && reserved.has(no)),
    'one of them was sent to',
  );
  assert.deepEqual(formIds.refusals(), { invalid: 0, used: 0 });
  assert.equal((await formIds.held(id)).size, 0);
  await node.stop();
});

test('an attempt that is handed back before it was made keeps the form_id that it was given', async () => {
  await formIds.fresh();
  const openid = account.openid(0);
  await formIds.know(0, 'deadbeef00000001', 'form', 5);
  const next = await formIds.give(0);
  const campaign = { id: 999_999, appid };
  const epoch = { monotonic: 0, wall: 0 };
  const ofChunk = new ChunkFormIds(campaign, compileMessage('mp-form', { template_id: 't' }), [
    { no: 1, openid, vars: null },
  ]);
  const base = { no: 1, errcode: null, msgid: null, reason: null, waitMs: null, at: epoch };
  const flush = (facts: Fact[], wishes: ChunkRecipient[] = []): Promise<number[]> =>
    inTransaction(pool, (client) =>
      ofChunk.credits(
        client,
        {
          claim: { campaignId: campaign.id, firstNo: 1, epoch: 1, history: '' },
          ...{ group: 1, facts, watermark: 1 },
          counts: {
            accepted: 0,
            rejected: 0,
            unknown: 0,
            held: 0,
            outcomes: { rejected: {}, unknown: {}, unsent: {} },
          },
          ...{ recount: false, leaseMs: 1_000, now: epoch, doubtFrom: epoch, end: 'keep', notBeforeMs: null },
          credits: { wishes, handedBack: [] },
        },
        true,
      ),
    );
  assert.deepEqual(await flush([], [{ no: 1, openid, vars: null }]), []);
  const refused = { ...base, attempt: 1, kind: factKind.retry, errcode: 41028, waitMs: 0 };
  const started = { ...base, attempt: 2, kind: factKind.started };
  assert.deepEqual(await flush([{ ...refused, startedAt: epoch }, started]), []);
  assert.deepEqual([...(await formIds.held(campaign.id)).values()], [next]);
  // It bears the errcode of the attempt before, which is not its own.
  await flush([{ ...refused, attempt: 2, reason: 'handed-back' }]);
  assert.deepEqual([...(await formIds.held(campaign.id)).values()], [next]);
  assert.equal(
    ofChunk.render({ no: 1, openid: 'x', vars: null }),
    `{"form_id":"${next}","touser":"x","template_id":"t"}`,
  );
});

test('two campaigns on two nodes at once never use one form_id twice', async () => {
  await formIds.fresh();
  const people = 120;
  for (let person = 0; person < people; person++)
    await formIds.give(person, person % 3 === 0 ? 'prepay' : 'form');
  const ids = [
    await scene.campaign(people, { chunkSize: 30 }),
    await scene.campaign(people, { chunkSize: 40 }),
  ];
  const options = { window: 16 };
  const nodes = [await scene.node(options), await scene.node(options)];
  for (const id of ids) await scene.done(id);
  const all = (await Promise.all(ids.map((id) => formIds.outcomes(id)))).flat();
  const count = (outcome: string): number => all.filter(([one]) => one === outcome).length;
  // The third of them who paid get both, the others one of the two.
  assert.deepEqual([count('accepted'), count('unsent')], [people + people / 3, people - people / 3]);
  assert.deepEqual(formIds.refusals(), { invalid: 0, used: 0 }, 'WeChat refused nobody');
  for (let person = 0; person < people; person++)
    assert.deepEqual(await formIds.left(person), [person % 3 === 0 ? 1 : 0, 0]);
  for (const node of nodes) await node.stop();
});

test('a commit whose acknowledgement is lost reserves, uses and discards once', async () => {
  await formIds.fresh();
  const people = 80;
  for (let person = 0; person < people; person++) {
    if (person < 20) await formIds.know(person, `deadbeef${person}`, 'form', 5);
    await formIds.give(person);
  }
  const link = await linkDatabase(site.database);
  const id = await scene.campaign(people + 10);
  const cuts = [1, 3, 5].map((no) => signal(`flush ${no} is cut`));
  let flushes = 0;
  const node = await scene.node({
    connection: link.connection,
    window: 4,
    hooks: {
      reached(point, run) {
        if (point !== 'flush' || run.claim.campaignId !== id) return;
        const cut = cuts[[1, 3, 5].indexOf(++flushes)];
        if (cut !== undefined) void link.cutNext('commit', 'after-commit').then(() => cut.give());
      },
    },
  });
  await Promise.all(cuts.map((one) => one.promise));
  await scene.done(id);
  const all = await formIds.outcomes(id);
  assert.ok(all.slice(0, people).every(([outcome]) => outcome === 'accepted'));
  assert.ok(all.slice(people).every(([outcome, why]) => outcome === 'unsent' && why === 'no-credit'));
  for (let person = 0; person < people; person++) {
    assert.equal(formIds.sentWith(person).length, 1);
    assert.deepEqual(await formIds.left(person), [0, 0]);
  }
  assert.deepEqual(formIds.refusals(), { invalid: 20, used: 0 });
  await node.stop();
});

test('a pause, a refusal and a cancellation give form_ids back', async () => {
  await formIds.fresh();
  // More than are reserved ahead of the thirtieth.
  const people = 200;
  for (let person = 0; person < people; person++) await formIds.give(person);
  // This recipient's fault, and not the form_id's.
  scene.simulator.addFault({ kind: 40003, at: [1], path: scene.path });
  const id = await scene.campaign(people);
  const { hooks, reached } = pauseAt(scene, id, 30);
  const node = await scene.node({ window: 2, hooks });
  await reached.promise;
  await until('the chunk is handed back', async () => (await scene.chunks(id))[0]?.owner === null);
  const mark = (await scene.chunks(id))[0]?.watermark ?? 0;
  assert.ok(mark >= 30 && mark < people);
  assert.equal((await formIds.held(id)).size, 0);
  for (let no = 1; no <= people; no++)
    assert.deepEqual(await formIds.left(no - 1), [no === 1 || no > mark ? 1 : 0, 0], `no. ${no}`);

  // Those behind the mark are refused before they are read, wait with their form_ids, and the campaign is cancelled.
  scene.simulator.clearFaults();
  scene.simulator.addFault({ kind: 503, rate: 1, path: scene.path });
  await scene.resume(id);
  await until('somebody waits', async () => (await scene.facts(id)).some((fact) => fact.kind === 'retry'));
  assert.ok((await formIds.held(id)).size > 0);
  await cancelStarted(pool, id, 'operator');
  await until('the chunk is handed back', async () => (await scene.chunks(id))[0]?.owner === null);
  await settleLeftFormIds(pool);
  assert.equal((await formIds.held(id)).size, 0);
  for (let no = mark + 1; no <= people; no++)
    assert.deepEqual(await formIds.left(no - 1), [1, 0], `no. ${no}`);
  await node.stop();
});

test('what a campaign held that was cancelled after its process was killed counts as used', async () => {
  await formIds.fresh();
  for (let person = 0; person < 60; person++) await formIds.give(person);
  const id = await scene.campaign(60);
  const child = scene.child({
    after: { point: 'dispatch', no: 20, attempt: 1 },
    window: 4,
    signal: 'SIGKILL',
  });
  await child.killed();
  await cancelStarted(pool, id, 'operator');
  const holders = [...(await formIds.held(id)).keys()];
  assert.ok(holders.length > 0);
  await until('its lease is over', async () => (await settleLeftFormIds(pool)) > 0);
  assert.equal((await formIds.held(id)).size, 0);
  for (const no of holders) assert.deepEqual(await formIds.left(no - 1), [0, 0]);
  assert.equal(await settleLeftFormIds(pool), 0);
});
