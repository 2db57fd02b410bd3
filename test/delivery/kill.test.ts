import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChaos } from '../chaos/chaos.ts';
import { createTestDatabase } from '../support/postgres.ts';

test('a killed process is replaced within 30 s: nobody twice, nobody forgotten, the unknown ones named', async (t) => {
  const database = await createTestDatabase();
  const results = await runChaos({
    database: { connection: { ...database.connection }, url: database.url },
    campaigns: [
      { channel: 'oa-template', planned: 5_000 },
      { channel: 'mp-subscribe', planned: 5_000 },
    ],
    nodes: 2,
    ratePerS: 500,
    latencyMs: 20,
    withinMs: 90_000,
    async disturb(chaos) {
      const owned = async (pid: number | null): Promise<{ id: number; first: number; epoch: number }[]> =>
        (
          await chaos.pool.query<{ id: number; first: number; epoch: number }>(
            `select ch.campaign_id as id, ch.first_no as first, ch.epoch from chunks ch join nodes n on n.id = ch.owner
             where state = 'open' and ($1::integer is null or n.pid = $1)`,
            [pid],
          )
        ).rows;
      await chaos.until(
        'both campaigns are well under way on both processes',
        async () => {
          const shared = await chaos.pool.query(
            'select campaign_id from chunks where owner is not null group by 1 having count(distinct owner) = 2',
          );
          return shared.rowCount === 2 && chaos.accounts.every((account) => account.summary().accepted > 800);
        },
        30_000,
      );
      const pid = await chaos.kill();
      const killedAt = performance.now();
      const left = await owned(pid);
      assert.ok(left.length > 0, 'it owned nothing');
      await chaos.until(
        'its chunks are delivered by the other',
        async () => {
          for (const { id, first, epoch } of left) {
            const taken = await chaos.pool.query(
              'select 1 from chunks where campaign_id = $1 and first_no = $2 and epoch > $3',
              [id, first, epoch],
            );
            if (taken.rowCount === 0) return false;
          }
          return true;
        },
        30_000,
      );
      t.diagnostic(`${left.length} chunks taken over after ${Math.round(performance.now() - killedAt)} ms`);
    },
  });
  for (const result of results) t.diagnostic(JSON.stringify(result));
  const [keyed, unkeyed] = results;
  assert.equal(keyed?.unknown, 0, 'under a key those in doubt were sent again in time');
  assert.ok((keyed?.doubted ?? 0) > 0 && (unkeyed?.doubted ?? 0) > 0, 'the kill left somebody in doubt');
  assert.equal(unkeyed?.unknown, unkeyed?.doubted);
});
