import type { Logger } from '../base/logger.ts';
import type { Sealer } from '../base/seal.ts';
import { explainDatabaseError } from './database/explain.ts';
import { type Jobs, jobConnections, openJobs } from './database/jobs.ts';
import { migrate } from './database/migrate.ts';
import type { PatientPool } from './database/patient-pool.ts';
import { type Connection, createPool } from './database/pool.ts';
import { requireSessions } from './database/session.ts';
import { type Installation, nameKey, openInstallation, requireKey } from './installation/installation.ts';
import { reseal } from './installation/rekey.ts';
import { resealRunning } from './installation/rekey-running.ts';
import { RestoreGuard } from './restore/restore-guard.ts';

/** Connections of the pool; see `nodeConnections`. */
const poolConnections = 16;
/** A process that delivers uses at most so many: the pool, two of which listen, and the background jobs. */
export const nodeConnections = poolConnections + jobConnections;

/** An open database: migrated, with its secret key checked. Whoever opens it closes it. */
export interface Store {
  pool: PatientPool;
  sealer: Sealer;
  installation: Installation;
  /** Background jobs, started at first use: commands that only read never touch pg-boss. */
  jobs(): Promise<Jobs>;
  /**
   * Replaces the key: everything that is sealed is sealed with another one, and the store goes on with that. See `reseal`.
   */
  rekey(to: Sealer): Promise<number>;
  /**
   * Seals what is still sealed with another of its keys with the one that it seals with, while nodes run, and gives how many
   * values. See `resealRunning`.
   */
  finishRekey(signal?: AbortSignal): Promise<number>;
  /**
   * Closes all connections; what is still under way after `timeoutMs` is cut. Default 10 s. Repeating it is harmless.
   */
  close(timeoutMs?: number): Promise<void>;
}

export interface OpenStoreOptions {
  connection: Connection;
  sealer: Sealer;
  /** Keys of which one may hold instead, after a rekey that was killed; which one does is `sealer` of the store. */
  otherSealers?: readonly Sealer[];
  logger: Logger;
  /** Connections of the pool; the engine takes one for notifications and one per flushing chunk. */
  poolSize?: number;
  /**
   * A directory outside the database's own data, in which a small file says how far the database was, so that a data
   * directory that is put back as it was is noticed. Default: none, and it is not.
   */
  witnessDirectory?: string | null;
  /** Ends an opening that is under way; its reason is thrown. */
  signal?: AbortSignal;
}

/** Throws `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `SCHEMA_TOO_NEW`, `SCHEMA_FOREIGN`, `SECRET_KEY_MISMATCH`. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { connection, sealer, logger, signal } = options;
  const guard = new RestoreGuard(logger, options.witnessDirectory ?? null);
  let { keyIds } = sealer;
  let isOpen = false;
  const pool = createPool(connection, {
    max: options.poolSize ?? poolConnections,
    logger,
    guard: {
      async look(client) {
        await guard.look(client);
        await nameKey(client, keyIds);
        if (isOpen) await requireKey(client, keyIds);
      },
    },
  });
  const cut = (): void => void pool.close(0);
  signal?.addEventListener('abort', cut);
  try {
    signal?.throwIfAborted();
    await requireSessions(pool);
    await migrate(pool);
    const installation = await openInstallation(pool, sealer, guard, options.otherSealers);
    if (installation.sealer !== sealer) {
      // The sessions so far have named the other one.
      await pool.close(1_000);
      return await openStore({ ...options, sealer: installation.sealer, otherSealers: [] });
    }
    isOpen = true;
    let jobs: Promise<Jobs> | null = null;
    const store: Store = {
      pool,
      sealer: installation.sealer,
      installation,
      jobs: () => {
        jobs ??= openJobs(connection, logger, guard).catch((error: unknown) => {
          // The next one who wants them tries again.
          jobs = null;
          throw error;
        });
        return jobs;
      },
      async rekey(to) {
        const count = await reseal(pool, store.sealer, to);
        keyIds = to.keyIds;
        store.sealer = to;
        const idle = await Promise.all(Array.from({ length: pool.idleCount }, () => pool.connect()));
        for (const client of idle) client.release(true); // they have named the one before
        return count;
      },
      finishRekey: (endsWith) => resealRunning(pool, store.sealer, endsWith),
      async close(timeoutMs = 10_000) {
        const until = performance.now() + timeoutMs;
        const opened = await jobs?.catch(() => null);
        // A second is left for the pool.
        await opened?.stop(timeoutMs * 0.8);
        await pool.close(until - performance.now());
      },
    };
    return store;
  } catch (error) {
    await pool.close(1_000);
    signal?.throwIfAborted();
    throw explainDatabaseError(error);
  } finally {
    signal?.removeEventListener('abort', cut);
  }
}
