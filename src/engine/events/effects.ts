import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { isPassing } from '../../store/database/explain.ts';
import { type PoolClient, withSavepoint } from '../../store/database/pool.ts';
import { type EventRow, markPending } from '../../store/events/events.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';
import type { EventEffect, StoredEvent } from './stored-event.ts';

export interface NamedEffect {
  /** Stored with events of which it is still pending: never rename it. */
  name: string;
  /** It is given events of these types only. */
  types: CallbackEvent['type'][] | 'all';
  effect: EventEffect;
}

export interface FreshEvent {
  row: EventRow;
  stored: StoredEvent;
}

/** PostgreSQL's code for a lock that was waited for too long. */
const lockNotAvailable = '55P03';

/**
 * Lets everything follow from newly stored events that follows from them, each effect behind a savepoint.
 *
 * An event from which something cannot follow (data that nobody thought of, a row that somebody else holds for long)
 * is stored all the same, with the effect's name in `pending`, and is tried again by itself later. What concerns the
 * database and not the event is thrown: then nothing of the group is stored.
 */
export async function applyEffects(
  client: PoolClient,
  events: FreshEvent[],
  effects: NamedEffect[],
  logger: Logger,
): Promise<void> {
  for (const effect of effects) {
    const concerned = events.filter(
      ({ stored }) => effect.types === 'all' || effect.types.includes(stored.event.type),
    );
    await applyOne(client, concerned, effect, logger);
  }
}

async function applyOne(
  client: PoolClient,
  events: FreshEvent[],
  effect: NamedEffect,
  logger: Logger,
): Promise<void> {
  if (events.length === 0) return;
  try {
    await withSavepoint(client, () =>
      effect.effect(
        client,
        events.map(({ stored }) => stored),
      ),
    );
  } catch (error) {
    const isBlocked = errorCode(error) === lockNotAvailable;
    if (!isBlocked && isPassing(error)) throw error;
    if (!isBlocked && events.length > 1) {
      const half = Math.ceil(events.length / 2);
      await applyOne(client, events.slice(0, half), effect, logger);
      await applyOne(client, events.slice(half), effect, logger);
      return;
    }
    const about = { err: error, effect: effect.name, appid: events[0]?.row.appid, events: events.length };
    if (isBlocked) logger.warn(about, 'an event was stored, and what follows from it waits for a lock');
    else logger.error(about, 'an event was stored, and what follows from it is tried again later');
    await markPending(
      client,
      effect.name,
      events.map(({ row }) => row),
    );
  }
}
