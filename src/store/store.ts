import type { Logger } from '../base/logger.ts';
import type { Sealer } from '../base/seal.ts';
import { explainDatabaseError } from './database/explain.ts';
import { type Installation, openInstallation } from './database/installation.ts';
import { type Jobs, jobConnections, openJobs } from './database/jobs.ts';
import { migrate } from './database/migrate.ts';
import type { PatientPool } from './database/patient-pool.ts';
import { type Connection, createPool } from './database/pool.ts';
import { RestoreGuard } from './database/restore-guard.ts';

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
   * Closes all connections; what is still under way after `timeoutMs` is cut. Default 10 s. Repeating it is harmless.
   */
  close(timeoutMs?: number): Promise<void>;
}

export interface OpenStoreOptions {
  connection: Connection;
  sealer: Sealer;
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

/** Throws `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `SCHEMA_TOO_NEW`, `SECRET_KEY_MISMATCH`. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { connection, sealer, logger, signal } = options;
  const guard = new RestoreGuard(logger, options.witnessDirectory ?? null);
  const pool = createPool(connection, { max: options.poolSize ?? poolConnections, logger, guard });
  const cut = (): void => void pool.close(0);
  signal?.addEventListener('abort', cut);
  try {
    signal?.throwIfAborted();
    await migrate(pool);
    const installation = await openInstallation(pool, sealer, guard);
    let jobs: Promise<Jobs> | null = null;
    return {
      pool,
      sealer,
      installation,
      jobs: () => {
        jobs ??= openJobs(connection, logger, guard).catch((error: unknown) => {
          // The next one who wants them tries again.
          jobs = null;
          throw error;
        });
        return jobs;
      },
      async close(timeoutMs = 10_000) {
        const until = performance.now() + timeoutMs;
        const opened = await jobs?.catch(() => null);
        // A second is left for the pool.
        await opened?.stop(timeoutMs * 0.8);
        await pool.close(until - performance.now());
      },
    };
  } catch (error) {
    await pool.close(1_000);
    signal?.throwIfAborted();
    throw explainDatabaseError(error);
  } finally {
    signal?.removeEventListener('abort', cut);
  }
}
