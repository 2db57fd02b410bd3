import pg from 'pg';
import { errorCode } from '../../base/errors.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { requireEncryption } from './encryption.ts';
import { uncheckedSession } from './explain.ts';
import { Hosts, hostsOf } from './hosts.ts';
import { PatientPool } from './patient-pool.ts';
import { setUpSession } from './session.ts';

export type Connection = pg.PoolConfig;
export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;
/** Something that runs one statement: the pool, or one client inside a transaction. */
export type Queryable = pg.Pool | pg.PoolClient;

/** The oid of bigint[], which pg's list of names lacks. */
const bigintArray: number = 1016;
const textsOf: (value: string) => (string | null)[] = pg.types.getTypeParser(bigintArray, 'text');
const numbersOf = (value: string): (number | null)[] =>
  textsOf(value).map((one) => (one === null ? null : Number(one)));

/**
 * bigint (ids, counts: below 2^53 for ever) arrives as number, in arrays too. A WeChat msgid may be larger, so every
 * statement selects it as `msgid::text`; a test holds that.
 */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === pg.types.builtins.INT8) return Number;
    if (oid === bigintArray) return numbersOf;
    return pg.types.getTypeParser(oid, format as 'text'); // the overloads differ only in this literal
  },
};

/** Looks at each new connection before it is handed out; one that it rejects is dropped. */
export interface ConnectionGuard {
  look(client: pg.ClientBase): Promise<void>;
}

export function createPool(
  connection: Connection,
  options: {
    max?: number;
    logger?: Logger;
    guard?: ConnectionGuard;
    silentMs?: number;
    answerMs?: number;
    stuckMs?: number;
  } = {},
): PatientPool {
  requireEncryption(connection);
  const { guard } = options;
  const logger = options.logger ?? silentLogger;
  const pool = new PatientPool({
    logger,
    hosts: new Hosts(hostsOf(connection)),
    silence: { silentMs: options.silentMs, answerMs: options.answerMs, stuckMs: options.stuckMs },
    application_name: 'hongyan',
    ...connection,
    max: options.max ?? 10,
    // A statement that cannot get a connection in this time fails instead of piling up.
    connectionTimeoutMillis: 10_000,
    // One on which nothing is asked, such as one that listens, hears within 20 s that its line is dead: Node sets the
    // system's pause between two probes to a second, and their number to ten.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types,
    async setUp(client, isOneOf, watch) {
      // Whoever gives settings of their own gives all of them.
      if (connection.options === undefined || isOneOf)
        watch.isBehind(client, await setUpSession(client, isOneOf));
      await guard?.look(client);
    },
  });
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', (error) => {
    // Our own server may stop before the last socket is closed.
    if (!pool.ending) logger.warn({ code: errorCode(error) }, 'an idle database connection broke');
  });
  // The pool listens to idle connections only. One that is in use emits the error beside rejecting its query, and
  // once more when the socket closes: without a listener either would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Runs `work` in one transaction on one connection; rolls back and rethrows on any error. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = errorCode(error) === uncheckedSession;
    await client.query('rollback').catch(() => {
      broken = true; // the connection is gone, and the transaction with it
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Runs `work` behind a savepoint: when it fails, the transaction goes on as if it had not been tried. */
export async function withSavepoint<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query('savepoint attempt');
  try {
    const result = await work();
    await client.query('release savepoint attempt');
    return result;
  } catch (error) {
    await client.query('rollback to savepoint attempt; release savepoint attempt');
    throw error;
  }
}
