import type { Input } from '../../src/client/index.ts';
import type { Me } from '../parts/session.ts';
import type { Draft } from './draft.ts';

/** One writing under one key: sent again after its answer was lost, it is still done once. */
export interface Sent {
  key: string;
  body: Omit<Input<'POST /v1/drafts'>['body'], 'appid'>;
}

/** What was typed and is not known to be on the server. */
export interface Unsent {
  draft: Draft;
  /** What it was typed into; null: the server has no draft of it yet. */
  at: { id: number; revision: number } | null;
  /** Sent and not answered. */
  sent: Sent | null;
  /** What the address said of a new draft: with another one, another draft is meant. */
  from: string;
}

const prefix = 'hongyan.unsent.';

/** A tab keeps it until the server has it: a reload while the server is away, or a moment after the last key, takes nothing along. */
export function keepUnsent(place: string, unsent: Unsent): void {
  try {
    sessionStorage.setItem(prefix + place, JSON.stringify(unsent));
  } catch {
    // Forbidden, or full: the open page has it.
  }
}

export function unsentAt(place: string): Unsent | null {
  try {
    // As it was kept above.
    return JSON.parse(sessionStorage.getItem(prefix + place) ?? 'null') as Unsent | null;
  } catch {
    return null;
  }
}

export function dropUnsent(place: string): void {
  try {
    sessionStorage.removeItem(prefix + place);
  } catch {
    // Then there is none.
  }
}

/** Of a new draft, and of one of the server. What one person left in a tab is not for whoever signs in there next. */
export const placeOf = (me: Me, appid: string, id: number | null): string =>
  `${me.kind} ${me.id} ${id === null ? `new ${appid}` : id}`;
