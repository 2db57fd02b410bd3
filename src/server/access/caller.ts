import type { Actor } from '../../app/actor.ts';

/** Whoever asks over HTTP, with the ceiling of the key that let them in. */
export interface Caller {
  actor: Actor;
  ratePerS: number | null;
}
