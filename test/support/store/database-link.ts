/** A TCP line to the test database that can be cut at a chosen moment: real sockets, real lost answers. */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Connection } from '../../../src/store/database/pool.ts';
import { inTime } from '../in-time.ts';
import type { TestDatabase } from '../postgres.ts';

type Cut =
  /** The server has answered, and so has committed; the answer is swallowed and the connection reset. */
  | 'after-commit'
  /** The client's connection is reset as soon as the statement was passed on; the server goes on with it. */
  | 'while-running';

export class DatabaseLink {
  readonly connection: Connection;
  readonly #server: Server;
  #upstreamPath: string;
  /** Connections that were accepted so far. */
  connections = 0;
  readonly #pairs = new Set<{ client: Socket; upstream: Socket }>();
  #armed: { text: string; cut: Cut; after: string | null; done: () => void } | null = null;
  #holding: { text: string; held: () => void; release: Promise<void> } | null = null;
  #down = false;
  #stalled = false;
  #stallAt: { text: string; done: () => void } | null = null;
  readonly #counting: { text: string; sent: number }[] = [];
  readonly #silent = new Set<Socket>();

  constructor(server: Server, connection: Connection, upstreamPath: string) {
    this.#server = server;
    this.#upstreamPath = upstreamPath;
    this.connection = connection;
    server.on('connection', (client) => this.#join(client));
  }

  /**
   * Cuts the next connection on which this text is sent (a prepared statement's name), once.
   * @param after only one on which this was sent before, so that a commit is that of a certain transaction
   */
  cutNext(text: string, cut: Cut, after: string | null = null): Promise<void> {
    const { promise, resolve: done } = Promise.withResolvers<void>();
    this.#armed = { text, cut, after, done };
    return inTime(`"${text}" is cut`, promise);
  }

  /** Keeps the answer to the next statement with this text back until `release`; resolves once the server has given it. */
  holdNext(text: string): { held: Promise<void>; release: () => void } {
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    this.#holding = { text, held: held.resolve, release: release.promise };
    return { held: inTime(`"${text}" is answered`, held.promise), release: release.resolve };
  }

  /** Counts, from now on, how often this text is sent. */
  counting(text: string): { readonly sent: number } {
    const counter = { text, sent: 0 };
    this.#counting.push(counter);
    return counter;
  }

  /** The database cannot be reached: open connections are reset, new ones refused. */
  down(): void {
    this.#down = true;
    for (const { client, upstream } of this.#pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  up(): void {
    this.#down = false;
  }

  /** From now on it leads to another server. */
  leadTo({ host, port }: { host: string; port: number }): void {
    this.down();
    this.#upstreamPath = socketOf(host, port);
    this.up();
  }

  /** From now on nothing passes in either direction, and nobody hears of it: a server that is stopped, or a dead line. */
  stall(): void {
    this.#stalled = true;
    for (const { client, upstream } of this.#pairs) {
      client.pause();
      upstream.pause();
    }
  }

  /** The line is there again; connections that hung on it are broken. */
  resume(): void {
    this.#stalled = false;
    this.down();
    this.up();
    for (const client of this.#silent) client.destroy();
    this.#silent.clear();
  }

  /**
   * The line is there again, for new connections only: those that hung on it stay as they are, and nobody is told, as where a
   * router has forgotten them.
   */
  forget(): void {
    this.#stalled = false;
  }

  /** What passes through the connections that are open now is lost from now on, without a word; new ones are served. */
  swallow(): void {
    this.stall();
    this.forget();
  }

  /** Stalls when this text is sent, which does not arrive any more; resolves then. */
  stallAt(text: string): Promise<void> {
    const { promise, resolve: done } = Promise.withResolvers<void>();
    this.#stallAt = { text, done };
    return inTime(`"${text}" is sent`, promise);
  }

  /** For HONGYAN_DATABASE_URL. */
  get url(): string {
    const { host, port, user, password, database } = this.connection;
    return `postgresql://${user}:${String(password)}@${host}:${port}/${database}`;
  }

  async close(): Promise<void> {
    this.down();
    for (const client of this.#silent) client.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(client: Socket): void {
    this.connections++;
    if (this.#down) {
      client.resetAndDestroy();
      return;
    }
    if (this.#stalled) {
      this.#silent.add(client.on('error', () => {}).pause());
      return;
    }
    const upstream = createConnection(this.#upstreamPath);
    const pair = { client, upstream };
    this.#pairs.add(pair);
    let swallow: (() => void) | null = null;
    let seen: string | null = null;
    let holding: { held: () => void; release: Promise<void> } | null = null;
    client.on('error', () => {});
    upstream.on('error', () => {});
    client.on('data', (data) => {
      for (const one of this.#counting) if (data.includes(one.text)) one.sent++;
      if (this.#stallAt !== null && data.includes(this.#stallAt.text)) {
        this.stall();
        this.#stallAt.done();
        this.#stallAt = null;
        return;
      }
      const armed = this.#armed;
      if (armed !== null && armed.after !== null && data.includes(armed.after)) seen = armed.after;
      if (armed !== null && seen === armed.after && data.includes(armed.text)) {
        this.#armed = null;
        swallow = armed.done;
        upstream.write(data);
        if (armed.cut === 'while-running') {
          client.resetAndDestroy();
          armed.done();
        }
        return;
      }
      if (this.#holding !== null && data.includes(this.#holding.text)) {
        holding = this.#holding;
        this.#holding = null;
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (holding !== null) {
        const { held, release } = holding;
        // A short answer comes in one piece; what may follow keeps its order behind it.
        upstream.pause();
        held();
        void release.then(() => {
          holding = null;
          client.write(data);
          upstream.resume();
        });
        return;
      }
      if (swallow === null) {
        client.write(data);
        return;
      }
      client.resetAndDestroy();
      upstream.destroy();
      swallow();
    });
    client.on('close', () => {
      this.#pairs.delete(pair);
      // A server that is busy with a statement does not notice for now; a lost line looks the same to it.
      if (swallow === null) upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
  }
}

export async function linkDatabase(database: Pick<TestDatabase, 'connection'>): Promise<DatabaseLink> {
  const { host, port, ...rest } = database.connection;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  const link = new DatabaseLink(
    server,
    { ...rest, host: '127.0.0.1', port: address.port },
    socketOf(host, port),
  );
  after(() => link.close());
  return link;
}

function socketOf(directory: string, port: number): string {
  return join(directory, `.s.PGSQL.${port}`);
}
