/**
 * A real PostgreSQL for tests: one embedded server shared by all test files (each runs in a process of its
 * own), and in it a fresh database for whoever asks.
 */
import { createHash, randomBytes } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import type { EmbeddedPostgresConnection } from '../../src/store/embedded/connection.ts';
import type { EmbeddedPostgres } from '../../src/store/embedded/open.ts';
import { pidExists } from '../../src/store/embedded/processes.ts';
import { openTestServer } from './embedded/test-server.ts';

export interface TestDatabase {
  readonly connection: EmbeddedPostgresConnection;
  /** The same as a URL, for HONGYAN_DATABASE_URL of a child process. */
  readonly url: string;
  /** Cuts open connections and removes the database. Repeating it is harmless. */
  drop(): Promise<void>;
}

export interface TestTemplate {
  /** Changes with the template's content (a hash of the migrations): one name is prepared once. */
  readonly name: string;
  /** Fills the template. Must have closed all its connections when it resolves. */
  prepare(connection: EmbeddedPostgresConnection): Promise<void>;
}

/** Templates of older migrations beyond this number are removed. */
const keptTemplates = 4;
const templateLock = 7_203_115;

let server: Promise<EmbeddedPostgres> | undefined;
const databases = new Set<TestDatabase>();

// Registered at import, because inside a test it would belong to that test. Does nothing if nothing was opened.
after(async () => {
  for (const database of databases) await database.drop();
  const opened = server;
  server = undefined;
  await (await opened)?.close();
  // Node 24.21 sometimes spins for ever in Environment::CleanupHandles, after everything of ours has ended and been told:
  // an exit that is asked for does without that step. Registered last, so that it is the last to hear.
  process.once('exit', () => process.exit());
});

/** The shared server; opened at the first call, closed when this test file ends. */
export async function testServer(): Promise<EmbeddedPostgres> {
  server ??= openServer();
  return await server;
}

async function openServer(): Promise<EmbeddedPostgres> {
  const opened = await openTestServer();
  await dropAbandoned(opened.connection);
  return opened;
}

/** A database of one's own, empty or a clone of the template; about 30 ms. Dropped at the file's end at the latest. */
export async function createTestDatabase(options: { template?: TestTemplate } = {}): Promise<TestDatabase> {
  const { connection } = await testServer();
  const source =
    options.template === undefined ? 'template1' : await prepareTemplate(connection, options.template);
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await runStatement(connection, `CREATE DATABASE ${name} TEMPLATE ${source}`);
  // A statement that runs away fails, instead of the machine.
  await runStatement(connection, `ALTER DATABASE ${name} SET temp_file_limit = '2GB'`);
  const own = { ...connection, database: name };
  const database: TestDatabase = {
    connection: own,
    url: databaseUrl(own),
    drop: async () => {
      databases.delete(database);
      await runStatement(connection, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
  databases.add(database);
  return database;
}

export function databaseUrl({ host, port, user, password, database }: EmbeddedPostgresConnection): string {
  // A socket's directory does not fit where a URL has its host.
  const url = new URL(`postgresql://${user}:${password}@localhost:${port}/${database}`);
  url.searchParams.set('host', host);
  return url.href;
}

async function prepareTemplate(
  connection: EmbeddedPostgresConnection,
  template: TestTemplate,
): Promise<string> {
  const name = `template_${createHash('sha256').update(template.name).digest('hex').slice(0, 24)}`;
  await withClient(connection, async (client) => {
    // Of the session, so that it is released when this process dies.
    await client.query('SELECT pg_advisory_lock($1)', [templateLock]);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 1) return;
    const unfinished = `${name}_unfinished`;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    await template.prepare({ ...connection, database: unfinished });
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
    const old = await client.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%' AND datname <> $1
       ORDER BY oid DESC OFFSET $2`,
      [name, keptTemplates - 1],
    );
    for (const { datname } of old.rows) await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  });
  return name;
}

/** Databases of test processes that were killed. */
async function dropAbandoned(connection: EmbeddedPostgresConnection): Promise<void> {
  await withClient(connection, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'`,
    );
    for (const { datname } of rows) {
      if (!pidExists(Number(datname.split('_')[1]))) {
        await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
      }
    }
  });
}

async function runStatement(connection: EmbeddedPostgresConnection, statement: string): Promise<void> {
  await withClient(connection, async (client) => {
    await client.query(statement);
  });
}

export async function withClient(
  connection: EmbeddedPostgresConnection,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
