import { type EventRow, insertEvents } from '../../store/events.ts';
import type { PoolClient } from '../../store/pool.ts';
import type { StoredEvent } from './stored-event.ts';

/** What is to be stored, as a row and as what it means. */
interface NewEvent {
  row: EventRow;
  stored: StoredEvent;
}

/**
 * Stores each event where its kind belongs; gives the places of those that were not there yet, ascending.
 *
 * Receipts come one for each message: they belong into a table that is smaller than a row of `events`, and whoever
 * brings that table splits `events` by `isReceipt` here and joins both lists of places.
 */
export async function storeEvents(client: PoolClient, events: NewEvent[]): Promise<number[]> {
  return insertEvents(
    client,
    events.map(({ row }) => row),
  );
}
