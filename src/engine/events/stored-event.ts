import type { PoolClient } from '../../store/database/pool.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';

/** An event that was stored for the first time: repeats of WeChat's never get here. */
export interface StoredEvent {
  appid: string;
  /** What makes it one of its account and second; a repeat has the same. */
  key: string;
  event: CallbackEvent;
}

/**
 * What follows from events, inside the transaction that stores them: all of it, once, or nothing.
 *
 * `events` holds each event once, in the order of arrival. Statements must touch rows in the order of openid, since
 * several nodes store at the same time.
 */
export type EventEffect = (client: PoolClient, events: StoredEvent[]) => Promise<void>;
