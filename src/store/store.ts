import type { Logger } from '../base/logger.ts';
import type { Sealer } from '../base/seal.ts';
import { type Installation, openInstallation } from './installation.ts';
import { type Jobs, openJobs } from './jobs.ts';
import { migrate } from './migrate.ts';
import { type Connection, createPool, explainDatabaseError, type Pool } from './pool.ts';
import { RestoreGuard } from './restore-guard.ts';

/** An open database: migrated, with its secret key checked. Whoever opens it closes it. */
export interface Store {
  pool: Pool;
  sealer: Sealer;
  installation: Installation;
  /** Background jobs, started at first use: commands that only read never touch pg-boss. */
  jobs(): Promise<Jobs>;
  close(): Promise<void>;
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
}

/** Throws `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `SCHEMA_TOO_NEW`, `SECRET_KEY_MISMATCH`. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { connection, sealer, logger } = options;
  const guard = new RestoreGuard(logger, options.witnessDirectory ?? null);
  const pool = createPool(connection, { max: options.poolSize ?? 16, logger, guard });
  try {
    await migrate(pool);
    const installation = await openInstallation(pool, sealer, guard);
    let jobs: Promise<Jobs> | null = null;
    return {
      pool,
      sealer,
      installation,
      jobs: () => {
        jobs ??= openJobs(connection, logger, guard);
        return jobs;
      },
      async close() {
        if (jobs !== null) await jobs.then((opened) => opened.stop(10_000)).catch(() => {});
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end();
    throw explainDatabaseError(error);
  }
}
