import type { Simulation } from '../app/simulation/simulated-wechat.ts';
import type { Logger } from '../base/logger.ts';
import type { Engine } from '../engine/engine.ts';
import type { AccountClients } from '../engine/sending/account-clients.ts';
import type { Store } from '../store/store.ts';
import type { MetricsJson } from './metrics/process-metrics.ts';

/** What routes work with; each group takes what it needs. */
export interface ServerDeps {
  store: Store;
  clients: AccountClients;
  /** The node of this process. */
  engine: Engine;
  logger: Logger;
  /** What this process, and those that it started as parts of itself, have counted. Default: nobody counts. */
  processMeasures?: () => Promise<MetricsJson[]>;
  version: string;
  /** Addresses and networks that are not public and to which webhooks may send all the same. Default none. */
  webhookAllow?: readonly string[];
  /** The console as people reach it, for links in alerts. Default: they have none. */
  publicUrl?: string | null | undefined;
  /** The simulated WeChat that this process may run beside itself. Default: it may run none. */
  simulation?: Simulation | null;
  /** Largest file of people that is taken. Default 1 GiB. */
  uploadMaxBytes?: number;
  /** Calls of programs that speak WeChat are passed on, for accounts that allow it. Default: not. */
  wxRelay?: boolean;
}
