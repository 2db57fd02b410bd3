import { silentLogger } from '../../base/logger.ts';
import type { SimulatorOptions } from '../options.ts';
import type { ResolvedOptions } from '../resolve-options.ts';
import { Account } from './account.ts';
import { SimulatedClock } from './clock.ts';
import { Faults } from './faults.ts';
import { RidLog } from './rid.ts';
import type { IssuedToken } from './tokens.ts';

/** All state of one simulator. */
export interface World {
  clock: SimulatedClock;
  accounts: Map<string, Account>;
  tokens: Map<string, IssuedToken<Account>>;
  rids: RidLog;
  faults: Faults;
  /** Failures of calls whose account is not known (no or unknown token, wrong path), by errcode. */
  unattributed: Map<number, number>;
}

export function createWorld(resolved: ResolvedOptions, options: SimulatorOptions): World {
  const clock = new SimulatedClock();
  const tokens = new Map<string, IssuedToken<Account>>();
  const accounts = new Map<string, Account>();
  const logger = options.logger ?? silentLogger;
  for (const account of resolved.accounts) {
    accounts.set(account.appid, new Account(account, clock, tokens, logger));
  }
  return {
    clock,
    accounts,
    tokens,
    rids: new RidLog(),
    faults: new Faults(resolved.seed, options.faults),
    unattributed: new Map(),
  };
}

/** All accounts as at the start, no faults, real time. */
export function resetWorld(world: World): void {
  world.clock.reset();
  world.faults.clear();
  world.unattributed.clear();
  for (const account of world.accounts.values()) account.reset();
}
