import type { StreamPlace } from '../../store/stream/log.ts';

/** A place as the `id:` of a server-sent event: opaque to clients, the same on every node. */
export function placeText({ at, tx, id }: StreamPlace): string {
  return `${at}-${tx}-${id}`;
}

/** Null for what is none. */
export function parsePlace(text: string): StreamPlace | null {
  const [, at, tx, id] = /^(\d{1,15})-(\d{1,20})-(\d{1,19})$/.exec(text) ?? [];
  if (at === undefined || tx === undefined || id === undefined) return null;
  // xid8 and bigint of the database.
  if (BigInt(tx) >= 2n ** 64n || BigInt(id) >= 2n ** 63n) return null;
  return { at: Number(at), tx, id };
}
