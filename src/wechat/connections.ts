import { buildConnector, Client, errors } from 'undici';
import type { ConnectionRequest, Exchange } from './exchange.ts';

export interface ConnectionsOptions {
  connections: number;
  connectTimeoutMs: number;
}

export const connectionOptions = {
  pipelining: 1,
  allowH2: false,
  // Exchange has one timer for the whole answer; undici's two only watch for silence, within ±500 ms.
  headersTimeout: 0,
  bodyTimeout: 0,
  // Idle connections are dropped before the gateway does so: a message written into a connection that
  // the other side has just closed is in doubt.
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 60_000,
} as const;

/**
 * The kept connections to one origin, one request on each at a time.
 *
 * undici's Pool looks through its connections for a free one at every request, and hands over by events: with 200 in
 * flight that is a quarter of a request's CPU. Here the free ones lie on a stack, so that those which were used last
 * are used first and the others can fall idle.
 */
export class Connections {
  readonly #origin: string;
  readonly #max: number;
  readonly #options: Client.Options;
  readonly #all: Client[] = [];
  readonly #idle: Client[] = [];
  #waiting: { request: ConnectionRequest; exchange: Exchange }[] = [];
  #closed = false;
  #onDrained: (() => void) | null = null;

  constructor(origin: string, { connections, connectTimeoutMs }: ConnectionsOptions) {
    this.#origin = origin;
    this.#max = connections;
    this.#options = {
      ...connectionOptions,
      // One for all, so that they share their TLS sessions.
      connect: buildConnector({ timeout: connectTimeoutMs, allowH2: false, maxCachedSessions: 100 }),
    };
  }

  /** Writes the request on a free connection, or as soon as there is one. */
  dispatch(request: ConnectionRequest, exchange: Exchange): void {
    if (this.#closed) {
      exchange.onResponseError(null, new errors.ClientClosedError());
      return;
    }
    const client = this.#idle.pop() ?? this.#open();
    if (client === undefined) this.#waiting.push({ request, exchange });
    else this.#write(client, request, exchange);
  }

  /** Waits for the requests that were dispatched, then closes the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
    }
    await Promise.all(this.#all.map((client) => client.close()));
  }

  #open(): Client | undefined {
    if (this.#all.length >= this.#max) return undefined;
    const client = new Client(this.#origin, this.#options);
    this.#all.push(client);
    return client;
  }

  #write(client: Client, request: ConnectionRequest, exchange: Exchange): void {
    exchange.onFree = (failed) => {
      // undici is still busy with the broken connection and checks that nothing new was given to it meanwhile.
      if (failed) setImmediate(() => this.#free(client));
      else this.#free(client);
    };
    client.dispatch(request, exchange);
  }

  #free(client: Client): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#idle.push(client);
      return;
    }
    if (this.#waiting.length === 0) this.#onDrained?.();
    this.#write(client, next.request, next.exchange);
  }
}
