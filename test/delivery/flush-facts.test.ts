import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Moment } from '../../src/base/clock.ts';
import { type Claim, claimChunk } from '../../src/store/campaigns/chunks.ts';
import type { Fact } from '../../src/store/campaigns/fact-arrays.ts';
import { type Flush, flushChunk, flushChunks } from '../../src/store/campaigns/flush.ts';
import { factKind } from '../../src/store/facts.ts';
import { makeScene } from '../support/deliver.ts';

const scene = await makeScene('oa-template');

const owners = ['a', 'b', 'c'].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`);
const ms = (monotonic: number): Moment => ({ monotonic, wall: monotonic });
const now = ms(1_000_000);

/** Accepted at the first attempt, as nearly all are; all others go another way. */
const plain = { attempt: 1, kind: factKind.accepted, errcode: null, reason: null, waitMs: null };
/** One of each sort; those that are like the others lie between those that are not. */
const facts: Omit<Fact, 'no'>[] = [
  { ...plain, msgid: '3557254367693750277', at: now },
  { ...plain, msgid: '7', kind: factKind.rejected, errcode: 43004, at: ms(999_990) },
  { ...plain, msgid: null, at: ms(995_000) },
  { ...plain, msgid: '9', attempt: 2, at: ms(999_980) },
  // Its answer lay here for longer than an int4 of microseconds says, while the database was away.
  { ...plain, msgid: '99223372036854775807', at: ms(now.monotonic - 7_200_000) },
  { ...plain, msgid: '11', reason: 'receipt', at: now },
  { ...plain, msgid: null, kind: factKind.retry, reason: 'maybe-sent', waitMs: 60_000, at: now },
  { ...plain, msgid: '13', errcode: 0, at: now },
  { ...plain, msgid: '9223372036854775807', at: ms(999_000) },
];

function flushOf(claim: Claim, from: number): Flush {
  const outcomes = { rejected: {}, unknown: {}, unsent: {} };
  return {
    claim,
    group: 1,
    facts: facts.map((fact, i) => ({ ...fact, no: from + i })),
    watermark: from + facts.length,
    counts: { accepted: facts.length, rejected: 0, unknown: 0, held: 0, outcomes },
    recount: false,
    end: 'keep',
    notBeforeMs: null,
    leaseMs: 60_000,
    now,
    doubtFrom: now,
  };
}

/** What the database has of them, with how many ms passed since it happened and are left until the next attempt. */
async function stored(id: number): Promise<unknown[]> {
  const { rows } = await scene.pool.query(
    `select no, msgid::text, attempt, kind, errcode, reason, epoch, flush_group as "group",
       round(extract(epoch from clock_timestamp() - at) * 1000)::bigint as "agoMs",
       round(extract(epoch from next_at - clock_timestamp()) * 1000)::bigint as "waitMs"
     from facts where campaign_id = $1 order by no`,
    [id],
  );
  return rows;
}

/** @param rows as stored, at most a minute later */
function assertStored(rows: unknown[], from: number, epoch: number): void {
  const found = rows as { agoMs: number; waitMs: number | null }[]; // as `stored` selects them
  assert.equal(found.length, facts.length);
  for (const [i, { at, waitMs, ...fact }] of facts.entries()) {
    const { agoMs, waitMs: leftMs, ...row } = found[i] ?? { agoMs: Number.NaN, waitMs: null };
    // The column cannot hold it, and the other facts must not wait for it.
    const msgid = fact.msgid === '99223372036854775807' ? null : fact.msgid;
    assert.deepEqual(row, { ...fact, msgid, no: from + i, epoch, group: 1 });
    const ago = now.monotonic - at.monotonic;
    assert.ok(agoMs >= ago - 1 && agoMs < ago + 60_000, `${agoMs} ms ago, not ${ago}`);
    if (waitMs === null) assert.equal(leftMs, null);
    else assert.ok(leftMs !== null && leftMs <= waitMs && leftMs > waitMs - 60_000, `in ${leftMs} ms`);
  }
}

test('each fact of a group is stored as it was, with its own chunk', async () => {
  const ids = [await scene.campaign(60), await scene.campaign(60), await scene.campaign(60)];
  const claims = await Promise.all(
    ids.map((id, i) => claimChunk(scene.pool, id, owners[i] ?? '', 60_000, 0, [])),
  );
  const [first, second, third] = claims;
  assert.ok(first != null && second != null && third != null);
  // The chunk in the middle has nothing to say but its mark.
  const flushes = [flushOf(first, 1), { ...flushOf(second, 1), facts: [] }, flushOf(third, 21)];
  const answers = await flushChunks(scene.pool, flushes);
  assert.deepEqual(
    answers.map((answer) => answer.owned),
    [true, true, true],
  );
  assertStored(await stored(first.campaignId), 1, 1);
  assert.deepEqual(await stored(second.campaignId), []);
  assertStored(await stored(third.campaignId), 21, 1);
  for (const id of ids) await scene.pause(id);
});

test('the facts of a chunk that has another owner by now are stored as they were', async () => {
  const id = await scene.campaign(60);
  const old = await claimChunk(scene.pool, id, owners[0] ?? '', 0, 0, []);
  assert.notEqual(await claimChunk(scene.pool, id, owners[1] ?? '', 60_000, 0, []), null);
  assert.ok(old !== null);
  for (const _ of ['first', 'repeated']) {
    assert.equal((await flushChunk(scene.pool, flushOf(old, 1))).owned, false);
    assertStored(await stored(id), 1, 1);
  }
  await scene.pause(id);
});
