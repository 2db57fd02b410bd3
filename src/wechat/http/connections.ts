import { buildConnector, errors } from 'undici';
import { HttpConnection, type WireRequest } from './connection.ts';
import type { ConnectionRequest, Exchange } from './exchange.ts';

export interface ConnectionsOptions {
  connections: number;
  connectTimeoutMs: number;
}

const sweepMs = 1_000;
/** What may stand in a request line: anything else would end it, or not arrive as it was meant. */
const wirePath = /^\/[\x21-\x7e]*$/;
const wireName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Said by the connection itself: a second one could be read in two ways. */
const ours: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'transfer-encoding',
  'upgrade',
]);
const wireValue = /^[\t\x20-\x7e]*$/;

/**
 * The kept connections to one origin, one request on each at a time.
 *
 * The free ones lie on a stack, so that those which were used last are used first and the others can fall idle.
 */
export class Connections {
  readonly #url: URL;
  readonly #max: number;
  readonly #connect: buildConnector.connector;
  readonly #all: HttpConnection[] = [];
  readonly #idle: HttpConnection[] = [];
  #waiting: { request: WireRequest; exchange: Exchange }[] = [];
  #sweepTimer: NodeJS.Timeout | null = null;
  #closed: Promise<void> | null = null;
  /** On kept connections, until these have been read. */
  #due: (() => void)[] = [];
  #onDrained: (() => void) | null = null;
  /** The head of the last request: the next one mostly has the same. */
  #head: { path: string; headers: string[]; method: string; text: string } | null = null;

  constructor(origin: string, { connections, connectTimeoutMs }: ConnectionsOptions) {
    this.#url = new URL(origin);
    this.#max = connections;
    // One for all, so that they share their TLS sessions.
    this.#connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false, maxCachedSessions: 100 });
  }

  /** Writes the request on a free connection, or as soon as there is one. */
  dispatch(request: ConnectionRequest, exchange: Exchange): void {
    if (this.#closed !== null) {
      exchange.onResponseError(null, new errors.ClientClosedError());
      return;
    }
    const head = this.#headOf(request);
    if (head === null) {
      exchange.onResponseError(null, new errors.InvalidArgumentError('invalid path or header'));
      return;
    }
    const wire = { head, body: request.body };
    const connection = this.#idle.pop() ?? this.#add();
    if (connection === undefined) this.#waiting.push({ request: wire, exchange });
    else connection.dispatch(wire, exchange);
  }

  /** Waits for the requests that were dispatched, then closes the connections. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
    }
    if (this.#sweepTimer !== null) clearInterval(this.#sweepTimer);
    await Promise.all(this.#all.map((connection) => connection.close()));
  }

  #add(): HttpConnection | undefined {
    if (this.#all.length >= this.#max) return undefined;
    const { protocol, hostname, host, port } = this.#url;
    const connection = new HttpConnection({
      connect: this.#connect,
      // An IPv6 address stands in brackets only in the URL.
      target: { protocol, host, port, hostname: hostname.replace(/^\[(.*)\]$/, '$1') },
      onFree: (freed) => this.#free(freed),
      afterRead: (then) => {
        // The second turn: in the first, nothing is read any more when this one was reading.
        if (this.#due.push(then) === 1) setImmediate(() => setImmediate(() => this.#runDue()));
      },
    });
    this.#all.push(connection);
    return connection;
  }

  #free(connection: HttpConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#idle.push(connection);
      if (this.#closed === null) this.#sweepTimer ??= setInterval(() => this.#sweep(), sweepMs).unref();
      return;
    }
    if (this.#waiting.length === 0) this.#onDrained?.();
    connection.dispatch(next.request, next.exchange);
  }

  #runDue(): void {
    const due = this.#due;
    this.#due = [];
    for (const then of due) then();
  }

  #sweep(): void {
    const now = performance.now();
    let open = false;
    for (const connection of this.#idle) open = connection.sweep(now) || open;
    if (open || this.#sweepTimer === null) return;
    // A timer that ran for ever would keep alive what nobody closed.
    clearInterval(this.#sweepTimer);
    this.#sweepTimer = null;
  }

  /** Null for one that cannot be written. */
  #headOf({ method, path, headers }: ConnectionRequest): string | null {
    const last = this.#head;
    if (last !== null && last.path === path && last.headers === headers && last.method === method)
      return last.text;
    if (!wirePath.test(path)) return null;
    let { host } = this.#url;
    let text = 'connection: keep-alive\r\n';
    for (let i = 0; i < headers.length; i += 2) {
      const [name = '', value = ''] = [headers[i], headers[i + 1]];
      if (!wireName.test(name) || !wireValue.test(value) || ours.has(name.toLowerCase())) return null;
      if (name.toLowerCase() === 'host') host = value;
      else text += `${name}: ${value}\r\n`;
    }
    text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${text}`;
    this.#head = { path, headers, method, text };
    return text;
  }
}
