import pg from 'pg';
import { errorCode, failure } from '../../base/errors.ts';
import { readPassword, superuser } from './cluster.ts';
import { isWindows, type Postmaster } from './postmaster.ts';
import type { ServerHome } from './server-home.ts';

export interface EmbeddedPostgresConnection {
  /** The directory of the unix socket, as pg takes it; 127.0.0.1 on Windows. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Secret. */
  readonly password: string;
  readonly database: string;
}

const databaseName = 'hongyan';

export async function connectionTo(
  home: ServerHome,
  postmaster: Postmaster,
): Promise<EmbeddedPostgresConnection> {
  return {
    host: isWindows ? '127.0.0.1' : postmaster.socketDirectory,
    port: postmaster.port,
    user: superuser,
    password: await readPassword(home),
    database: databaseName,
  };
}

/** Also the proof that the server answers and that the password is its own. */
export async function ensureDatabase(connection: EmbeddedPostgresConnection): Promise<void> {
  try {
    await runStatement(connection, 'SELECT 1');
  } catch (error) {
    switch (errorCode(error)) {
      case '3D000': // no such database: the server is new, or was killed before it had one
        await runStatement({ ...connection, database: 'postgres' }, `CREATE DATABASE ${databaseName}`);
        return;
      case '53300': // too many connections: it answers, and others use it
        return;
      default:
        throw failure(
          'EMBEDDED_PG_CONNECT_FAILED',
          { host: connection.host, code: errorCode(error) ?? '?' },
          { cause: error, details: { host: connection.host, port: connection.port } },
        );
    }
  }
}

async function runStatement(connection: EmbeddedPostgresConnection, statement: string): Promise<void> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 10_000 });
  // Without a listener a server that goes away meanwhile would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
