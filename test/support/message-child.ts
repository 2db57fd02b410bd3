/** A process that submits single messages and is killed or stopped at a named point; run by `messageChild`. */
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import { Deliverer } from '../../src/engine/delivery/deliverer.ts';
import { MessageDelivery } from '../../src/engine/messages/message-delivery.ts';
import type { MessageRequest } from '../../src/engine/messages/prepare.ts';
import type { MessageHooks } from '../../src/engine/messages/queue.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { NodeLease } from '../../src/engine/sending/node-lease.ts';
import { Pacing } from '../../src/engine/sending/pacing.ts';
import { openStore } from '../../src/store/store.ts';

export interface MessageChildOptions {
  databaseUrl: string;
  secretKey: string;
  nodeId: string;
  window: number;
  leaseMs: number;
  answerTimeoutMs: number;
  /** Submitted in this order, without waiting for each other. */
  messages: MessageRequest[];
  /** The signal is raised when this is reached for the `times`-th time. */
  point: Parameters<MessageHooks['reached']>[0];
  times: number;
  signal: 'SIGKILL' | 'SIGSTOP';
}

const options: MessageChildOptions = JSON.parse(process.argv[2] ?? '{}');
const logger = silentLogger;
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
});
const lease = new NodeLease({
  pool: store.pool,
  clock: systemClock,
  logger,
  node: { id: nodeId, role: 'serve', version: 'test' },
  leaseMs,
  guard: store.installation.guard,
});
await lease.start();
const pacing = new Pacing({ pool: store.pool, clients, clock: systemClock, logger, nodeId, window });
const deliverer = new Deliverer({ store, clients, logger, nodeId, pacing, window, leaseMs });
await deliverer.start();
let left = options.times;
const messages = new MessageDelivery({
  store,
  clients,
  logger,
  nodeId,
  lease,
  pacing,
  leaseMs,
  hooks: {
    reached(point) {
      if (point !== options.point || left === 0) return;
      left--;
      if (left === 0) process.kill(process.pid, options.signal);
    },
  },
});
await messages.start();
// Those that are cut off by the signal have no answer, which is what the test is about.
for (const message of options.messages) messages.submit(message).catch(() => {});
