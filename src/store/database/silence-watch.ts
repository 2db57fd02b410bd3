import { Writable } from 'node:stream';
import type pg from 'pg';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { DatabaseError, explainDatabaseError } from './explain.ts';

/** A statement of which nothing was heard for so long is looked after, ms. */
const defaultSilentMs = 5_000;
/**
 * A server that has not answered a question of its own by then does not answer, ms. One that is only very busy must not be
 * taken for it: sending stops with the leases, and so nothing is urgent.
 */
const defaultAnswerMs = 10_000;
/**
 * A server that waits for us, while we wait for it, and that gets no further in so long, has lost something, ms. On a slow line
 * a piece of a COPY (256 KB) may take some seconds.
 */
const defaultStuckMs = 10_000;
const looksIn = 5;

/** What `pg.Client` has and its types do not say. */
interface Inside {
  _activeQuery: object | null;
  processID: number | null;
}

/** A connection that waits for an answer, as it was at the last look. */
interface Waiting {
  statement: object;
  bytes: number;
  since: number;
  /** The server was found not to work on it. */
  isIdle: boolean;
  /** Since when the server waits for us with so much of a COPY; null: it does not. */
  stuck: { copied: string | null; since: number } | null;
}

/** A server process as the server tells of it; `state` as in pg_stat_activity. */
interface Backend {
  pid: number;
  state: string | null;
  /** For what we send, or to be rid of what it sends. */
  waitsForUs: boolean;
  /** Bytes of a COPY that it has taken. */
  copied: string | null;
}

export interface SilenceWatchOptions {
  clients(): pg.Client[];
  /** A connection to where this one leads, not begun yet, that is given up after `connectionTimeoutMillis`. */
  another(client: pg.Client, connectionTimeoutMillis: number): pg.Client;
  logger: Logger;
  /** Default 5,000. */
  silentMs?: number | undefined;
  /** Default 10,000. */
  answerMs?: number | undefined;
  /** Default 10,000. */
  stuckMs?: number | undefined;
}

/**
 * Ends the wait for a server that will never answer: one that is stopped, or to which the line is dead without a word. TCP
 * would find that out after a quarter of an hour, or not at all.
 *
 * A statement is never cut for the time that it takes (a backup, a plan, a migration). One of which nothing was heard for
 * `silentMs` is asked for through another connection: if that is not answered either, or the server's process is gone or
 * works on nothing, twice, then the answer will not come. Nor will it when the server waits for what was sent to it, or to be
 * rid of what it sends, and gets no further for `stuckMs`: the end of a COPY, or of a statement's parts, that a line has lost.
 * Bounded by `silentMs`, the longer one of `answerMs` and `stuckMs`, and two looks.
 */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  readonly #waiting = new WeakMap<pg.Client, Waiting>();
  readonly #pids = new WeakMap<pg.Client, number>();
  readonly #received = new WeakMap<pg.Client, number>();
  readonly #silentMs: number;
  readonly #answerMs: number;
  readonly #stuckMs: number;
  readonly #timer: NodeJS.Timeout;
  #lookedAt = performance.now();
  #isAsking = false;
  #isSilent = false;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#silentMs = options.silentMs ?? defaultSilentMs;
    this.#answerMs = options.answerMs ?? defaultAnswerMs;
    this.#stuckMs = options.stuckMs ?? defaultStuckMs;
    this.#timer = setInterval(() => this.#look(), this.#silentMs / looksIn).unref();
  }

  /** The server was asked and has not answered, and not answered anything since. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Which process of the server is behind a connection. A pooler between tells another number when the connection begins. */
  isBehind(client: pg.ClientBase, pid: number): void {
    this.#pids.set(client as pg.Client, pid); // the pool makes no others
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A server has answered. */
  answered(): void {
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#options.logger.info({}, 'the database answers again');
  }

  #look(): void {
    const now = performance.now();
    // It was this process that stood still.
    const stoodStill = now - this.#lookedAt > this.#silentMs / 2;
    this.#lookedAt = now;
    const silent: pg.Client[] = [];
    for (const client of this.#options.clients()) {
      const statement = insideOf(client)._activeQuery;
      const bytes = bytesOf(client);
      const received = receivedOf(client);
      if (received > (this.#received.get(client) ?? received)) this.answered();
      this.#received.set(client, received);
      const before = this.#waiting.get(client);
      // What has come and is not read yet is no silence: a slow disk under a backup.
      const isReading = client.connection.stream.readableLength > 0;
      if (statement === null || statement === undefined || isReading) {
        this.#waiting.delete(client);
      } else if (before?.statement !== statement || before.bytes !== bytes || stoodStill) {
        this.#waiting.set(client, { statement, bytes, since: now, isIdle: false, stuck: null });
      } else if (now - before.since >= this.#silentMs) silent.push(client);
    }
    const [first] = silent;
    if (first === undefined || this.#isAsking) return;
    this.#isAsking = true;
    void this.#ask(first, silent).finally(() => {
      this.#isAsking = false;
    });
  }

  async #ask(first: pg.Client, silent: pg.Client[]): Promise<void> {
    const heard = new Map(this.#options.clients().map((client) => [client, receivedOf(client)]));
    try {
      const backends = await this.#backends(
        first,
        silent.map((client) => this.#pidOf(client)),
      );
      this.answered();
      for (const client of silent) {
        const waiting = this.#waitsStill(client);
        if (waiting === null) continue;
        const backend = backends.find(({ pid }) => pid === this.#pidOf(client));
        const isIdle = backend === undefined || (backend.state?.startsWith('idle') ?? false);
        // Once may be the moment between its end and its answer.
        if ((isIdle && waiting.isIdle) || this.#isStuck(client, waiting, backend))
          this.#giveUp(client, 'its answer is lost');
        else waiting.isIdle = isIdle;
      }
    } catch (error) {
      if (errorCode(explainDatabaseError(error)) !== 'DATABASE_UNREACHABLE') return; // that is an answer
      const hears = this.#options.clients().some((client) => {
        const before = heard.get(client);
        return before !== undefined && receivedOf(client) !== before;
      });
      if (hears) return;
      if (!this.#isSilent) {
        this.#isSilent = true;
        this.#options.logger.warn(
          { code: errorCode(error), connections: silent.length },
          'the database does not answer, and what was asked of it is given up; it is asked again until it answers',
        );
      }
      for (const client of silent) {
        if (this.#waitsStill(client) !== null) this.#giveUp(client, 'the database does not answer');
      }
    }
  }

  /** Whether each has waited for the other for so long. */
  #isStuck(client: pg.Client, waiting: Waiting, backend: Backend | undefined): boolean {
    const { waitsForUs = false, copied = null } = backend ?? {};
    if (!waitsForUs || isOurTurn(client)) {
      waiting.stuck = null;
      return false;
    }
    const now = performance.now();
    if (waiting.stuck?.copied !== copied) waiting.stuck = { copied, since: now };
    return now - (waiting.stuck?.since ?? now) >= this.#stuckMs;
  }

  async #backends(like: pg.Client, pids: number[]): Promise<Backend[]> {
    const client = this.#options.another(like, this.#answerMs);
    // Without a listener a server that goes away meanwhile would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      const query = {
        text: `select pid, state, coalesce(wait_event_type = 'Client', false) as "waitsForUs",
            (select bytes_processed::text from pg_catalog.pg_stat_progress_copy c where c.pid = a.pid) as copied
          from pg_catalog.pg_stat_activity a where pid = any ($1::integer[])`,
        values: [pids],
        query_timeout: this.#answerMs, // of pg, though its types do not know it
      };
      return (await client.query<Backend>(query)).rows;
    } finally {
      client.connection.stream.destroy();
    }
  }

  /** It waits for the same answer as when it was found silent. */
  #waitsStill(client: pg.Client): Waiting | null {
    const waiting = this.#waiting.get(client);
    const isSame =
      waiting !== undefined &&
      waiting.statement === insideOf(client)._activeQuery &&
      waiting.bytes === bytesOf(client);
    return isSame ? waiting : null;
  }

  #giveUp(client: pg.Client, why: string): void {
    client.connection.stream.destroy(new DatabaseError('ETIMEDOUT', why));
  }

  #pidOf(client: pg.Client): number {
    return this.#pids.get(client) ?? insideOf(client).processID ?? 0;
  }
}

function insideOf(client: pg.Client): Inside {
  return client as unknown as Inside; // not in pg's types; the tests would notice if they were gone
}

/** The next piece of a COPY is still to come from us. */
function isOurTurn(client: pg.Client): boolean {
  const { _activeQuery: statement } = insideOf(client);
  const { writableLength } = client.connection.stream;
  return statement instanceof Writable && !statement.writableEnded && writableLength === 0;
}

function receivedOf({ connection: { stream } }: pg.Client): number {
  return 'bytesRead' in stream ? Number(stream.bytesRead) : 0;
}

/** What has passed in either direction. */
function bytesOf(client: pg.Client): number {
  const { stream } = client.connection;
  const left = 'bytesWritten' in stream ? Number(stream.bytesWritten) - stream.writableLength : 0;
  return receivedOf(client) + left;
}
