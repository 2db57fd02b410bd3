import { Pool, ProxyAgent } from 'undici';
import { type Clock, type Moment, never, systemClock } from '../../base/clock.ts';
import { failure } from '../../base/errors.ts';
import { hiddenFromOthers } from '../../base/tracing.ts';
import { Connections } from './connections.ts';
import { type ConnectionRequest, Exchange, type ExchangeDone, type ExchangeSettings } from './exchange.ts';
import { Timeouts } from './timeouts.ts';

export interface TransportOptions {
  /** `https://host[:port][/prefix]`; a path prefix is kept before every path. */
  baseUrl: string;
  /** Proxy URL, or null for a direct connection (default). */
  proxy?: string | null;
  /** Most connections at once, and so most requests in flight. Default 64. */
  connections?: number;
  /** From the request being written to the end of its answer. Default 10,000 ms. */
  timeoutMs?: number;
  /** For TCP, TLS and the proxy's CONNECT, each. Default 5,000 ms. */
  connectTimeoutMs?: number;
  /** A larger answer is refused. Default 8 MiB; a full page of followers is 320 KB. */
  maxAnswerBytes?: number;
  clock?: Clock;
}

export interface TransportRequest {
  method: 'GET' | 'POST';
  /** Path with query, as it goes on the wire, without the base URL's prefix. */
  path: string;
  /** What errors show instead of the path; without it the path up to its `?`. */
  label?: string;
  body?: string | Buffer | null;
  /** Flat name, value, name, value; keep one array and pass it again. */
  headers?: string[];
  timeoutMs?: number | undefined;
  /** When the request must not be written any more, by the clocks of this transport. */
  deadline?: Moment | undefined;
  signal?: AbortSignal | undefined;
}

const noHeaders: string[] = [];

/** Of undici, through a proxy. Its keep-alive times are as those of our own connections. */
const proxiedOptions = {
  pipelining: 1,
  allowH2: false,
  // Exchange has one timer for the whole answer; undici's two only watch for silence, within ±500 ms.
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 60_000,
} as const;

/**
 * HTTP/1.1 to one origin, over kept connections.
 *
 * Tells "never left" from "left, no answer" (see `WechatTransportError`) and never repeats a request by
 * itself. HTTP/2 and pipelining are off: in both, one broken connection puts several messages in doubt.
 */
export class Transport {
  readonly #dispatcher: Connections | ProxyAgent;
  readonly #timeouts: Timeouts;
  readonly #origin: string;
  readonly #prefix: string;
  readonly #settings: ExchangeSettings;

  constructor(options: TransportOptions) {
    const base = parseBaseUrl(options.baseUrl);
    const connectTimeoutMs = options.connectTimeoutMs ?? 5_000;
    this.#origin = base.origin;
    this.#prefix = base.pathname.replace(/\/+$/, '');
    const timeoutMs = options.timeoutMs ?? 10_000;
    this.#timeouts = new Timeouts(timeoutMs);
    this.#settings = {
      host: base.host,
      clock: options.clock ?? systemClock,
      timeouts: this.#timeouts,
      timeoutMs,
      maxAnswerBytes: options.maxAnswerBytes ?? 8 * 1024 * 1024,
    };
    const connections = options.connections ?? 64;
    this.#dispatcher =
      options.proxy == null
        ? new Connections(base.origin, { connections, connectTimeoutMs })
        : throughProxy(options.proxy, connections, connectTimeoutMs);
  }

  /** Host and port of the base URL, for errors. */
  get host(): string {
    return this.#settings.host;
  }

  /** Writes the request as soon as a connection is free; `done` is called exactly once. */
  exchange(request: TransportRequest, done: ExchangeDone): void {
    const exchange = new Exchange(
      this.#settings,
      request.method,
      request.label ?? withoutQuery(request.path),
      request.timeoutMs ?? this.#settings.timeoutMs,
      request.deadline ?? never,
      request.signal,
      done,
    );
    if (!exchange.begin()) return;
    const wire: ConnectionRequest = {
      origin: this.#origin,
      path: this.#prefix === '' ? request.path : this.#prefix + request.path,
      method: request.method,
      headers: request.headers ?? noHeaders,
      body: request.body ?? null,
    };
    const dispatcher = this.#dispatcher;
    if (dispatcher instanceof Connections) dispatcher.dispatch(wire, exchange);
    else hiddenFromOthers(() => dispatcher.dispatch(wire, exchange));
  }

  /** As `exchange`, as a promise of the answer's text; rejects with `WechatTransportError`. */
  request(request: TransportRequest): Promise<string> {
    return new Promise((resolve, reject) => {
      this.exchange(request, (text, failure) => {
        if (text === null) reject(failure);
        else resolve(text);
      });
    });
  }

  /** Waits for the requests under way, then closes the connections. */
  async close(): Promise<void> {
    await this.#dispatcher.close();
    this.#timeouts.close();
  }
}

function throughProxy(uri: string, connections: number, connectTimeoutMs: number): ProxyAgent {
  return new ProxyAgent({
    ...proxiedOptions,
    connections,
    connectTimeout: connectTimeoutMs,
    uri,
    proxyTunnel: true,
    // Without a limit of its own, a proxy that accepts and stays silent would hold a request 300 s.
    clientFactory: (origin, opts) => new Pool(origin, { ...opts, headersTimeout: connectTimeoutMs }),
  });
}

function withoutQuery(path: string): string {
  const at = path.indexOf('?');
  return at < 0 ? path : path.slice(0, at);
}

function parseBaseUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const plain =
    url !== undefined && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (url === undefined || !plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    const details = { host: url?.host ?? null, protocol: url?.protocol ?? null };
    throw failure('BASE_URL_INVALID', {}, { details });
  }
  return url;
}
