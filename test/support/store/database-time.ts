/** The database's clock, as a test sets it: in sessions made with `connection` PostgreSQL's own functions of time are shadowed. */
import type { Connection, Pool } from '../../../src/store/database/pool.ts';
import type { TestDatabase } from '../postgres.ts';

export interface DatabaseTime {
  /** For pools whose sessions shall see the clock that is set; others see the real one. */
  readonly connection: Connection;
  /** The same for a child process. */
  readonly url: string;
  /** Sets the clock forward or (negative) back, for all of these sessions at once. */
  step(ms: number): Promise<void>;
}

/** @param pool of the database, whose sessions see the real clock */
export async function databaseTime(database: TestDatabase, pool: Pool): Promise<DatabaseTime> {
  // Beside pg_catalog, which is searched first unless it is named: then these are found before it.
  await pool.query(`
    create schema test_time;
    create table test_time.step (ms double precision not null);
    insert into test_time.step values (0);
    create function test_time.by() returns interval language sql volatile as
      $$ select make_interval(secs => sum(ms) / 1000) from test_time.step $$;
    create function test_time.clock_timestamp() returns timestamptz language sql volatile as
      $$ select pg_catalog.clock_timestamp() + test_time.by() $$;
    create function test_time.now() returns timestamptz language sql stable as $$ select pg_catalog.now() + test_time.by() $$;
    create function test_time.statement_timestamp() returns timestamptz language sql stable as
      $$ select pg_catalog.statement_timestamp() + test_time.by() $$`);
  const options = '-c search_path=hongyan,test_time,pg_catalog -c idle_in_transaction_session_timeout=10000';
  const url = new URL(database.url);
  url.searchParams.set('options', options);
  return {
    connection: { ...database.connection, options },
    url: url.href,
    async step(ms) {
      await pool.query('insert into test_time.step values ($1)', [ms]);
    },
  };
}
