import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, HongyanError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { createSealer, parseSecretKey, type Sealer } from '../base/seal.ts';
import { AccountClients } from '../engine/account-clients.ts';
import { claimDataDirectory } from '../store/embedded/data-directory.ts';
import { keepRunning } from '../store/embedded/keep-running.ts';
import { openEmbeddedPostgres } from '../store/embedded/open.ts';
import type { Connection } from '../store/pool.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Config } from './config.ts';

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
  config: Config,
  logger: Logger,
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
  if (config.secretKey !== undefined) return createSealer(parseSecretKey(config.secretKey));
  // Before anything is written there: a directory of somebody else's must stay as it is.
  await claimDataDirectory(config.dataDir);
  const path = join(config.dataDir, 'secret.key');
  return createSealer(
    parseSecretKey(
      await readKeyFile(path).catch((error: unknown) => makeKeyFile(config.dataDir, path, error)),
    ),
  );
}

async function readKeyFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8');
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new HongyanError(
      'SECRET_KEY_EXPOSED',
      `others can read ${path} (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`,
    );
  }
  return text;
}

async function makeKeyFile(dataDir: string, path: string, reason: unknown): Promise<string> {
  if (reason instanceof HongyanError) throw reason;
  if (errorCode(reason) !== 'ENOENT') {
    throw new HongyanError(
      'DATA_DIR_UNUSABLE',
      `cannot read ${path} (${errorCode(reason)}); use a data directory of this user`,
      { cause: reason },
    );
  }
  const text = `${randomBytes(32).toString('base64')}\n`;
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    // flush: what is sealed with the key is on disk at once, and so must be the key.
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    await chmod(draft, 0o600);
    // link() fails if somebody was faster, so two first starts end up with one key.
    await link(draft, path);
    return text;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return await readKeyFile(path);
    const code = errorCode(error);
    throw new HongyanError(
      'DATA_DIR_UNUSABLE',
      code === 'ENOSPC'
        ? `the disk is full: ${path} cannot be written; free some space and run the command again`
        : `cannot write to the data directory ${dataDir} (${code}); choose another one with --data-dir or HONGYAN_DATA_DIR`,
      { cause: error },
    );
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}
