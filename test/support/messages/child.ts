/** A process that submits single messages and is killed or stopped at a named point; run by `messageChild`. */
import { silentLogger } from '../../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../../src/base/seal.ts';
import { Deliverer } from '../../../src/engine/delivery/deliverer.ts';
import { MessageDelivery } from '../../../src/engine/messages/message-delivery.ts';
import type { MessageRequest } from '../../../src/engine/messages/prepare.ts';
import type { MessageHooks } from '../../../src/engine/messages/queue.ts';
import { AccountClients } from '../../../src/engine/sending/account-clients.ts';
import { NodeLease } from '../../../src/engine/sending/node-lease.ts';
import { Pacing } from '../../../src/engine/sending/pacing.ts';
import { openStore } from '../../../src/store/store.ts';
import { machineClock } from '../manual-clock.ts';

export interface MessageChildOptions {
  databaseUrl: string;
  secretKey: string;
  nodeId: string;
  window: number;
  leaseMs: number;
  answerTimeoutMs: number;
  /** Submitted in this order as a batch, so that all are stored before the first one leaves, however busy the machine is. */
  messages: MessageRequest[];
  /** The signal is raised when this is reached for the `times`-th time. */
  point: Parameters<MessageHooks['reached']>[0];
  times: number;
  signal: 'SIGKILL' | 'SIGSTOP';
  /** So much longer than it was it was stopped for, by its own clocks, ms. */
  asleepMs?: number;
}

const options: MessageChildOptions = JSON.parse(process.argv[2] ?? '{}');
const logger = silentLogger;
const clock = machineClock();
const { nodeId, leaseMs, window } = options;
const store = await openStore({
  connection: { connectionString: options.databaseUrl },
  sealer: createSealer(parseSecretKey(options.secretKey)),
  logger,
  poolSize: 8,
});
const clients = new AccountClients({
  store,
  logger,
  connections: window,
  answerTimeoutMs: options.answerTimeoutMs,
  clock,
});
const lease = new NodeLease({
  pool: store.pool,
  clock,
  logger,
  node: { id: nodeId, role: 'serve', version: 'test' },
  leaseMs,
  guard: store.installation.guard,
});
await lease.start();
const pacing = new Pacing({ pool: store.pool, clients, clock, logger, nodeId, window });
const deliverer = new Deliverer({ store, clients, logger, nodeId, pacing, window, clock, leaseMs });
await deliverer.start();
let left = options.times;
const messages = new MessageDelivery({
  store,
  clients,
  logger,
  nodeId,
  lease,
  pacing,
  clock,
  leaseMs,
  hooks: {
    reached(point) {
      if (point !== options.point || left === 0) return;
      left--;
      if (left > 0) return;
      process.kill(process.pid, options.signal);
      clock.sleepFor(options.asleepMs ?? 0);
    },
  },
});
await messages.start();
// Those that are cut off by the signal have no answer, which is what the test is about.
messages.submitBatch(options.messages, { all: false }).catch(() => {});
