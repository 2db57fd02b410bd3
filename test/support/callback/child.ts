/** A serving process that is killed between the commit of an event and its answer. */
import { silentLogger } from '../../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../../src/base/seal.ts';
import { startEngine } from '../../../src/engine/engine.ts';
import { AccountClients } from '../../../src/engine/sending/account-clients.ts';
import { startServer } from '../../../src/server/server.ts';
import { openStore } from '../../../src/store/store.ts';

const [databaseUrl = '', secretKey = ''] = process.argv.slice(2);
const logger = silentLogger;
const store = await openStore({
  connection: { connectionString: databaseUrl },
  sealer: createSealer(parseSecretKey(secretKey)),
  logger,
});
const clients = new AccountClients({ store, logger });
const engine = await startEngine({ store, clients, logger, role: 'serve', version: 'test' });
const server = await startServer({
  ...{ store, clients, engine, logger, version: 'test', apiToken: 'x'.repeat(32) },
  listen: { host: '127.0.0.1', port: 0 },
  onCommitted: () => {
    process.kill(process.pid, 'SIGKILL');
    // Nothing more of this process happens, least of all an answer.
    return new Promise(() => {});
  },
});
process.stdout.write(`${server.url}\n`);
