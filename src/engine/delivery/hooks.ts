import type { Claim } from '../../store/campaigns/chunks.ts';

/** The chunk that a point was reached with. */
export interface HookedChunk {
  readonly claim: Claim;
  /** Stops it, as a pause does. */
  drain(): void;
}

/**
 * Places at which a test may hold, kill or change something; undefined in production.
 *
 * `dispatch`: before a request is given to the client. `answer`: its outcome is known and not yet noted. `flush`:
 * before a group is written, with the first of its facts if it has any. `flushed`: after it was acknowledged. Only
 * the last two are awaited.
 */
export interface DeliverHooks {
  reached(
    point: 'dispatch' | 'answer' | 'flush' | 'flushed',
    chunk: HookedChunk,
    item?: { no: number; attempt: number },
  ): void | Promise<void>;
}
