import type { Dispatcher } from 'undici';
import { type Clock, isOver, type Moment, momentOf, never } from '../../base/clock.ts';
import type { Words } from '../../texts/catalogue.ts';
import { transportWords } from '../../texts/transport.ts';
import { type TransportReason, WechatTransportError } from '../error.ts';
import type { Timed, Timeouts } from './timeouts.ts';

/** Called exactly once: with the text of a 200 answer, or with the reason why there is none. */
export type ExchangeDone = (text: string | null, failure: WechatTransportError | null) => void;

/** A request as the connections take it, and undici's way through a proxy. */
export interface ConnectionRequest {
  origin: string;
  path: string;
  method: 'GET' | 'POST';
  headers: string[];
  body: string | Buffer | null;
}

/** What all exchanges of one transport share. */
export interface ExchangeSettings {
  host: string;
  clock: Clock;
  /** For those of the usual length. */
  timeouts: Timeouts;
  timeoutMs: number;
  maxAnswerBytes: number;
}

/** What the exchange may do to the request under way. */
export interface ExchangeController {
  abort(reason: Error): void;
}

/**
 * One request and its answer: the handler of our connections and, through a proxy, of undici.
 *
 * Both call `onRequestStart` in the same turn in which they write to the socket, and never write without it. So an
 * error before it means that no byte has left, and any error after it that bytes may have.
 */
export class Exchange implements Dispatcher.DispatchHandler, Timed {
  expiresAt = 0;
  earlier: Timed | null = null;
  later: Timed | null = null;
  readonly #settings: ExchangeSettings;
  readonly #method: 'GET' | 'POST';
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #deadline: Moment;
  readonly #signal: AbortSignal | undefined;
  readonly #done: ExchangeDone;
  #controller: ExchangeController | null = null;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;
  #status = 0;
  #bytes = 0;
  #first: Buffer | undefined;
  #rest: Buffer[] | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    settings: ExchangeSettings,
    method: 'GET' | 'POST',
    /** For errors: without the query. */
    path: string,
    timeoutMs: number,
    /** When it must not be written any more. */
    deadline: Moment,
    signal: AbortSignal | undefined,
    done: ExchangeDone,
  ) {
    this.#settings = settings;
    this.#method = method;
    this.#path = path;
    this.#timeoutMs = timeoutMs;
    this.#deadline = deadline;
    this.#signal = signal;
    this.#done = done;
  }

  /** False when it is too late to start; `done` has then been called. */
  begin(): boolean {
    if (this.#isLate()) {
      this.#fail('deadline', transportWords.late);
      return false;
    }
    const signal = this.#signal;
    if (signal === undefined) return true;
    if (signal.aborted) {
      this.#fail('cancelled', transportWords.cancelled);
      return false;
    }
    this.#onAbort = (): void => {
      if (this.#controller === null) this.#fail('cancelled', transportWords.cancelled);
      else this.#giveUp('aborted', transportWords.aborted);
    };
    signal.addEventListener('abort', this.#onAbort, { once: true });
    return true;
  }

  onRequestStart(controller: ExchangeController): void {
    if (this.#settled) {
      controller.abort(new Error('cancelled before it was sent'));
      return;
    }
    if (this.#controller !== null) {
      // It would be written a second time; no case is known, and a message must not go out twice.
      this.#fail('reset', transportWords.lostAfterWrite);
      controller.abort(new Error('refused to write the request a second time'));
      return;
    }
    if (this.#isLate()) {
      this.#fail('deadline', transportWords.lateInQueue);
      controller.abort(new Error('deadline'));
      return;
    }
    this.#controller = controller;
    if (this.#timeoutMs === this.#settings.timeoutMs) this.#settings.timeouts.add(this);
    else this.#timer = setTimeout(onTimer, this.#timeoutMs, this);
  }

  #isLate(): boolean {
    return this.#deadline !== never && isOver(this.#deadline, momentOf(this.#settings.clock));
  }

  onResponseStart(_controller: ExchangeController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: ExchangeController, chunk: Buffer): void {
    if (this.#status !== 200 || this.#settled) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#settings.maxAnswerBytes) {
      this.#giveUp('unparsable', transportWords.tooLarge(this.#settings.maxAnswerBytes));
      return;
    }
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#rest === undefined) this.#rest = [this.#first, chunk];
    else this.#rest.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    if (this.#status !== 200) {
      this.#failByStatus();
      return;
    }
    const bytes = this.#rest === undefined ? this.#first : Buffer.concat(this.#rest);
    this.#settle(bytes === undefined ? '' : bytes.toString('utf8'), null);
  }

  onResponseError(_controller: ExchangeController | null, error: Error): void {
    if (this.#settled) return;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    if (this.#controller === null) {
      this.#fail('connect', notStarted(code), error);
    } else if (this.#status !== 0 && this.#status !== 200) {
      this.#failByStatus();
    } else if (error.name === 'HTTPParserError') {
      this.#fail('unparsable', transportWords.notHttp(code), error);
    } else {
      this.#fail('reset', transportWords.lost(code), error);
    }
  }

  /** The answer's time is up. */
  timeOut(): void {
    // When the event loop was blocked, the answer may already lie in the socket: read before judging.
    setImmediate(() => {
      this.#giveUp('timeout', transportWords.silent(this.#timeoutMs));
    });
  }

  #failByStatus(): void {
    if (this.#status === 503) this.#fail('busy', transportWords.busy);
    else this.#fail('gateway', transportWords.gateway(this.#status));
  }

  #giveUp(reason: TransportReason, what: Words): void {
    if (this.#settled) return;
    this.#fail(reason, what);
    this.#controller?.abort(new Error(what.en));
  }

  #fail(reason: TransportReason, what: Words, cause?: unknown): void {
    const { host } = this.#settings;
    const status = this.#status === 0 ? undefined : this.#status;
    const method = this.#method;
    const path = this.#path;
    this.#settle(null, new WechatTransportError({ reason, what, method, path, host, status, cause }));
  }

  #settle(text: string | null, failure: WechatTransportError | null): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settings.timeouts.remove(this);
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    try {
      this.#done(text, failure);
    } catch (error) {
      // Thrown here it would be taken for a failure of the request, and nobody would hear of it.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function notStarted(code: string): Words {
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') return transportWords.closed;
  if (code === 'UND_ERR_INVALID_ARG') return transportWords.unwritable;
  return transportWords.noConnection(code);
}

function onTimer(exchange: Exchange): void {
  exchange.timeOut();
}
