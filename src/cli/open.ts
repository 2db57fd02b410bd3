import type { Logger } from '../base/logger.ts';
import { createSealer, parseSecretKey, type Sealer } from '../base/seal.ts';
import { AccountClients } from '../engine/account-clients.ts';
import { keepRunning } from '../store/embedded/keep-running.ts';
import { openEmbeddedPostgres } from '../store/embedded/open.ts';
import type { Connection } from '../store/pool.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Config } from './config.ts';
import type { CliContext } from './context.ts';
import { openKeyFile } from './key-file.ts';

/** Everything a command works on. Close it, or the embedded database stays up for nobody. */
export interface Session {
  store: Store;
  clients: AccountClients;
  close(): Promise<void>;
}

async function openSession(
  config: Config,
  logger: Logger,
  options: { connections?: number; poolSize?: number } = {},
): Promise<Session> {
  const sealer = await openSealer(config);
  const database = await openDatabase(config, logger);
  try {
    const store = await openStore({
      connection: database.connection,
      sealer,
      logger,
      witnessDirectory: config.stateDir,
      ...(options.poolSize === undefined ? {} : { poolSize: options.poolSize }),
    });
    const clients = new AccountClients({
      store,
      logger,
      httpsProxy: config.proxy,
      noProxy: config.noProxy,
      ...(options.connections === undefined ? {} : { connections: options.connections }),
    });
    return {
      store,
      clients,
      async close() {
        await clients.close();
        await store.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

export async function withSession<T>(
  { config, logger }: Pick<CliContext, 'config' | 'logger'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(config, logger);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function openDatabase(
  config: Config,
  logger: Logger,
): Promise<{ connection: Connection; close(): Promise<void> }> {
  if (config.databaseUrl !== undefined) {
    return { connection: { connectionString: config.databaseUrl }, close: async () => {} };
  }
  const embedded = await openEmbeddedPostgres({ dataDir: config.dataDir, logger });
  const stopLooking = keepRunning(embedded, logger);
  return {
    connection: embedded.connection,
    async close() {
      await stopLooking();
      await embedded.close();
    },
  };
}

/** The key from the configuration, or from `<dataDir>/secret.key`, which is made at first start. */
async function openSealer(config: Config): Promise<Sealer> {
  return createSealer(parseSecretKey(config.secretKey ?? (await openKeyFile(config.dataDir, 'secret.key'))));
}
