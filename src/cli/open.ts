import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { App } from '../app/app.ts';
import { failure, HongyanError } from '../base/errors.ts';
import { createSealer, parseSecretKey, type Sealer } from '../base/seal.ts';
import { Undo } from '../base/undo.ts';
import { notLongAfter, within } from '../base/within.ts';
import { AccountClients } from '../engine/sending/account-clients.ts';
import { explainDatabaseError } from '../store/database/explain.ts';
import { type Connection, createPool, type Pool } from '../store/database/pool.ts';
import { keepRunning } from '../store/embedded/keep-running.ts';
import { openEmbeddedPostgres } from '../store/embedded/open.ts';
import { keyIdOf } from '../store/installation/installation.ts';
import { nodeConnections, openStore } from '../store/store.ts';
import { type Config, publicAddress, webhookAllowList } from './config.ts';
import type { CliContext } from './context.ts';
import { findKeyFile, openKeyFile } from './input/key-file.ts';
import { type NextKey, nextKeys, settleKeys } from './input/next-key.ts';
import { isAway } from './output/outage.ts';

/** Calls to WeChat, and statements, that are still under way at the end of a command are waited for so long, ms. */
const clientsCloseMs = 11_000;
const storeCloseMs = 10_000;

/** Of the time that an interrupted process has; the rest is for closing. */
const workShare = 0.8;
/** Work that needs no time of its own to end is waited for so long, ms. */
const graceMs = 1_000;

type SessionContext = Pick<CliContext, 'config' | 'logger' | 'signal' | 'msLeft'>;

/** Everything a command works on. Close it, or the embedded database stays up for nobody. */
export interface Session extends App {
  /** Where the embedded database lies; null: another one is used. */
  databaseDirectory: string | null;
  /** Why the database is away, if that is what the error says and our own server cannot be started: its disk is full, say. */
  whyAway(error: unknown): Promise<HongyanError | null>;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Processes that deliver and that use this database, this one and those that it starts. Default 1. */
  processes?: number;
  /** A database of its own in this directory, with a key of its own, that nobody opens again. Default: the configured one. */
  inDirectory?: string;
  /** Once interrupted the work comes to an end by itself, and needs most of the time for it. Default false: a second. */
  endsItself?: boolean;
}

/** Opens the configured database, or one of its own; when that fails, nothing stays open. */
export async function openSession(context: SessionContext, options: SessionOptions): Promise<Session> {
  const { config, logger, msLeft, signal } = context;
  const isOwn = options.inDirectory !== undefined;
  const begun = new Undo();
  try {
    const keys = isOwn ? { sealer: createSealer(randomBytes(32)), next: [] } : await findKeys(config);
    const database = await openDatabase(context, options);
    begun.add(() => database.close());
    const { sealer, next } = keys ?? (await firstKey(context, database.connection));
    const store = await openStore({
      connection: database.connection,
      sealer,
      otherSealers: next.map((one) => one.sealer),
      logger,
      witnessDirectory: isOwn ? null : config.stateDir,
      signal,
    });
    begun.add(() => store.close(storeCloseMs));
    // A rekey was killed between its commit and the file.
    if (next.length > 0) await settleKeys(config.dataDir, next, sealer.keyId, store.sealer.keyId);
    const clients = new AccountClients({ store, logger, httpsProxy: config.proxy, noProxy: config.noProxy });
    return {
      store,
      clients,
      logger,
      webhookAllow: webhookAllowList(config),
      publicUrl: publicAddress(config),
      databaseDirectory: database.directory,
      whyAway: async (error) => (isAway(error) ? await database.trouble() : null),
      async close() {
        // Of an interrupted process, a call that has not ended is not worth the time that is left.
        await within(Math.min(clientsCloseMs, msLeft() * 0.05), clients.close());
        await store.close(Math.min(storeCloseMs, msLeft() * 0.3));
        await database.close();
      },
    };
  } catch (error) {
    await begun.all();
    throw error;
  }
}

/**
 * Opens a session for `work` and closes it. Work that is not over some time after the process was interrupted (a
 * database or a WeChat that does not answer) is left alone, and the reason thrown.
 */
export async function withSession<T>(
  context: SessionContext,
  work: (session: Session) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  const session = await openSession(context, options);
  const { signal, msLeft } = context;
  const ms = (): number => (options.endsItself ? msLeft() * workShare : graceMs);
  try {
    return await notLongAfter(signal, ms, work(session));
  } catch (error) {
    throw (await session.whyAway(error)) ?? error;
  } finally {
    await session.close();
  }
}

/** For work that comes to an end by itself once it is interrupted, such as delivering, and needs most of the time for it. */
export async function withLastingSession<T>(
  context: SessionContext,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return withSession(context, work, { endsItself: true });
}

/** Opens the configured database as it is, or makes the embedded one: nothing is migrated, and no key is asked for. */
export async function withDatabase<T>(context: SessionContext, work: (pool: Pool) => Promise<T>): Promise<T> {
  const database = await openDatabase(context, {});
  const pool = createPool(database.connection, { max: 2, logger: context.logger });
  try {
    return await work(pool);
  } catch (error) {
    throw explainDatabaseError(error);
  } finally {
    await pool.close(storeCloseMs);
    await database.close();
  }
}

async function openDatabase(
  { config, logger, signal, msLeft }: SessionContext,
  options: SessionOptions,
): Promise<{
  connection: Connection;
  directory: string | null;
  trouble(): Promise<HongyanError | null>;
  close(): Promise<void>;
}> {
  const { inDirectory } = options;
  if (config.databaseUrl !== undefined && inDirectory === undefined) {
    return {
      connection: { connectionString: config.databaseUrl },
      directory: null,
      trouble: async () => null,
      close: async () => {},
    };
  }
  const embedded = await openEmbeddedPostgres({
    ...(inDirectory === undefined
      ? { dataDir: config.dataDir }
      : { dataDir: join(inDirectory, 'data'), systemDir: join(inDirectory, 'system') }),
    logger,
    signal,
    connections: (options.processes ?? 1) * nodeConnections,
  });
  const stopLooking = keepRunning(embedded, logger);
  return {
    connection: embedded.connection,
    directory: embedded.clusterDirectory,
    async trouble() {
      try {
        // One that still runs may be about to end, having found no room.
        await embedded.requireRoom();
        await embedded.revive();
        return null;
      } catch (error) {
        return error instanceof HongyanError ? error : null;
      }
    },
    async close() {
      await within(msLeft() * 0.5, stopLooking());
      // One that takes longer to stop, writing what it has in memory, stops by itself.
      await within(msLeft() * 0.8, embedded.close());
    },
  };
}

interface Keys {
  sealer: Sealer;
  /** Those of rekeys that were killed, or that run now. */
  next: NextKey[];
}

/** The key from the configuration, or from `<dataDir>/secret.key`; null: there is none yet. */
async function findKeys(config: Config): Promise<Keys | null> {
  if (config.secretKey !== undefined) return { sealer: sealerOf(config, config.secretKey), next: [] };
  const text = await findKeyFile(config.dataDir, 'secret.key');
  return text === null ? null : { sealer: sealerOf(config, text), next: await nextKeys(config.dataDir) };
}

/**
 * Makes `secret.key`, unless the database has a key: another one would open nothing, and would lie where the right one is to
 * be put.
 */
async function firstKey({ config, logger }: SessionContext, connection: Connection): Promise<Keys> {
  const next = await nextKeys(config.dataDir);
  const pool = createPool(connection, { max: 1, logger });
  try {
    const expected = await keyIdOf(pool);
    const { secretKeyPrevious: previous } = config;
    const known = [
      ...next.map(({ sealer }) => sealer),
      ...(previous === undefined ? [] : [createSealer(parseSecretKey(previous))]),
    ];
    if (expected !== null && !known.some(({ keyId }) => keyId === expected))
      throw failure('SECRET_KEY_MISMATCH/none', { expected, path: join(config.dataDir, 'secret.key') });
  } catch (error) {
    throw explainDatabaseError(error);
  } finally {
    await pool.close(storeCloseMs);
  }
  return { sealer: sealerOf(config, await openKeyFile(config.dataDir, 'secret.key')), next };
}

function sealerOf({ secretKeyPrevious: previous }: Config, key: string): Sealer {
  return createSealer(parseSecretKey(key), previous === undefined ? [] : [parseSecretKey(previous)]);
}
