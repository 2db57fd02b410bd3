/** What live streams say of a campaign is what all of its chunks say, though they read only those that changed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LiveCounts } from '../../src/server/stream/live-counts.ts';
import { makeSite } from '../support/campaign.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({ followers: 5_001, accounts: [{ kind: 'service' }] });
const account = wechat.account();
await site.add(wechat, account);
const { pool } = site.store;
const chunkSize = 10;

async function campaign(chunks: number): Promise<number> {
  return await insertCampaign(pool, account, 'oa-template', chunks * chunkSize, { chunkSize });
}

async function truth(id: number): Promise<number[]> {
  const { rows } = await pool.query<{ sums: number[] }>(
    `select array[sum(accepted), sum(rejected), sum(unknown), sum(held)]::integer[] as sums from chunks where campaign_id = $1`,
    [id],
  );
  return rows[0]?.sums ?? [];
}

async function told(counts: LiveCounts, id: number, changed: number[] = []): Promise<number[]> {
  const found = (await counts.read(changed)).find((one) => one.id === id);
  return found === undefined ? [] : [found.accepted, found.rejected, found.unknown, found.held];
}

/** Claims the lowest open chunks that nobody has, sends some of some, and ends or hands back others. */
async function deliver(id: number, { claims, ends, sent }: { claims: number; ends: number; sent: number }) {
  await pool.query(
    `update chunks set epoch = epoch + 1 where campaign_id = $1 and first_no in (
       select first_no from chunks where campaign_id = $1 and state = 'open' and epoch = 0 order by first_no limit $2)`,
    [id, claims],
  );
  await pool.query(
    `update chunks set accepted = least(accepted + $2, 7), rejected = 1, unknown = 1, held = 1
     where campaign_id = $1 and state = 'open' and epoch > 0`,
    [id, sent],
  );
  // Not in the order in which they were claimed.
  await pool.query(
    `update chunks set state = 'done', accepted = 7 where campaign_id = $1 and first_no in (
       select first_no from chunks where campaign_id = $1 and state = 'open' and epoch > 0 order by first_no desc limit $2)`,
    [id, ends],
  );
}

const step = fc.record({
  claims: fc.integer({ min: 0, max: 12 }),
  ends: fc.integer({ min: 0, max: 12 }),
  sent: fc.integer({ min: 0, max: 4 }),
});

test('the counts are those of all chunks at every look, however they are claimed and ended', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const id = await campaign(60);
      const counts = new LiveCounts(pool, { mostOpen: 8 });
      for (const one of steps) {
        await deliver(id, one);
        assert.deepEqual(await told(counts, id), await truth(id));
      }
      await pool.query(`update campaigns set state = 'cancelled' where id = $1`, [id]);
    }),
    { numRuns: 20 },
  );
});

test('of a large campaign only what changed is read, and late changes are seen all the same', async () => {
  const id = await campaign(500);
  // Without the look at everything once in 10 s, which a slow machine comes to.
  const counts = new LiveCounts(pool, { mostOpen: 16, wholeEveryMs: Number.POSITIVE_INFINITY });
  for (let i = 0; i < 30; i++) {
    await deliver(id, { claims: 3, ends: 3, sent: 2 });
    assert.deepEqual(await told(counts, id), await truth(id));
  }
  assert.equal(counts.wholeReads, 1, 'all chunks were read once, at the beginning');
  // A late answer in a chunk that is done.
  await pool.query(`update chunks set accepted = accepted + 1 where campaign_id = $1 and first_no = 1`, [id]);
  assert.deepEqual(await told(counts, id, [id]), await truth(id), 'the campaign changed');
  const often = new LiveCounts(pool, { mostOpen: 16, wholeEveryMs: 0 });
  await told(often, id);
  await pool.query(`update chunks set accepted = accepted + 1 where campaign_id = $1 and first_no = 1`, [id]);
  assert.deepEqual(await told(often, id), await truth(id));
});
