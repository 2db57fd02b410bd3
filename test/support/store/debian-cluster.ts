/**
 * A primary and a synchronous standby of the system's PostgreSQL (`apt-get install postgresql`), on 127.0.0.1, with data
 * directories of their own.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { freePort } from './free-port.ts';

const root = '/usr/lib/postgresql';
const version = existsSync(root)
  ? readdirSync(root)
      .filter((name) => existsSync(join(root, name, 'bin', 'pg_basebackup')))
      .sort((one, other) => Number(other) - Number(one))[0]
  : undefined;
/** Debian's package makes it; PostgreSQL does not run as root. */
const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
const postgresUser = /^postgres:[^:]*:(\d+):(\d+):/m.exec(passwd);

/** Why it cannot be tested here; false when it can. */
export const withoutDebianPostgres: string | false =
  version !== undefined && (process.getuid?.() !== 0 || postgresUser !== null)
    ? false
    : 'the system has no PostgreSQL (apt-get install postgresql)';

export interface FailoverPair {
  /** Both servers, for HONGYAN_DATABASE_URL. */
  readonly url: string;
  query(server: 'primary' | 'standby', statement: string): Promise<Record<string, unknown>[]>;
  /** The primary and all its processes end as by a power failure. */
  killPrimary(): Promise<void>;
  promote(): void;
}

export async function makeFailoverPair(
  t: Pick<TestContext, 'after'>,
  { isSynchronous }: { isSynchronous: boolean },
): Promise<FailoverPair> {
  const bin = join(root, version ?? '', 'bin');
  const ids: { uid: number; gid: number } | Record<string, never> =
    process.getuid?.() === 0 && postgresUser !== null
      ? { uid: Number(postgresUser[1]), gid: Number(postgresUser[2]) }
      : {};
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-failover-'));
  await chmod(directory, 0o711);
  const places = { primary: join(directory, 'primary'), standby: join(directory, 'standby') };
  const ports = { primary: await freePort(), standby: await freePort() };
  for (const place of Object.values(places)) {
    await mkdir(place, { mode: 0o700 });
    if (ids.uid !== undefined) await chown(place, ids.uid, ids.gid);
  }
  const run = (program: string, ...args: string[]): void => {
    const { status, stderr } = spawnSync(join(bin, program), args, {
      ...ids,
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  };
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o644 });
  run(
    'initdb',
    '-D',
    places.primary,
    '-U',
    'hongyan',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--no-sync',
  );
  await appendFile(
    join(places.primary, 'postgresql.conf'),
    "\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 200\nwal_level = replica\nsynchronous_commit = on\n",
  );
  const postmasters: Partial<Record<'primary' | 'standby', ReturnType<typeof spawn>>> = {};
  const start = async (server: 'primary' | 'standby'): Promise<void> => {
    const child = spawn(join(bin, 'postgres'), ['-D', places[server], '-p', String(ports[server])], {
      ...ids,
      cwd: directory,
      stdio: 'ignore',
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    });
    postmasters[server] = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${server} ended with ${child.exitCode}`);
      const isThere = await query(server, 'select 1').then(
        () => true,
        () => false,
      );
      if (isThere) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const query = async (
    server: 'primary' | 'standby',
    statement: string,
    database = 'postgres',
  ): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: ports[server],
      user: 'hongyan',
      password,
      database,
    });
    client.on('error', () => {}); // the server may be ended under it
    try {
      await client.connect();
      return (await client.query(statement)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  };
  const kill = async (server: 'primary' | 'standby'): Promise<void> => {
    const child = postmasters[server];
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // Its processes end as soon as they notice that it is gone.
    child.kill('SIGKILL');
    await ended;
  };
  t.after(async () => {
    for (const server of ['primary', 'standby'] as const) await kill(server);
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  });
  await start('primary');
  await query('primary', 'create database hongyan');
  const source = `host=127.0.0.1 port=${ports.primary} user=hongyan password=${password} application_name=other`;
  run('pg_basebackup', '-D', places.standby, '-d', source, '-R', '-c', 'fast', '--no-sync');
  await start('standby');
  if (isSynchronous) {
    await query('primary', "alter system set synchronous_standby_names = 'FIRST 1 (other)'");
    await query('primary', 'select pg_reload_conf()');
    for (;;) {
      const rows = await query('primary', "select 1 from pg_stat_replication where sync_state = 'sync'");
      if (rows.length === 1) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const servers = `127.0.0.1:${ports.primary},127.0.0.1:${ports.standby}`;
  return {
    url: `postgresql://hongyan:${password}@${servers}/hongyan?target_session_attrs=read-write`,
    query: (server, statement) => query(server, statement, 'hongyan'),
    killPrimary: () => kill('primary'),
    promote: () => run('pg_ctl', 'promote', '-D', places.standby, '-w'),
  };
}
