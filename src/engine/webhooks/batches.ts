import type { NewDelivery } from '../../store/webhooks/deliveries.ts';
import type { WaitingItem } from '../../store/webhooks/items.ts';

/** Most items and bytes of one POST; one item may be larger than the latter. */
export const mostItems = 100;
const mostBytes = 512 * 1024;

/** An item that may leave. `ready` false: it, and what follows for its subject, stays where it is. */
export type BatchItem = Pick<WaitingItem, 'id' | 'subject' | 'body' | 'busyWith'> & { ready: boolean };

export interface Batches {
  deliveries: NewDelivery[];
  /** Items that come after a delivery's end, because their subject is in it. */
  blocked: { id: number; behind: string }[];
}

/**
 * POSTs of items, given in their order: what one person's are about lies in one POST, or waits for its end.
 *
 * @param most at most so many POSTs
 * @param partial whether the last one may have room left
 * @param newId the id of each
 */
export function formBatches(
  appid: string,
  items: BatchItem[],
  { most, partial }: { most: number; partial: boolean },
  newId: () => string,
): Batches {
  const batches: Batches = { deliveries: [], blocked: [] };
  const before = `{"appid":${JSON.stringify(appid)},"items":[`;
  /** Subjects of the closed POSTs. */
  const closed = new Map<string, string>();
  const held = new Set<string>();
  let ids: number[] = [];
  let bodies: string[] = [];
  let subjects = new Set<string>();
  let bytes = 0;
  const close = (): void => {
    if (ids.length === 0) return;
    const id = newId();
    for (const subject of subjects) closed.set(subject, id);
    batches.deliveries.push({
      id,
      body: `${before}${bodies.join(',')}]}`,
      items: ids,
      subjects: [...subjects],
    });
    ids = [];
    bodies = [];
    subjects = new Set();
    bytes = 0;
  };
  for (const { id, subject, body, busyWith, ready } of items) {
    const behind = busyWith ?? closed.get(subject);
    if (behind !== undefined) {
      batches.blocked.push({ id, behind });
      continue;
    }
    if (held.has(subject)) continue;
    if (!ready) {
      held.add(subject);
      continue;
    }
    const size = Buffer.byteLength(body);
    if (ids.length === mostItems || bytes + size > mostBytes) {
      close();
      const filled = closed.get(subject);
      if (filled !== undefined) {
        batches.blocked.push({ id, behind: filled });
        continue;
      }
    }
    if (batches.deliveries.length === most) continue;
    ids.push(id);
    bodies.push(body);
    subjects.add(subject);
    bytes += size;
  }
  if (ids.length === mostItems || partial) close();
  return batches;
}
