import { inTransaction, type Pool, type PoolClient } from '../../store/database/pool.ts';
import { storeItems } from '../../store/webhooks/items.ts';
import { lockTeller, takeChange, takeMessageOutcomes, untoldOutcomes } from '../../store/webhooks/outbox.ts';
import { webhooksFor } from '../../store/webhooks/webhooks.ts';
import { campaignItem, itemsFor, messageOutcomeItem, outcomeItem } from './item.ts';

/** Of one transaction. */
const mostMessages = 1_000;
/** So many outcomes of campaigns are enough for one transaction: neither it nor this process's other work is held up for long. */
const enoughOutcomes = 2_000;

/**
 * Makes items of what campaigns and single messages did (triggers note it in the outbox: store/webhooks/outbox.ts), until nothing is left or another process is at it. Each step is
 * one transaction, so a kill anywhere neither loses nor invents any.
 *
 * @param once one step and no more: who sends messages needs the machine for that
 */
export async function tellChanges(pool: Pool, once: boolean, signal: AbortSignal): Promise<void> {
  for (;;) {
    const more = await inTransaction(pool, async (client) => {
      if (!(await lockTeller(client))) return false;
      let outcomes = 0;
      while (outcomes < enoughOutcomes) {
        const told = await tellNextChange(client);
        if (told === null) break;
        outcomes += told;
      }
      return (await tellMessages(client)) === mostMessages || outcomes >= enoughOutcomes;
    });
    if (!more || once || signal.aborted) return;
  }
}

/** Tells one chunk's outcomes or one change of state: how many items there were; null when nothing is left. */
async function tellNextChange(client: PoolClient): Promise<number | null> {
  const change = await takeChange(client);
  if (change === null) return null;
  const { appid, campaignId, firstNo } = change;
  const webhooks = await webhooksFor(client, [appid]);
  const items =
    firstNo === null
      ? [campaignItem(change)]
      : (await untoldOutcomes(client, campaignId, firstNo)).map((one) => outcomeItem(change, one));
  await storeItems(client, itemsFor(webhooks, appid, items));
  return items.length;
}

async function tellMessages(client: PoolClient): Promise<number> {
  const outcomes = await takeMessageOutcomes(client, mostMessages);
  if (outcomes.length === 0) return 0;
  const webhooks = await webhooksFor(client, [...new Set(outcomes.map((one) => one.appid))]);
  await storeItems(
    client,
    outcomes.flatMap((one) => itemsFor(webhooks, one.appid, [messageOutcomeItem(one)])),
  );
  return outcomes.length;
}
