/** Reviews of held messages in tests: time that passes, and nodes that look what became of them. */
import { after } from 'node:test';
import type { Clock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { consumeSettled } from '../../../src/engine/credits/message-credits.ts';
import { HoldSettler } from '../../../src/engine/holds/hold-settler.ts';
import { AccountClients } from '../../../src/engine/sending/account-clients.ts';
import { accountsWithHolds } from '../../../src/store/campaigns/holds.ts';
import { findSettlements, settle } from '../../../src/store/events/receipt-settlement.ts';
import { until } from '../cli.ts';
import type { Scene } from '../deliver.ts';
import { unhurriedMs } from '../in-time.ts';
import { take, templateReceipt } from './receipts.ts';

export const blockedListPath = '/wxa/sec/queryblocktmplmsg';
const minute = 60_000;

/**
 * The database's clock and WeChat's go on: what was sent until now was sent so long ago. WeChat's list keeps the times of
 * the real clock, so what it blocked before fits nothing any more.
 */
export async function pass(scene: Scene, minutes: number): Promise<void> {
  const back = [minutes];
  await scene.pool.query(`update facts set at = at - $1 * interval '1 minute'`, back);
  await scene.pool.query(`update message_facts set at = at - $1 * interval '1 minute'`, back);
  await scene.pool.query(
    `update chunks set first_at = first_at - $1 * interval '1 minute', last_at = last_at - $1 * interval '1 minute'`,
    back,
  );
  await scene.pool.query(`update campaigns set started_at = started_at - $1 * interval '1 minute'`, back);
  scene.simulator.advance(minutes * minute);
}

const settlers = new Set<() => Promise<void>>();
// Registered at import, before the site's hook: they end before their database does.
after(async () => {
  for (const stop of settlers) await stop();
});

/** A node that looks what became of held messages, again and again; stop it by the function that is returned. */
export function startSettler(scene: Scene, clock?: Clock): () => Promise<void> {
  const { store } = scene.site;
  const logger = silentLogger;
  const clients = new AccountClients({ store, logger, connections: 4, answerTimeoutMs: unhurriedMs });
  const settler = new HoldSettler({
    ...{ pool: scene.pool, clients, logger, tickMs: 30, askEveryMs: 0 },
    ...(clock === undefined ? {} : { clock }),
  });
  settler.start();
  const stop = async (): Promise<void> => {
    settlers.delete(stop);
    await settler.close();
    await clients.close();
  };
  settlers.add(stop);
  return stop;
}

/** Looks at all holds twice from beginning to end, unless none is left. */
export async function settleHolds(scene: Scene, clock?: Clock): Promise<void> {
  const stop = startSettler(scene, clock);
  const begun = new Set<string>();
  await until('the holds were looked at', async () => {
    const { rows } = await scene.pool.query<{ at: string }>(
      'select holds_asked_at::text as at from accounts where appid = $1 and holds_asked_at is not null',
      [scene.account.appid],
    );
    for (const { at } of rows) begun.add(at);
    return begun.size >= 4 || (await accountsWithHolds(scene.pool)).length === 0;
  });
  await stop();
}

/** WeChat pushes the receipts of released messages, and they settle what they can. Says how many. */
export async function settleReceipts(scene: Scene, openids: string[]): Promise<number> {
  const released = scene.account.holds.list().filter(({ state }) => state === 'released');
  await take(
    scene.pool,
    released
      .filter(({ openid }) => openids.includes(openid))
      .map((hold) => templateReceipt(scene.account.appid, hold)),
  );
  let settled = 0;
  for (const one of await findSettlements(scene.pool, 0, 1_500, 10_000))
    if (await settle(scene.pool, one, consumeSettled)) settled++;
  return settled;
}
