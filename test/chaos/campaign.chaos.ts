/** The full form, some minutes: `npm run test:chaos`. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedPostgres } from '../../src/store/embedded/open.ts';
import { databaseUrl } from '../support/postgres.ts';
import { type Chaos, runChaos } from './chaos.ts';

const killEveryMs = 4_000;

/** Kills a process every few seconds and starts another, until so many recipients have an answer. */
async function killInTurn(
  chaos: Chaos,
  until: () => boolean,
  between?: (kills: number) => Promise<void>,
): Promise<number> {
  let kills = 0;
  while (!until() && kills < 60) {
    await sleep(killEveryMs);
    await chaos.kill();
    chaos.startNode();
    kills++;
    await between?.(kills);
  }
  return kills;
}

function received(chaos: Chaos): number {
  return chaos.accounts.reduce((sum, account) => sum + account.summary().accepted, 0);
}

test('100,000 recipients, three processes, one killed every four seconds, the database killed twice', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-chaos-'));
  // As root, PostgreSQL runs as another user.
  await chmod(directory, 0o711);
  const open = (): ReturnType<typeof openEmbeddedPostgres> =>
    openEmbeddedPostgres({ dataDir: join(directory, 'data'), systemDir: join(directory, 'system') });
  let postgres = await open();
  let kills = 0;
  let databaseKills = 0;
  try {
    const results = await runChaos({
      database: { connection: { ...postgres.connection }, url: databaseUrl(postgres.connection) },
      campaigns: [
        { channel: 'oa-template', planned: 100_000 },
        { channel: 'mp-subscribe', planned: 30_000 },
      ],
      nodes: 3,
      ratePerS: 3_000,
      latencyMs: 20,
      withinMs: 240_000,
      async disturb(chaos) {
        kills = await killInTurn(
          chaos,
          () => received(chaos) > 105_000,
          async (count) => {
            if (count !== 4 && count !== 9) return;
            process.kill(postgres.pid, 'SIGKILL');
            databaseKills++;
            await sleep(3_000);
            postgres = await open();
          },
        );
      },
    });
    for (const result of results) t.diagnostic(JSON.stringify(result));
    t.diagnostic(`${kills} processes and ${databaseKills} databases killed`);
    assert.ok(kills >= 3);
    for (const { planned, unknown } of results)
      assert.ok(unknown < planned / 10, 'most of them have an answer');
  } finally {
    await postgres.close();
    await rm(directory, { recursive: true, force: true });
  }
});
