import { Background } from '../../base/background.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { untilDone } from '../../base/retry.ts';
import { readPace } from '../../store/accounts/pace.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { AccountClients } from './account-clients.ts';
import { AccountPace } from './account-pace.ts';
import { type Measures, noMeasures } from './measures.ts';
import { type PaceUser, PaceUsers } from './pace-users.ts';

export interface PacingDeps {
  pool: Pool;
  clients: AccountClients;
  clock: Clock;
  logger: Logger;
  nodeId: string;
  /** Most messages in flight per account. */
  window: number;
  /** Default: nothing is counted. */
  measures?: Measures | undefined;
}

/** What one node does for an account at this moment. */
export interface AccountActivity {
  appid: string;
  inFlight: number;
  window: number;
  /** Smoothed time of an answer, ms; 0 before the first. */
  latencyMs: number;
}

/** The paces of all accounts that this node sends for. Its campaigns and its single messages share them. */
export class Pacing {
  readonly #deps: PacingDeps;
  readonly #accounts = new Map<string, AccountPace>();
  readonly #users = new PaceUsers();
  readonly #background: Background;
  #closing = false;

  constructor(deps: PacingDeps) {
    this.#deps = deps;
    this.#background = new Background((error) =>
      deps.logger.warn({ err: error }, 'storing a change of an account failed'),
    );
    // What was claimed is claimed again, with the client that it has then.
    deps.clients.onReplace((appid) => this.#users.handBack(appid, null));
  }

  /** Whoever sends; is told to hand back what may not be sent, and to look again. */
  join(user: PaceUser): void {
    this.#users.join(user);
  }

  /** Reads what the database says of these accounts: rates, windows, holds, parks. One statement. */
  async refresh(appids: string[]): Promise<void> {
    if (appids.length === 0) return;
    await this.#deps.clients.refresh();
    const readAt = this.#deps.clock.monotonic();
    for (const state of await readPace(this.#deps.pool, appids, this.#deps.nodeId)) {
      let account = this.#accounts.get(state.appid);
      if (account === undefined) {
        account = new AccountPace(state.appid, state.ratePerS, {
          ...this.#deps,
          measures: this.#deps.measures ?? noMeasures,
          users: this.#users,
          untilStored: (store) => this.#untilStored(store),
        });
        this.#accounts.set(state.appid, account);
      }
      account.apply(state, readAt);
    }
  }

  /** Null before the first `refresh` that knew the account. */
  account(appid: string): AccountPace | null {
    return this.#accounts.get(appid) ?? null;
  }

  /** What this node does for each account at this moment. */
  activity(): AccountActivity[] {
    return [...this.#accounts].map(([appid, account]) => ({ appid, ...account.activity }));
  }

  /** Once nobody sends any more: stores what is to be stored, and gives back what was leased of today's quotas. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#background.settled();
    await Promise.allSettled([...this.#accounts.values()].map((account) => account.close()));
  }

  /** Repeats a change of state until the database has it: forgetting one would send on. */
  #untilStored(store: () => Promise<unknown>): void {
    const { clock, logger } = this.#deps;
    this.#background.add(
      untilDone(store, {
        clock,
        goesOn: () => !this.#closing,
        onFailure: (error) => logger.warn({ err: error }, 'a change of state could not be stored yet'),
      }),
    );
  }
}
