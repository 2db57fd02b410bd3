import { Readable } from 'node:stream';
import { type Dispatcher, errors, Pool, ProxyAgent } from 'undici';
import { errorCode } from '../../base/errors.ts';
import { hiddenFromOthers, type Span } from '../../base/tracing.ts';
import type { Words } from '../../texts/catalogue.ts';
import { transportWords } from '../../texts/transport.ts';
import { errcodeInfo } from '../errcodes/errcodes.ts';
import { type TransportReason, WechatTransportError } from '../error.ts';
import { errcodeIn } from '../http/answer.ts';
import { queryString } from '../http/request.ts';
import { noteRelayed, noteTokenRefused, requestSpan } from '../http/spans.ts';
import type { TokenAuthority } from '../token/authority.ts';
import { withoutToken } from './without-token.ts';

export interface RelayRequest {
  method: 'GET' | 'POST';
  /** As WeChat names it, e.g. `/cgi-bin/user/get`. */
  path: string;
  /** `a=1&b=2` as it goes on the wire; an access_token in it is left out. */
  query: string;
  contentType: string | null;
  accept: string | null;
  /** What is whole can be sent again with another token; a stream comes with its length. */
  body: Buffer | { stream: Readable; bytes: number } | null;
  signal: AbortSignal;
}

export interface RelayAnswer {
  status: number;
  /** Those that are about the body. */
  headers: Record<string, string>;
  /** WeChat's clock when it answered, to the second, Unix ms; null: the answer has no valid Date. */
  dateMs: number | null;
  body: Readable;
  /** Of an answer that is one; null for whatever is no JSON object or has none. */
  errcode: number | null;
}

export interface RelayOptions {
  appid: string;
  baseUrl: string;
  proxy: string | null;
  connectTimeoutMs: number;
  token: TokenAuthority;
}

/** Most requests of an account at once; more wait. */
const connections = 16;
/** WeChat has so long to begin with an answer once it has the request, and between its pieces. */
const answerTimeoutMs = 60_000;
/** An answer that is longer is cut: WeChat's media are 10 MB at most. */
const mostAnswerBytes = 64 * 1024 * 1024;
/** Refusals are shorter: what is longer is not looked at. */
const refusalBytes = 4 * 1024;
/** Of an answer, what is about its body; anything else may be about the connection, or repeat the address with the token. */
const passedHeaders = ['content-type', 'content-length', 'content-encoding', 'content-disposition'] as const;

/**
 * Requests of other programs, passed on with the account's token, which they never see. Over connections of its own, so that
 * they wait for no message and no message for them.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #base: URL;
  #dispatcher: Dispatcher | null = null;
  #isClosed = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#base = new URL(options.baseUrl);
  }

  /**
   * Sends a request, and again with another token where WeChat refused that of the first (40001, 40014, 42001): it has
   * done nothing then. Nothing else is repeated, and no body that is no longer there.
   *
   * Throws what the token source threw, and `WechatTransportError`.
   */
  async send(request: RelayRequest): Promise<RelayAnswer> {
    const { appid } = this.#options;
    const { method, path } = request;
    return await requestSpan({ appid, method, path, host: this.#base.host }, async (span) => {
      const answer = await this.#inTwoTries(request, span);
      if (span !== null) noteRelayed(span, answer);
      return answer;
    });
  }

  async #inTwoTries(request: RelayRequest, span: Span | null): Promise<RelayAnswer> {
    const { token: authority } = this.#options;
    const token = await authority.get();
    const first = await this.#ask(request, token);
    if (token === '' || first.errcode === null || !isTokenRefused(first.errcode, request.path)) return first;
    noteTokenRefused(span, first.errcode);
    const next = await authority.replaceStale(token).catch(() => token);
    const isGone = request.body !== null && !Buffer.isBuffer(request.body);
    if (next === token || isGone) return first;
    first.body.destroy();
    return await this.#ask(request, next);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#dispatcher?.close();
  }

  async #ask(request: RelayRequest, token: string): Promise<RelayAnswer> {
    const { method, body, contentType, accept, signal } = request;
    // undici counts the bytes of a body whose length it is told.
    const stream = body === null || Buffer.isBuffer(body) ? null : body;
    let answer: Dispatcher.ResponseData;
    try {
      const connections = this.#connections();
      answer = await hiddenFromOthers(() =>
        connections.request({
          origin: this.#base.origin,
          path: this.#base.pathname.replace(/\/+$/, '') + targetOf(request, token),
          method,
          headers: {
            // WeChat's uploads want a length (41005); what is packed could hide the token.
            'accept-encoding': 'identity',
            ...(contentType === null ? {} : { 'content-type': contentType }),
            ...(accept === null ? {} : { accept }),
            ...(stream === null ? {} : { 'content-length': String(stream.bytes) }),
          },
          body: stream === null ? (body as Buffer | null) : stream.stream, // the other case of the two
          signal,
          headersTimeout: answerTimeoutMs,
          bodyTimeout: answerTimeoutMs,
        }),
      );
    } catch (error) {
      throw this.#unanswered(error, request);
    }
    const pieces: AsyncIterator<Buffer> = answer.body[Symbol.asyncIterator](); // no encoding is set
    const { begin, isWhole } = await beginningOf(pieces).catch((error: unknown) => {
      throw this.#unanswered(error, request);
    });
    const rest = isWhole ? begin : withRest(begin, pieces);
    const headers: Record<string, string> = {};
    for (const name of passedHeaders) {
      const value = answer.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    return {
      status: answer.statusCode,
      headers,
      dateMs: dateOf(answer.headers.date),
      body: Readable.from(limited(withoutToken(rest, token)), { objectMode: false }),
      errcode: isWhole ? errcodeIn(Buffer.concat(begin).toString('utf8')) : null,
    };
  }

  #connections(): Dispatcher {
    if (this.#isClosed) throw new errors.ClientClosedError();
    const { proxy, connectTimeoutMs: timeout } = this.#options;
    const shared = { connections, pipelining: 1, allowH2: false, connect: { timeout } };
    this.#dispatcher ??=
      proxy === null
        ? new Pool(this.#base.origin, shared)
        : new ProxyAgent({ ...shared, uri: proxy, proxyTunnel: true });
    return this.#dispatcher;
  }

  #unanswered(error: unknown, { method, path, signal }: RelayRequest): WechatTransportError {
    const code = errorCode(error) ?? (error instanceof Error ? error.name : '');
    const { reason, what } = signal.aborted
      ? ({ reason: 'aborted', what: transportWords.aborted } as const)
      : reasonOf(code);
    return new WechatTransportError({ reason, what, method, path, host: this.#base.host, cause: error });
  }
}

/** Only what certainly comes before the first byte is told as "never left". */
function reasonOf(code: string): { reason: TransportReason; what: Words } {
  if (/^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/.test(code))
    return { reason: 'timeout', what: transportWords.silent(answerTimeoutMs) };
  const isBefore =
    /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/;
  if (isBefore.test(code)) return { reason: 'connect', what: transportWords.noConnection(code) };
  return { reason: 'reset', what: transportWords.lost(code) };
}

function isTokenRefused(errcode: number, path: string): boolean {
  return errcodeInfo(errcode, path).action === 'refresh';
}

/** Path and query with the account's token in the place of whatever token the program has. */
function targetOf({ path, query }: RelayRequest, token: string): string {
  const others = query.split('&').filter((one) => one !== '' && !isToken(one));
  const own = token === '' ? '' : queryString({ access_token: token });
  const joined = others.join('&');
  if (joined === '') return path + own;
  return `${path}${own === '' ? '?' : `${own}&`}${joined}`;
}

/** `access_token=…`, however it is spelled. */
function isToken(pair: string): boolean {
  const [name = ''] = pair.split('=', 1);
  try {
    return decodeURIComponent(name.replaceAll('+', ' ')).trim().toLowerCase() === 'access_token';
  } catch {
    return true; // what cannot be read is not passed on
  }
}

/** The pieces until there are enough of them to know that it is no refusal, or all. */
async function beginningOf(pieces: AsyncIterator<Buffer>): Promise<{ begin: Buffer[]; isWhole: boolean }> {
  const begin: Buffer[] = [];
  let bytes = 0;
  while (bytes <= refusalBytes) {
    const { done, value } = await pieces.next();
    if (done === true) return { begin, isWhole: true };
    begin.push(value);
    bytes += value.length;
  }
  return { begin, isWhole: false };
}

async function* withRest(begin: Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* begin;
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    await rest.return?.();
  }
}

async function* limited(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) throw new RangeError(`an answer of over ${mostAnswerBytes} bytes`);
    yield chunk;
  }
}

function dateOf(header: string | string[] | undefined): number | null {
  const at = typeof header === 'string' ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
