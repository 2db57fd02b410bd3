import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import { isPassing } from '../../store/database/explain.ts';
import { inTransaction, type Pool, type PoolClient, withSavepoint } from '../../store/database/pool.ts';
import {
  eventId,
  limitLockWait,
  lockPending,
  maxEffectTries,
  type PendingEvent,
  setPending,
} from '../../store/events/events.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';
import { parseEvent } from '../../wechat/callback/parse-event.ts';
import { unreadableEvent } from '../../wechat/callback/unreadable.ts';
import type { NamedEffect } from './effects.ts';
import type { StoredEvent } from './stored-event.ts';

const everyMs = 15_000;

/** Tries again what could not follow from events at once, now and every 15 s. The nodes share the work. */
export function repeatEffects(pool: Pool, effects: NamedEffect[], logger: Logger): Rounds {
  const rounds = new Rounds(
    async () => {
      const seen = new Set<string>();
      while (!rounds.isClosed) {
        const tried = await repeatOne(pool, effects, logger);
        // Those that were tried least come first: with one that comes again, each had its turn.
        if (tried === null || seen.has(tried)) return;
        seen.add(tried);
      }
    },
    (error) => logger.debug({ code: errorCode(error) }, 'pending events wait for the database'),
  );
  rounds.start(everyMs);
  return rounds;
}

/** One try at the event that was tried least; its id, or null when none is due. */
export async function repeatOne(pool: Pool, effects: NamedEffect[], logger: Logger): Promise<string | null> {
  return inTransaction(pool, async (client) => {
    const row = await lockPending(client);
    if (row === null) return null;
    await limitLockWait(client);
    const left: string[] = [];
    for (const name of row.pending) {
      if (!(await applied(client, row, effects, name, logger))) left.push(name);
    }
    await setPending(client, row, left);
    return eventId(row);
  });
}

async function applied(
  client: PoolClient,
  row: PendingEvent,
  effects: NamedEffect[],
  name: string,
  logger: Logger,
): Promise<boolean> {
  const effect = effects.find((one) => one.name === name);
  if (effect === undefined) return false;
  const stored: StoredEvent = { appid: row.appid, key: row.key, event: eventOf(row) };
  try {
    await withSavepoint(client, () => effect.effect(client, [stored]));
    return true;
  } catch (error) {
    if (isPassing(error) && errorCode(error) !== '55P03') throw error;
    const isLast = row.tries + 1 === maxEffectTries;
    const about = { err: error, effect: name, appid: row.appid, tries: row.tries + 1 };
    if (isLast) logger.error(about, 'what follows from an event is given up');
    else logger.warn(about, 'what follows from an event failed again');
    return false;
  }
}

/** The event as it was stored. The fields of an unreadable one are not those of an event: nothing may follow from them. */
function eventOf({ fields, raw }: PendingEvent): CallbackEvent {
  return raw === null ? parseEvent(fields) : unreadableEvent(raw);
}
