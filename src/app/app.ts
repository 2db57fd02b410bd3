import type { Logger } from '../base/logger.ts';
import type { Engine } from '../engine/engine.ts';
import type { AccountClients } from '../engine/sending/account-clients.ts';
import type { Store } from '../store/store.ts';
import type { Simulation } from './simulation/simulated-wechat.ts';

/** What actions work on. Opened once per process, by whoever composes it. */
export interface App {
  store: Store;
  clients: AccountClients;
  logger: Logger;
  /** Addresses and networks that are not public and to which webhooks may send all the same. Default none. */
  webhookAllow?: readonly string[];
  /** The console as people reach it, for links in alerts. Default: they have none. */
  publicUrl?: string | null | undefined;
  /** Calls of programs that speak WeChat are passed on, for accounts that allow it. Default: not. */
  wxRelay?: boolean;
  /** The node that runs in this process, if one does: it sends what it takes at once. */
  engine?: Pick<Engine, 'messages'> | null;
  /** The simulated WeChat that this process may run beside itself. Default: it may run none. */
  simulation?: Simulation | null;
}
