import type { Pool } from '../database/pool.ts';
import { waitsForAll } from '../restore/failover.ts';
import type { Replication } from '../restore/look.ts';

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

export interface SchemaNumbers {
  /** Number of the newest migration. */
  newest: number;
  /** Of the newest one that processes without it must not work with; 0 when there is none. */
  newestBreaking: number;
}

/** Which schema the database has now. Rejects when it does not answer within `answerMs`, and drops that connection. */
export async function schemaNumbers(pool: Pool, answerMs: number): Promise<SchemaNumbers> {
  const query = {
    text: `select coalesce(max(number), 0) as newest,
        coalesce(max(number) filter (where breaking), 0) as "newestBreaking" from schema_migrations`,
    query_timeout: answerMs, // of pg, though its types do not know it
  };
  const result = await pool.query<SchemaNumbers>(query);
  return result.rows[0]!; // an aggregate without group by gives one row
}

/** Standbys of the database, and whether each commit waits for all of them. */
export async function standbyFacts(pool: Pool): Promise<{ standbys: number | null; isSynchronous: boolean }> {
  const result = await pool.query<Replication>(
    `select standby_names as "standbyNames", is_durable as "isDurable", standbys, async_standbys as "asyncStandbys", replayed
     from replication_state()`,
  );
  const found = result.rows[0]!; // a function with out parameters gives one row
  return { standbys: found.standbys, isSynchronous: waitsForAll(found) };
}
