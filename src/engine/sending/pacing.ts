import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { pauseAccount } from '../../store/accounts/account-states.ts';
import {
  blockNode,
  holdMinute,
  leaseSlots,
  type PaceState,
  pauseIfAllBlocked,
  readPace,
  storeWindow,
  unblockNode,
} from '../../store/accounts/pace.ts';
import { endPark, leaseQuota, parkApi, returnQuota, startProbe } from '../../store/accounts/quotas.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { AccountClients } from './account-clients.ts';
import { AccountPace } from './account-pace.ts';

export interface PacingDeps {
  pool: Pool;
  clients: AccountClients;
  clock: Clock;
  logger: Logger;
  nodeId: string;
  /** Most messages in flight per account. */
  window: number;
  /** Hands the chunks of an account back, of one path or (null) all. */
  drain(appid: string, path: string | null): void;
  /** A parked path of the account is open again. */
  opened(appid: string, path: string): void;
  wake(): void;
  /** Repeats a change of state until the database has it. */
  untilStored(store: () => Promise<unknown>): void;
}

/** The paces of all accounts that this node sends for. */
export class Pacing {
  readonly #deps: PacingDeps;
  readonly #accounts = new Map<string, AccountPace>();
  /** Hands the single messages of an account back, of one path or (null) all. Set by who sends them. */
  drainMessages: (appid: string, path: string | null) => void = () => {};
  /** Looks for single messages. Set by who sends them. */
  wakeMessages: () => void = () => {};

  constructor(deps: PacingDeps) {
    this.#deps = deps;
  }

  /** Reads what the database says of these accounts: rates, windows, holds, parks. One statement. */
  async refresh(appids: string[]): Promise<void> {
    if (appids.length === 0) return;
    const readAt = this.#deps.clock.monotonic();
    for (const state of await readPace(this.#deps.pool, appids, this.#deps.nodeId)) {
      let account = this.#accounts.get(state.appid);
      if (account === undefined) {
        account = this.#make(state);
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
  activity(): { appid: string; inFlight: number; window: number; latencyMs: number }[] {
    return [...this.#accounts].map(([appid, account]) => ({ appid, ...account.activity }));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#accounts.values()].map((account) => account.close()));
  }

  #make({ appid, ratePerS }: PaceState): AccountPace {
    const { pool, clients, clock, logger, nodeId, window, drain, opened, wake, untilStored } = this.#deps;
    return new AccountPace(ratePerS, {
      appid,
      clock,
      logger,
      connections: window,
      leaseSlots: (count) => leaseSlots(pool, appid, count),
      leaseQuota: (path, block, out, forMessages) => leaseQuota(pool, appid, path, block, out, forMessages),
      returnQuota: (path, count) => returnQuota(pool, appid, path, count),
      storeWindow: (seen, limit) => storeWindow(pool, appid, seen, limit),
      holdMinute: () => holdMinute(pool, appid),
      parkApi: (path, errcode) => parkApi(pool, appid, path, errcode),
      startProbe: (path) => startProbe(pool, appid, path, nodeId),
      endPark: (path) => endPark(pool, appid, path, nodeId),
      block: (reason, ms, ip) => blockNode(pool, { nodeId, appid, reason, ms, ip }),
      unblock: (reason) => unblockNode(pool, nodeId, appid, reason),
      pauseIfAllBlocked: (reason, detail) => pauseIfAllBlocked(pool, appid, reason, detail),
      pauseAccount: (reason, detail) => pauseAccount(pool, appid, reason, detail),
      forgetClient: () => clients.forget(appid),
      askWechat: async () => (await clients.get(appid)).network.callbackIps(),
      drain: (path) => {
        drain(appid, path);
        this.drainMessages(appid, path);
      },
      drainMessages: (path) => this.drainMessages(appid, path),
      opened: (path) => {
        opened(appid, path);
        this.wakeMessages();
      },
      wake: () => {
        wake();
        this.wakeMessages();
      },
      untilStored,
    });
  }
}
