import type { PoolClient } from '../../store/database/pool.ts';
import { type EventRow, insertEvents } from '../../store/events/events.ts';
import { isWhollyReceipts, storeEventReceipts } from './receipts.ts';
import type { StoredEvent } from './stored-event.ts';

/** What is to be stored, as a row and as what it means. */
interface NewEvent {
  row: EventRow;
  stored: StoredEvent;
}

/**
 * Stores each event where its kind belongs; gives the places of those that were not there yet, ascending.
 *
 * Receipts come one for each message, millions of a campaign, and lie in a table of their own with small rows. An event
 * of that kind that says more than receipts hold (a msgid that is no number) is kept among the events too.
 */
export async function storeEvents(client: PoolClient, events: NewEvent[]): Promise<number[]> {
  const places = events.map((_, place) => place);
  const [receipts, others] = [true, false].map((is) =>
    places.filter((place) => isWhollyReceipts(events[place]!.stored.event) === is),
  ) as [number[], number[]]; // one list for each of the two
  const rows = others.map((place) => events[place]!.row);
  const fresh = rows.length === 0 ? [] : await insertEvents(client, rows);
  // Of an event that was there already its receipts are there too.
  const last = [...receipts, ...fresh.map((i) => others[i]!)];
  const stored = await storeEventReceipts(
    client,
    last.map((place) => events[place]!.stored),
  );
  const isNew = new Set(stored.map((i) => last[i]!));
  for (const i of fresh) isNew.add(others[i]!);
  return places.filter((place) => isNew.has(place));
}
