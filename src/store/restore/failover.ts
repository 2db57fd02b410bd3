import { type Clock, type Moment, momentOf, msSince } from '../../base/clock.ts';
import type { Look, Replication } from './look.ts';
import { isBehind, type Position } from './witness.ts';

/** Why a failover is not known to be clean. */
export type Unproven =
  /** Not the timeline that follows on the one that was known. */
  | 'timeline'
  /** A commit did not wait for each standby when the old server was last seen. */
  | 'asynchronous'
  /** The new server does not say up to where it had followed the old one, or was started since. */
  | 'untold'
  /** It had followed less far than the old one was seen half a second before it was last seen. */
  | 'behind'
  /** A message of this process that was stored is missing. */
  | 'forgot'
  /** No process that was there before is there to say. */
  | 'nobody-knows';

/** Of two places in the log that are compared the earlier one lies so far before the last look, ms. */
const apartMs = 400;

/**
 * Whether every commit that was acknowledged is on every standby that might be promoted: as many are waited for as are named
 * and as there are. With fewer (`ANY 1 (a, b)`) the one that is promoted may be the other one.
 */
export function waitsForAll({ standbyNames, isDurable, standbys, asyncStandbys }: Replication): boolean {
  if (!isDurable || standbyNames === null || standbys === null || (asyncStandbys ?? 0) > 0) return false;
  const parts = /^\s*(?:(?:any|first)\s+)?(?:(\d+)\s*\((.*)\)|(.*))\s*$/is.exec(standbyNames);
  const names = (parts?.[2] ?? parts?.[3] ?? '').split(',').map((name) => name.trim());
  if (names.every((name) => name === '')) return false;
  const waitedFor = Number(parts?.[1] ?? 1);
  return waitedFor >= Math.max(standbys, names.includes('*') ? 1 : names.length);
}

/**
 * What one process knows of the server that it works with, by which it can say whether the one that takes its place has
 * forgotten something.
 *
 * The log of the new server is that of the old one up to a point. What the old one acknowledged last to this process is
 * there (the renewals of its lease, its flushes, its messages); so is everything before it. What it acknowledged to a process
 * that has died is there because no commit was acknowledged before each standby had it, which was seen twice a second.
 */
export class FailoverEvidence {
  readonly #clock: Clock;
  #isSynchronous = false;
  /** Renewals that were acknowledged since the commits wait for the standbys: with the second one all before is with them. */
  #renewals = 0;
  #seenAt: Moment | null = null;
  #timeline: number | null = null;
  #later: { at: number; position: Position } | null = null;
  #earlier: Position | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The server is the one that it was, or was found to have forgotten nothing. */
  saw({ replication, position }: Pick<Look, 'replication' | 'position'>): void {
    const isSynchronous = waitsForAll(replication);
    if (!isSynchronous || position.timeline !== this.#timeline) this.#renewals = 0;
    this.#isSynchronous = isSynchronous;
    this.#seenAt = momentOf(this.#clock);
    const at = this.#clock.monotonic();
    if (position.timeline !== this.#timeline) this.#earlier = this.#later = null;
    this.#timeline = position.timeline;
    if (this.#later !== null && at - this.#later.at < apartMs) return;
    this.#earlier = this.#later?.position ?? position;
    this.#later = { at, position };
  }

  renewed(): void {
    if (this.#isSynchronous) this.#renewals++;
  }

  /**
   * Of a server on another timeline that shows everything else that is known of it: null when it has forgotten nothing,
   * else why not, or `nobody-knows` when another process may know.
   */
  judge({ position, recorded, replication, uptimeMs, lostMessage }: Look): Unproven | null {
    if (recorded.timeline === null || position.timeline !== recorded.timeline + 1) return 'timeline';
    // What is recorded was written on the old timeline: the new one follows on it, and on no other.
    if (this.#seenAt === null || this.#timeline !== recorded.timeline) return 'nobody-knows';
    if (!this.#isSynchronous) return 'asynchronous';
    if (this.#renewals < 2) return 'nobody-knows';
    // One that was started since then may have followed for a second time, its own log.
    if (replication.replayed === null || uptimeMs < msSince(this.#seenAt, momentOf(this.#clock)))
      return 'untold';
    const followed = { ...position, timeline: recorded.timeline, lsn: replication.replayed };
    if (this.#earlier !== null && isBehind(followed, this.#earlier)) return 'behind';
    return lostMessage ? 'forgot' : null;
  }
}
