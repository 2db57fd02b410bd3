import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import type { SimulatedAccount, Simulator } from '../../src/simulator/index.ts';
import { openAccount, secretPlace } from '../../src/store/accounts/accounts.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { Cli } from './cli.ts';
import { createTestDatabase, type TestDatabase, type TestTemplate, withClient } from './postgres.ts';
import { saveSimulated } from './wechat.ts';

const secretKey = Buffer.alloc(32, 7).toString('base64');
const sealer = createSealer(parseSecretKey(secretKey));

/** Everything that a test of a whole command needs. Closed when the test file ends. */
export interface Site {
  cli: Cli;
  store: Store;
  database: TestDatabase;
  /** A directory of its own. */
  directory: string;
  /** Writes a file there and gives its path. */
  file(name: string, content: string | Buffer): Promise<string>;
  /** Stores an account of the simulator, without the command. */
  add(simulator: Simulator, account: SimulatedAccount): Promise<string>;
}

/** A migrated database with its background jobs, so that no command has to migrate. */
async function migratedTemplate(): Promise<TestTemplate> {
  const directory = new URL('../../sql/', import.meta.url);
  const files = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const content = await Promise.all(files.map((name) => readFile(new URL(name, directory), 'utf8')));
  return {
    name: `migrated with jobs ${content.join('')}`,
    prepare: async (connection) => {
      const store = await openStore({ connection, sealer, logger: silentLogger });
      await store.jobs();
      await store.close();
      // The copies of it are databases of their own, not restored ones. Last of all: each new connection of a store, and its look
      // twice a second, would write it down again, and then every copy begins a new history with other numbers.
      await withClient(connection, async (client) => {
        await client.query('update hongyan.installation set oids = null');
      });
    },
  };
}

/** A command line on a database of its own. */
export async function makeSite(): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-site-'));
  const database = await createTestDatabase({ template: await migratedTemplate() });
  const store = await openStore({
    connection: { ...database.connection },
    sealer,
    logger: silentLogger,
    poolSize: 4,
  });
  const cli = new Cli({
    HONGYAN_DATABASE_URL: database.url,
    HONGYAN_SECRET_KEY: secretKey,
    HONGYAN_DATA_DIR: join(directory, 'data'),
  });
  // The database itself is dropped by the hook of ./postgres.ts, which ran before.
  after(async () => {
    await cli.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    cli,
    store,
    database,
    directory,
    async file(name, content) {
      const path = join(directory, name);
      await writeFile(path, content);
      return path;
    },
    async add(simulator, account) {
      await saveSimulated(store, simulator, account);
      return account.appid;
    },
  };
}

/** One line of `campaigns export --format ndjson`. */
export interface ExportedRecipient {
  no: number;
  openid: string;
  outcome: 'accepted' | 'rejected' | 'unknown' | 'unsent';
  errcode: number | null;
  reason: string | null;
  msgid: string | null;
  attempts: number;
}

/** Lines of NDJSON. */
export function ndjson<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): T => JSON.parse(line));
}

/** Lets an account talk to another address, as if its secret had been given for that one; its token stays. */
export async function setBaseUrl(site: Pick<Site, 'store'>, appid: string, baseUrl: string): Promise<void> {
  const { pool, sealer: own } = site.store;
  const { account, secrets } = await openAccount(pool, own, appid);
  const place = secretPlace({ ...account, ...secrets, baseUrl });
  await pool.query('update accounts set base_url = $2, secret_sealed = $3 where appid = $1', [
    appid,
    baseUrl,
    secrets.secret === null ? null : own.seal(secrets.secret, place),
  ]);
}
