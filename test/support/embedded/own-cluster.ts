/**
 * A PostgreSQL cluster of a test's own, as somebody else would run it beside several nodes: it is stopped, copied, put back
 * as it was, followed by a standby, and failed over.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { locateBinaries, programPath, usableBinaries } from '../../../src/store/embedded/binaries.ts';
import { createCluster, readPassword, superuser } from '../../../src/store/embedded/cluster.ts';
import type { EmbeddedPostgresConnection } from '../../../src/store/embedded/connection.ts';
import {
  endProcessesIn,
  findPostmaster,
  sendSignal,
  startPostmaster,
  stopPostmaster,
} from '../../../src/store/embedded/postmaster.ts';
import { processesIn } from '../../../src/store/embedded/processes.ts';
import { runProgram } from '../../../src/store/embedded/program.ts';
import { findServerHome } from '../../../src/store/embedded/server-home.ts';
import { findServerUser, giveTo } from '../../../src/store/embedded/server-user.ts';
import { socketPort } from '../../../src/store/embedded/sockets.ts';
import { until } from '../in-time.ts';
import { scratchRoot } from './memory.ts';

type Home = Awaited<ReturnType<typeof findServerHome>>;

const user = await findServerUser(tmpdir());
const binaries = await usableBinaries(
  locateBinaries(),
  user,
  join(tmpdir(), `hongyan-test-${process.getuid?.() ?? 'user'}-bin`),
);

export class OwnCluster {
  readonly connection: EmbeddedPostgresConnection;
  readonly #home: Home;

  constructor(home: Home, connection: EmbeddedPostgresConnection) {
    this.#home = home;
    this.connection = connection;
  }

  async start(): Promise<void> {
    await startPostmaster(this.#home, binaries, user, { connections: 0 });
  }

  /** Its connections are cut; everything is checkpointed. */
  async stop(): Promise<void> {
    await stopPostmaster(this.#home, binaries, user);
  }

  /** As when its machine loses power: nothing is written any more. */
  async crash(): Promise<void> {
    const found = await findPostmaster(this.#home, user);
    if (found !== undefined) sendSignal(found.pid, 'SIGQUIT');
    await endProcessesIn(['postgres'], this.#home.cluster, user, 'SIGKILL', 5_000);
  }

  /** Stops all its processes where they are (SIGSTOP): it takes connections, as the system does for it, and answers nothing. */
  async freeze(): Promise<{ goOn(): void }> {
    const found = await findPostmaster(this.#home, user);
    if (found !== undefined) sendSignal(found.pid, 'SIGSTOP'); // first: then there are no new ones
    const pids = await processesIn(['postgres'], this.#home.cluster, user);
    for (const pid of pids) sendSignal(pid, 'SIGSTOP');
    return {
      goOn() {
        for (const pid of pids) sendSignal(pid, 'SIGCONT');
      },
    };
  }

  /** Its files as they are now, kept beside; it must be stopped. Repeating it replaces the copy. */
  copy(): void {
    this.#run('rm', '-rf', `${this.#home.cluster}.copy`);
    this.#run('cp', '-a', this.#home.cluster, `${this.#home.cluster}.copy`);
  }

  /** Where its files are. */
  get files(): string {
    return this.#home.cluster;
  }

  /** The copy in its place, as often as one likes; it must be stopped. */
  putBack(): void {
    this.#run('rm', '-rf', this.#home.cluster);
    this.#run('cp', '-a', `${this.#home.cluster}.copy`, this.#home.cluster);
  }

  /** What a disk does that had not written what it confirmed: the log ends here; it must have crashed since. */
  async loseLogAfter(lsn: string): Promise<void> {
    const [high = '', low = ''] = lsn.split('/');
    const bytes = (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
    const segment = 16n * 1024n * 1024n;
    const names = (await readdir(join(this.#home.cluster, 'pg_wal')))
      .filter((name) => /^[0-9A-F]{24}$/.test(name))
      .sort();
    for (const name of names) {
      const start = (BigInt(`0x${name.slice(8, 16)}`) << 32n) + BigInt(`0x${name.slice(16)}`) * segment;
      if (start + segment <= bytes) continue;
      const from = start < bytes ? Number(bytes - start) : 0;
      const file = await open(join(this.#home.cluster, 'pg_wal', name), 'r+');
      await file.write(Buffer.alloc(Number(segment) - from), 0, Number(segment) - from, from);
      await file.close();
    }
  }

  /** Another cluster that follows this one, asynchronously, from now on. This one must be stopped, and is started. */
  async standby(directory: string): Promise<OwnCluster> {
    const { host, port, password } = this.connection;
    const home = await makeHome(directory);
    this.#run('cp', '-a', this.#home.cluster, home.cluster);
    await copyFile(this.#home.passwordFile, home.passwordFile);
    await writeFile(join(home.cluster, 'standby.signal'), '');
    if (user !== undefined) await chown(join(home.cluster, 'standby.signal'), user.uid, user.gid);
    await appendFile(
      join(home.cluster, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=''${host}'' port=${port} user=${superuser} password=${password}'\n`,
    );
    await this.start();
    const standby = new OwnCluster(home, await connectionTo(home));
    await standby.start();
    return standby;
  }

  /** A standby gets nothing any more; resolves once that is so. */
  async stopFollowing(): Promise<void> {
    await this.query("alter system set primary_conninfo = ''");
    await this.query('select pg_reload_conf()');
    await until(
      'it receives nothing any more',
      async () => (await this.query('select 1 from pg_stat_wal_receiver')).length === 0,
    );
  }

  /** A standby becomes a server of its own, on the next timeline. */
  async promote(): Promise<void> {
    const args = ['promote', '-D', this.#home.cluster, '-w'];
    const result = await runProgram(programPath(binaries, 'pg_ctl'), args, user, this.#home.directory);
    assert.equal(result.exitCode, 0, result.output);
  }

  /** One statement on a connection of its own, which nobody looks at. */
  async query(statement: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ ...this.connection });
    client.on('error', () => {}); // the server may be ended under it
    await client.connect();
    try {
      return (await client.query(statement, values)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  #run(command: string, ...args: string[]): void {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
}

/** A running cluster without a database of Hongyan's; it and its standbys are gone when the test ends. */
export async function makeOwnCluster(
  t: Pick<TestContext, 'after'>,
): Promise<{ cluster: OwnCluster; directory: string }> {
  const { home, directory } = await makePlace(t);
  await createCluster(home, binaries, user);
  const cluster = new OwnCluster(home, await connectionTo(home));
  await cluster.start();
  const { database, ...rest } = cluster.connection;
  const client = new pg.Client({ ...rest, database: 'postgres' });
  await client.connect();
  await client.query(`create database ${database}`);
  await client.end();
  return { cluster, directory };
}

/** A running cluster of files that somebody brings; `bring` puts them into an empty directory. */
export async function openOwnCluster(
  t: Pick<TestContext, 'after'>,
  password: string,
  bring: (cluster: string) => Promise<void>,
): Promise<{ cluster: OwnCluster; directory: string }> {
  const { home, directory } = await makePlace(t);
  await mkdir(home.cluster, { mode: 0o700 });
  await bring(home.cluster);
  await chmod(home.cluster, 0o700);
  if (user !== undefined) await giveTo(user, home.cluster);
  await writeFile(home.passwordFile, password, { mode: 0o600 });
  const cluster = new OwnCluster(home, await connectionTo(home));
  await cluster.start();
  return { cluster, directory };
}

async function makePlace(t: Pick<TestContext, 'after'>): Promise<{ home: Home; directory: string }> {
  const directory = await mkdtemp(join(await scratchRoot(), 'hongyan-cluster-'));
  // As root, PostgreSQL runs as another user.
  await chmod(directory, 0o711);
  t.after(async () => {
    for (const name of ['primary', 'standby'])
      await endProcessesIn(['postgres'], join(directory, name, 'pg'), user, 'SIGKILL', 0);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return { home: await makeHome(join(directory, 'primary')), directory };
}

async function makeHome(directory: string): Promise<Home> {
  await mkdir(directory, { mode: 0o711 });
  return await findServerHome(directory, directory, false);
}

async function connectionTo(home: Home): Promise<EmbeddedPostgresConnection> {
  return {
    host: home.sockets,
    port: socketPort,
    user: superuser,
    password: await readPassword(home),
    database: 'hongyan',
  };
}
