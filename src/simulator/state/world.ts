import { silentLogger } from '../../base/logger.ts';
import { blacklistRoutes } from '../api/blacklist.ts';
import { credentialRoutes } from '../api/credentials.ts';
import { diagnosticRoutes } from '../api/diagnostics.ts';
import { followerRoutes } from '../api/followers.ts';
import { mediaRoutes } from '../api/media.ts';
import { oaTemplateRoutes } from '../api/oa-templates.ts';
import type { Route } from '../api/route.ts';
import { kfRoutes } from '../api/send-kf.ts';
import { massRoutes } from '../api/send-mass.ts';
import { templateMessageRoutes } from '../api/send-template-messages.ts';
import { subscribeTemplateRoutes } from '../api/subscribe-templates.ts';
import { tagRoutes } from '../api/tags.ts';
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
  routes: ReadonlyMap<string, Route>;
  rids: RidLog;
  faults: Faults;
  /** Failures of calls whose account is not known (no or unknown token, wrong path), by errcode. */
  unattributed: Map<number, number>;
}

const routes: readonly Route[] = [
  ...credentialRoutes,
  ...diagnosticRoutes,
  ...followerRoutes,
  ...tagRoutes,
  ...blacklistRoutes,
  ...oaTemplateRoutes,
  ...subscribeTemplateRoutes,
  ...mediaRoutes,
  ...templateMessageRoutes,
  ...kfRoutes,
  ...massRoutes,
];

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
    routes: new Map(routes.map((route) => [route.path, route])),
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
