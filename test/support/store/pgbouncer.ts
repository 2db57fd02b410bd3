/** PgBouncer from the system (`apt-get install pgbouncer`) in front of a test's PostgreSQL. */
import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import type { EmbeddedPostgresConnection } from '../../../src/store/embedded/connection.ts';
import { findServerUser } from '../../../src/store/embedded/server-user.ts';
import { until } from '../cli.ts';
import { linkDatabase } from './database-link.ts';
import { freePort } from './free-port.ts';

const found = spawnSync('pgbouncer', ['--version'], {
  encoding: 'utf8',
  env: { PATH: '/usr/sbin:/usr/bin:/bin' },
});

/** Why it cannot be tested here; false when it can. */
export const withoutPgbouncer: string | false =
  found.status === 0 ? false : 'pgbouncer is not installed here (apt-get install pgbouncer)';

/** @returns for HONGYAN_DATABASE_URL */
export async function startPgbouncer(
  t: Pick<TestContext, 'after'>,
  connection: EmbeddedPostgresConnection,
  mode: 'session' | 'transaction' | 'statement',
): Promise<string> {
  const { user, password, database } = connection;
  // PgBouncer runs as a user who need not see the server's socket.
  const { host, port } = (await linkDatabase({ connection })).connection;
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-pgbouncer-'));
  await chmod(directory, 0o711);
  const runsAs = await findServerUser(tmpdir());
  const own = await freePort();
  const file = join(directory, 'pgbouncer.ini');
  await writeFile(
    file,
    [
      '[databases]',
      `${database} = host=${host} port=${port} user=${user} password=${password} dbname=${database}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1\nlisten_port = ${own}\nunix_socket_dir =\nauth_type = any\npool_mode = ${mode}`,
      'default_pool_size = 40\nmax_client_conn = 200',
    ].join('\n'),
    { mode: 0o644 },
  );
  const child = spawn('pgbouncer', [file], {
    env: { PATH: '/usr/sbin:/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(runsAs === undefined ? {} : { uid: runsAs.uid, gid: runsAs.gid }),
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true });
  });
  const url = `postgresql://${user}@127.0.0.1:${own}/${database}`;
  await until('pgbouncer answers', async () => {
    if (child.exitCode !== null) throw new Error(said);
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    const isThere = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => {});
    return isThere;
  });
  return url;
}
