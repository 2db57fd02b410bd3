import type { Pool } from './pool.ts';

export interface DatabaseFacts {
  version: string;
  encoding: string;
  megabytes: number;
  /** Number of the newest migration. */
  migration: number;
  fsync: string;
  synchronousCommit: string;
  /** The database's clock, Unix ms. */
  clockMs: number;
}

/** What `hongyan doctor` shows of the database. */
export async function databaseFacts(pool: Pool): Promise<DatabaseFacts> {
  const result = await pool.query<DatabaseFacts>(
    `select current_setting('server_version') as version, current_setting('server_encoding') as encoding,
       (pg_database_size(current_database()) / 1000000)::integer as megabytes,
       (select max(number) from schema_migrations) as migration,
       current_setting('fsync') as fsync, current_setting('synchronous_commit') as "synchronousCommit",
       (extract(epoch from clock_timestamp()) * 1000)::double precision as "clockMs"`,
  );
  return result.rows[0]!; // a select without from gives one row
}

/** Whether the database answers within 2 s. */
export async function isDatabaseAlive(pool: Pool): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), 2_000);
  });
  const answered = pool.query('select 1').then(
    () => true,
    () => false,
  );
  const isAlive = await Promise.race([answered, late]);
  clearTimeout(timer);
  return isAlive;
}
