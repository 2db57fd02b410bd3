import { type Clock, isOver, type Moment, momentOf, shifted } from '../../base/clock.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type Node, renewNodeLease, takeNodeLease } from '../../store/database/nodes.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { RestoreGuard } from '../../store/restore/restore-guard.ts';

/** Shares of the lease: it is renewed after the one, and nothing is dispatched in the last part of it. */
const renewShare = 0.3;
const reserveShare = 0.15;

export interface NodeLeaseDeps {
  pool: Pool;
  clock: Clock;
  logger: Logger;
  node: { id: string; role: Node['role']; version: string; keyIds?: readonly string[] };
  leaseMs: number;
  /** Is told of each renewal, so that a database that forgets one is noticed. */
  guard: Pick<RestoreGuard, 'history' | 'sawBeat' | 'forgetNode'>;
}

/**
 * The lease of this process: what it claims under one epoch is its own while the lease lasts, by the database's clock;
 * here by a deadline on both clocks that ends before.
 *
 * A lease that is over and that nobody fenced goes on under its epoch. Otherwise the next one has another epoch.
 */
export class NodeLease {
  readonly #deps: NodeLeaseDeps;
  #epoch = 0;
  #deadline: Moment = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
  #heldSince = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #renewal: Promise<void> | null = null;

  constructor(deps: NodeLeaseDeps) {
    this.#deps = deps;
  }

  /** Of the present lease; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** When nothing may be sent under it any more. */
  get deadline(): Moment {
    return this.#deadline;
  }

  /** Whether something that was claimed under this epoch may be sent now. */
  isHeld(epoch: number): boolean {
    const { clock } = this.#deps;
    return epoch === this.#epoch && !isOver(this.#deadline, momentOf(clock));
  }

  /** For how long it was held without a gap, ms; 0 when it is not. */
  get heldMs(): number {
    return this.isHeld(this.#epoch) ? this.#deps.clock.monotonic() - this.#heldSince : 0;
  }

  /** Takes the first lease. Rejects while the database is away. */
  async start(): Promise<void> {
    await this.#take();
    this.#timer = setInterval(() => void this.renew(), this.#deps.leaseMs * renewShare);
  }

  /** Renews it now; never rejects. */
  renew(): Promise<void> {
    this.#renewal ??= this.#renew()
      .catch((error: unknown) => {
        this.#deps.logger.warn(
          { code: errorCode(error) },
          'this node could not say that it is alive; it is tried again',
        );
      })
      .then(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#renewal;
    this.#deps.guard.forgetNode(this.#deps.node.id);
  }

  async #renew(): Promise<void> {
    const { pool, clock, node, leaseMs, guard } = this.#deps;
    const askedAt = momentOf(clock);
    const { history } = guard;
    const beat = await renewNodeLease(pool, node.id, this.#epoch, leaseMs);
    if (beat === null) return await this.#take();
    guard.sawBeat({ nodeId: node.id, beat, history });
    this.#extend(askedAt);
  }

  async #take(): Promise<void> {
    const { pool, clock, node, leaseMs, guard } = this.#deps;
    const askedAt = momentOf(clock);
    const { history } = guard;
    // Above the last one even if the row was removed: an old claim must never look like a new one.
    const { epoch, beat } = await takeNodeLease(pool, node, this.#epoch + 1, leaseMs);
    guard.sawBeat({ nodeId: node.id, beat, history });
    this.#epoch = epoch;
    this.#heldSince = askedAt.monotonic;
    this.#extend(askedAt);
  }

  /** @param askedAt before the database was asked: while it answered this machine may have slept */
  #extend(askedAt: Moment): void {
    const { clock, leaseMs } = this.#deps;
    const now = momentOf(clock);
    if (isOver(this.#deadline, now)) this.#heldSince = now.monotonic;
    this.#deadline = shifted(askedAt, leaseMs * (1 - reserveShare));
  }
}
