import { Account } from './account.ts';
import { SimulatedClock } from './clock.ts';
import { credentialRoutes } from './endpoints/credentials.ts';
import { followerRoutes } from './endpoints/followers.ts';
import { Faults } from './faults.ts';
import type { SimulatorOptions } from './options.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { RidLog } from './rid.ts';
import type { Route } from './route.ts';
import { templateMessageRoutes } from './send/template-messages.ts';
import type { IssuedToken } from './tokens.ts';

/** All state of one simulator. */
export interface World {
  clock: SimulatedClock;
  accounts: Map<string, Account>;
  tokens: Map<string, IssuedToken<Account>>;
  routes: ReadonlyMap<string, Route>;
  rids: RidLog;
  faults: Faults;
  /** Failures of calls whose account is not known (no or unknown token, wrong path), by errcode. */
  unattributed: Map<number, number>;
}

const ROUTES: readonly Route[] = [...credentialRoutes, ...followerRoutes, ...templateMessageRoutes];

export function createWorld(resolved: ResolvedOptions, options: SimulatorOptions): World {
  const clock = new SimulatedClock();
  const tokens = new Map<string, IssuedToken<Account>>();
  const accounts = new Map<string, Account>();
  for (const account of resolved.accounts) accounts.set(account.appid, new Account(account, clock, tokens));
  return {
    clock,
    accounts,
    tokens,
    routes: new Map(ROUTES.map((route) => [route.path, route])),
    rids: new RidLog(),
    faults: new Faults(resolved.seed, options.faults),
    unattributed: new Map(),
  };
}
