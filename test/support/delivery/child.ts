/** A delivering process that is killed or stopped at a named point; run by `Scene.child`. */
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../../src/base/seal.ts';
import { Deliverer } from '../../../src/engine/delivery/deliverer.ts';
import { AccountClients } from '../../../src/engine/sending/account-clients.ts';
import { Pacing } from '../../../src/engine/sending/pacing.ts';
import { openStore } from '../../../src/store/store.ts';

/** `signal` is raised when `point` is reached for the `times`-th time after `no` and `attempt` were reached there. */
export interface ChildOptions {
  databaseUrl: string;
  secretKey: string;
  nodeId: string;
  window: number;
  leaseMs: number;
  answerTimeoutMs: number;
  /** First this … */
  after: { point: 'dispatch' | 'answer'; no: number; attempt: number };
  /** … then this point, so many times later; without it at once. */
  next?: { point: 'flush' | 'flushed'; times: number };
  signal: 'SIGKILL' | 'SIGSTOP';
}

const options: ChildOptions = JSON.parse(process.argv[2] ?? '{}');
const store = await openStore({
  connection: { connectionString: options.databaseUrl },
  sealer: createSealer(parseSecretKey(options.secretKey)),
  logger: silentLogger,
  poolSize: 8,
});
const clients = new AccountClients({
  store,
  logger: silentLogger,
  connections: options.window,
  answerTimeoutMs: options.answerTimeoutMs,
});
let seen = false;
let left = options.next?.times ?? 0;
const { nodeId, window } = options;
const logger = silentLogger;
const deliverer = new Deliverer({
  ...{ store, clients, logger, nodeId },
  pacing: new Pacing({ pool: store.pool, clients, clock: systemClock, logger, nodeId, window }),
  window,
  leaseMs: options.leaseMs,
  hooks: {
    reached(point, _run, item) {
      const { after, next, signal } = options;
      if (!seen) {
        if (point !== after.point || item?.no !== after.no || item.attempt !== after.attempt) return;
        seen = true;
        if (next === undefined) process.kill(process.pid, signal);
        return;
      }
      if (next === undefined || point !== next.point || left === 0) return;
      left--;
      if (left === 0) process.kill(process.pid, signal);
    },
  },
});
await deliverer.start();
