import type { Socket } from 'node:net';
import { type buildConnector, errors } from 'undici';
import type { Exchange } from './exchange.ts';
import { ResponseParser, type ResponseSink } from './response.ts';

/** A connection that nobody used for so long is not used again, unless the server says how long it keeps it. */
const idleMs = 4_000;
const longestIdleMs = 60_000;
/** A message written into a connection that the server closes at the same moment is in doubt: it is left so much earlier, s. */
const idleMarginS = 2;

/** A request as it goes on the wire. */
export interface WireRequest {
  /** Request line and headers without `content-length`, ending in CRLF. ASCII. */
  head: string;
  body: string | Buffer | null;
}

export interface HttpConnectionDeps {
  /** Opens a socket: TCP, or TLS on it. */
  connect: buildConnector.connector;
  target: buildConnector.Options;
  /** It can take the next request. Called before the exchange hears of its end. */
  onFree(connection: HttpConnection): void;
  /** Calls it once the event loop has read what came in meanwhile. */
  afterRead(then: () => void): void;
}

/**
 * One kept connection with at most one request on it. It is opened by the first request, and again when it was closed.
 *
 * A request is written exactly once, right after `onRequestStart`, in one piece. Whatever ends the connection before
 * is an error without a start, whatever does so afterwards an error with one: nothing is ever written again.
 *
 * On a kept connection it is written two turns of the event loop later: bytes that answer nothing, or the end, may lie
 * unread in the socket, and would be taken for its answer or put it in doubt.
 *
 * Why there is one of our own, and what it refuses: docs/http-connection.md.
 */
export class HttpConnection implements ResponseSink {
  readonly #deps: HttpConnectionDeps;
  readonly #parser = new ResponseParser(this);
  #socket: Socket | null = null;
  #exchange: Exchange | null = null;
  /** The request of the exchange is on the wire. */
  #written = false;
  /** A request waits for what may still lie in the kept connection to be read. */
  #checking = false;
  #refused = false;
  #usableUntil = 0;
  #onClosed: (() => void) | null = null;
  #closing = false;

  constructor(deps: HttpConnectionDeps) {
    this.#deps = deps;
  }

  /** Only while no other request is on it. */
  dispatch(request: WireRequest, exchange: Exchange): void {
    this.#exchange = exchange;
    this.#written = false;
    const socket = this.#socket;
    if (socket !== null && performance.now() < this.#usableUntil) {
      socket.ref();
      // Its end, or bytes that would be taken for the answer, may lie in it unread.
      this.#checking = true;
      this.#deps.afterRead(() => {
        this.#checking = false;
        if (this.#socket === socket) this.#write(socket, request, exchange);
        else this.#connect(request, exchange);
      });
      return;
    }
    this.#drop();
    this.#connect(request, exchange);
  }

  /** Of the request under way. Before it is written: it is not written. */
  abort(error: Error): void {
    if (this.#written) this.#fail(error);
    else this.#refused = true;
  }

  /** Closes the socket if nobody will use it again; true when it stays open. */
  sweep(now: number): boolean {
    if (this.#exchange === null && now >= this.#usableUntil) this.#drop();
    return this.#socket !== null;
  }

  /** Waits for the request under way, then closes. */
  close(): Promise<void> {
    this.#closing = true;
    if (this.#exchange === null) {
      this.#drop();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  onHead(status: number): void {
    this.#exchange?.onResponseStart(this, status);
  }

  onBody(bytes: Buffer): void {
    this.#exchange?.onResponseData(this, bytes);
  }

  onEnd(reusable: boolean, idleS: number | null): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    if (reusable && !this.#closing) {
      const ms = idleS === null ? idleMs : Math.min(longestIdleMs, (idleS - idleMarginS) * 1000);
      this.#usableUntil = performance.now() + ms;
      this.#socket?.unref();
    } else this.#drop();
    this.#free();
    exchange.onResponseEnd();
  }

  #connect(request: WireRequest, exchange: Exchange): void {
    try {
      this.#deps.connect(this.#deps.target, (error, opened) => {
        if (opened == null) this.#fail(error);
        else this.#open(opened, request, exchange);
      });
    } catch (error) {
      // What TLS is configured with. In a turn of its own: the next in line will fare the same.
      setImmediate(() => this.#fail(error instanceof Error ? error : new Error(String(error))));
    }
  }

  #open(socket: Socket, request: WireRequest, exchange: Exchange): void {
    this.#socket = socket;
    const mine = (then: () => void) => (): void => {
      if (this.#socket === socket) then();
    };
    socket.on('data', (bytes: Buffer) => {
      if (this.#socket === socket) this.#read(bytes);
    });
    socket.on('error', (error) => {
      if (this.#socket === socket) this.#fail(error);
    });
    const ended = mine(() => {
      if (!this.#parser.finish()) this.#fail(new errors.SocketError('other side closed'));
    });
    socket.on('end', ended);
    socket.on('close', ended);
    this.#write(socket, request, exchange);
  }

  #write(socket: Socket, { head, body }: WireRequest, exchange: Exchange): void {
    this.#refused = false;
    exchange.onRequestStart(this);
    if (this.#refused) {
      // Nothing is written, and the next request may have it.
      this.#usableUntil = performance.now() + idleMs;
      socket.unref();
      this.#free();
      exchange.onResponseError(this, new Error('refused before it was written'));
      return;
    }
    this.#written = true;
    this.#parser.expect();
    if (typeof body === 'string') {
      socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, 'utf8');
    } else if (body === null) {
      socket.write(`${head}${head.startsWith('GET') ? '' : 'content-length: 0\r\n'}\r\n`, 'latin1');
    } else {
      socket.cork();
      socket.write(`${head}content-length: ${body.length}\r\n\r\n`, 'latin1');
      socket.write(body);
      socket.uncork();
    }
  }

  #read(bytes: Buffer): void {
    try {
      this.#parser.push(bytes);
    } catch (error) {
      // Only the parser throws here: an exchange catches what its caller throws.
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error | null): void {
    const exchange = this.#exchange;
    this.#drop();
    if (exchange === null || this.#checking) return;
    this.#free();
    exchange.onResponseError(this, error ?? new errors.SocketError('no connection'));
  }

  #free(): void {
    this.#exchange = null;
    this.#written = false;
    if (this.#onClosed !== null) {
      this.#drop();
      this.#onClosed();
    }
    this.#deps.onFree(this);
  }

  #drop(): void {
    this.#parser.stop();
    this.#usableUntil = 0;
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }
}
