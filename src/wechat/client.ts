import { type Clock, type Moment, systemClock } from '../base/clock.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { inSpan, isTracing, type Span } from '../base/tracing.ts';
import { type BlacklistCalls, blacklistCalls } from './calls/blacklist.ts';
import type { WechatCall, WechatRequest } from './calls/call.ts';
import { type LoginCalls, loginCalls } from './calls/login.ts';
import { type MassCalls, massCalls } from './calls/mass.ts';
import { type MediaCalls, mediaCalls } from './calls/media.ts';
import { type MessageCalls, messageCalls } from './calls/messages.ts';
import { type NetworkCalls, networkCalls } from './calls/network.ts';
import { type QuotaCalls, quotaCalls } from './calls/quota.ts';
import { type TagCalls, tagCalls } from './calls/tags.ts';
import {
  type OaTemplateCalls,
  oaTemplateCalls,
  type SubscribeTemplateCalls,
  subscribeTemplateCalls,
} from './calls/templates.ts';
import { type UserCalls, userCalls } from './calls/users.ts';
import { errcodeInfo } from './errcodes/errcodes.ts';
import { WechatError } from './error.ts';
import {
  type AnswerOrigin,
  parseAnswer,
  parseSendAnswer,
  readAnswer,
  type SendAnswer,
  sendAnswerOfFailure,
} from './http/answer.ts';
import { chooseProxy, type ProxySettings } from './http/proxy.ts';
import { encodeForm, queryString } from './http/request.ts';
import {
  noteAnswer,
  noteTokenRefused,
  requestSpan,
  type SpanOrigin,
  startRequestSpan,
} from './http/spans.ts';
import { Transport, type TransportRequest } from './http/transport.ts';
import { Relay } from './relay/relay.ts';
import { TokenAuthority } from './token/authority.ts';
import { createTokenFetcher, type TokenFetcher, type TokenSource } from './token/source.ts';
import { memoryTokenStore, type TokenStore } from './token/store.ts';

export interface WechatClientOptions extends ProxySettings {
  /** The account that this client speaks for. */
  appid: string;
  token: TokenSource;
  /**
   * Default `https://api.weixin.qq.com`. WeChat's other hosts (`api2`, `sh.api`, `sz.api`, `hk.api`
   * `.weixin.qq.com`), a forwarder with a path prefix, or a simulator.
   */
  baseUrl?: string;
  /** Most requests in flight; more wait. Default 64. About latency × wanted rate: 80 ms × 1,000/s = 80. */
  connections?: number;
  /** From the request being written to the end of its answer. Default 10,000 ms. */
  timeoutMs?: number;
  /** For TCP, TLS and the proxy's CONNECT, each. Default 5,000 ms. */
  connectTimeoutMs?: number;
  /** Default: this client's own memory. Clients and processes of one account should share one. */
  tokenStore?: TokenStore;
  logger?: Logger;
  clock?: Clock;
}

export interface SendOptions {
  /**
   * When the message must not be written any more: as soon as either clock says so, because the monotonic one (Node's
   * `performance.now()`) stands still while a machine sleeps, and the wall clock may be set.
   */
  deadline?: Moment;
  signal?: AbortSignal;
  /** Where OpenTelemetry is set up: what the request's span belongs to. Default: the active span. */
  trace?: SpanOrigin | undefined;
}

/**
 * Called exactly once, with what became of the message, and with the request's span, which ends when this returns; null
 * without OpenTelemetry.
 */
export type SendDone = (answer: SendAnswer, span: Span | null) => void;

const jsonHeaders = ['content-type', 'application/json; charset=utf-8'];

/**
 * One WeChat account: every typed call, the token behind them, and `send` for many messages.
 *
 * A call whose token WeChat rejects (40001, 40014, 42001, 41001) gets another token and is repeated once;
 * nothing else is ever repeated.
 *
 * @example
 * const client = new WechatClient({ appid, token: { kind: 'secret', secret } });
 * const { total } = await client.call({ method: 'GET', path: '/cgi-bin/user/get' }, z.object({ total: z.number() }));
 * await client.close();
 */
export class WechatClient {
  readonly appid: string;
  /** The account's access_token. */
  readonly token: TokenAuthority;
  /** Any call, its answer checked against a zod schema. A function without `this`, as the typed calls take it. */
  readonly call: WechatCall;
  /** One message, typed by channel. */
  readonly messages: MessageCalls;
  /** Followers of an Official Account. */
  readonly users: UserCalls;
  readonly tags: TagCalls;
  readonly blacklist: BlacklistCalls;
  /** Login of a Mini Program. */
  readonly login: LoginCalls;
  /** Temporary media, for kf and mass messages. */
  readonly media: MediaCalls;
  /** 群发: one content to all followers, a tag or a list. */
  readonly mass: MassCalls;
  /** Templates for `oa-template`. */
  readonly oaTemplates: OaTemplateCalls;
  /** Templates for `mp-subscribe` and `oa-subscribe`. */
  readonly subscribeTemplates: SubscribeTemplateCalls;
  readonly quota: QuotaCalls;
  /** Whether WeChat reaches this server, and from where. */
  readonly network: NetworkCalls;
  /** Requests of other programs, as they are; see `Relay.send`. */
  readonly relay: Relay;
  readonly #transport: Transport;
  readonly #fetcher: TokenFetcher;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Of spans. */
  readonly #subject: { appid: string; method: 'POST'; host: string };
  #targets = new Map<string, string>();
  #targetsToken = '';

  constructor(options: WechatClientOptions) {
    const { appid, proxy, httpsProxy, noProxy, connectTimeoutMs } = options;
    const baseUrl = options.baseUrl ?? 'https://api.weixin.qq.com';
    const outbound = URL.canParse(baseUrl)
      ? chooseProxy(new URL(baseUrl), { proxy, httpsProxy, noProxy })
      : null;
    this.appid = appid;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#transport = new Transport({
      baseUrl,
      proxy: outbound,
      clock: this.#clock,
      ...(options.connections === undefined ? {} : { connections: options.connections }),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    });
    this.#subject = { appid, method: 'POST', host: this.#transport.host };
    this.#fetcher = createTokenFetcher(options.token, {
      appid,
      transport: this.#transport,
      httpsProxy,
      noProxy,
      connectTimeoutMs,
      clock: this.#clock,
    });
    this.token = new TokenAuthority({
      appid,
      source: options.token,
      store: options.tokenStore ?? memoryTokenStore(this.#clock),
      fetcher: this.#fetcher,
      clock: this.#clock,
      logger: this.#logger,
    });
    this.relay = new Relay({
      ...{ appid, baseUrl, proxy: outbound, token: this.token },
      connectTimeoutMs: connectTimeoutMs ?? 5_000,
    });
    this.call = (request, shape) => this.#request(request, (text, origin) => readAnswer(text, origin, shape));
    this.messages = messageCalls(this.call);
    this.users = userCalls(this.call);
    this.tags = tagCalls(this.call);
    this.blacklist = blacklistCalls(this.call);
    this.login = loginCalls(this.call);
    this.media = mediaCalls(this.call);
    this.mass = massCalls(this.call);
    this.oaTemplates = oaTemplateCalls(this.call);
    this.subscribeTemplates = subscribeTemplateCalls(this.call);
    this.quota = quotaCalls(this.call);
    this.network = networkCalls(this.call);
  }

  /**
   * Makes any call of WeChat's server API and returns its parsed answer. `T` is the caller's word for its shape, of which
   * only the errcode is looked at: `call` checks the rest. 64-bit ids (`msgid`, `msg_id`, `msg_data_id` …) are text.
   *
   * Throws `WechatError` for an errcode other than 0 and `WechatTransportError` for no usable answer; also
   * what the token source threw.
   */
  request<T>(request: WechatRequest): Promise<T> {
    // The caller names the shape of the answer to its own request; only "a JSON object" was checked.
    return this.#request(request, (text, origin) => parseAnswer(text, origin) as T);
  }

  #request<T>(request: WechatRequest, read: (text: string, origin: AnswerOrigin) => T): Promise<T> {
    const { method, path } = request;
    return requestSpan({ ...this.#subject, method, path }, (span) => this.#inTwoTries(request, read, span));
  }

  async #inTwoTries<T>(
    request: WechatRequest,
    read: (text: string, origin: AnswerOrigin) => T,
    span: Span | null,
  ): Promise<T> {
    const wire = await this.#wire(request);
    const withToken = request.auth !== 'none';
    const token = withToken ? await this.token.get() : '';
    try {
      return read(await this.#exchange(request, wire, token), this.#origin(request));
    } catch (error) {
      if (!withToken || token === '' || !(error instanceof WechatError)) throw error;
      if (!isTokenRejected(error.errcode, request.path)) throw error;
      noteTokenRefused(span, error.errcode);
      const next = await this.token.replaceStale(token);
      if (next === token) throw error;
      return read(await this.#exchange(request, wire, next), this.#origin(request));
    }
  }

  #origin({ method, path, auth }: WechatRequest): AnswerOrigin {
    // What goes without a token brings a secret instead, and the answer may hold another.
    return { method, path, host: this.#transport.host, isSecret: auth === 'none' };
  }

  /**
   * Sends one message: POSTs `body`, already serialised as JSON in raw UTF-8, to `path` with the token.
   *
   * Never rejects: every outcome is a `SendAnswer`. Repeated only after a rejected token, once. The fast way
   * for many messages: it builds no headers, looks up no store, and parses the usual answer without JSON.
   *
   * @example
   * const answer = await client.send('/cgi-bin/message/template/send', JSON.stringify(message));
   */
  send(path: string, body: string, options?: SendOptions): Promise<SendAnswer> {
    return new Promise((resolve) => this.sendThen(path, body, options, resolve));
  }

  /** As `send`, with a function that is called exactly once instead of a promise, which costs a twentieth of a message. */
  sendThen(path: string, body: string, options: SendOptions | undefined, done: SendDone): void {
    const span = isTracing() ? startRequestSpan({ ...this.#subject, path }, options?.trace) : null;
    if (span === null) this.#sendFirst({ path, body, options, span, done });
    else inSpan(span, () => this.#sendFirst({ path, body, options, span, done: ending(span, done) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Waits for the calls under way, then closes the connections. Calls made afterwards fail as never left. */
  async close(): Promise<void> {
    await this.#transport.close();
    await this.relay.close();
    await this.#fetcher.close();
  }

  #sendFirst(message: Sending): void {
    const token = this.token.current();
    if (token !== undefined) this.#send(message, token, true);
    else
      this.token.get().then(
        (fetched) => this.#send(message, fetched, true),
        (error: unknown) => message.done(withoutToken(error), message.span),
      );
  }

  #send(message: Sending, token: string, replay: boolean): void {
    const { path, body, options, span, done } = message;
    this.#transport.exchange(
      {
        method: 'POST',
        path: this.#target(path, token),
        label: path,
        body,
        headers: jsonHeaders,
        deadline: options?.deadline,
        signal: options?.signal,
      },
      (text, failure) => {
        if (failure !== null) {
          done(sendAnswerOfFailure(failure), span);
          return;
        }
        // Without a failure there is a text.
        const answer = parseSendAnswer(text ?? '', path, this.#transport.host);
        const stale =
          replay && token !== '' && answer.kind === 'refused' && isTokenRejected(answer.errcode, path);
        if (stale) this.#resend(message, token, answer);
        else done(answer, span);
      },
    );
  }

  #resend(message: Sending, token: string, refusal: SendAnswer & { kind: 'refused' }): void {
    const { span, done } = message;
    noteTokenRefused(span, refusal.errcode);
    this.token.replaceStale(token).then(
      (next) => {
        if (next === token) done(refusal, span);
        else this.#send(message, next, false);
      },
      (error: unknown) => done(withoutToken(error), span),
    );
  }

  /** The path with its token, built once per path and token. */
  #target(path: string, token: string): string {
    if (token === '') return path;
    if (token !== this.#targetsToken) {
      this.#targets = new Map();
      this.#targetsToken = token;
    }
    let target = this.#targets.get(path);
    if (target === undefined) {
      target = path + queryString({ access_token: token });
      this.#targets.set(path, target);
    }
    return target;
  }

  async #wire(request: WechatRequest): Promise<Pick<TransportRequest, 'body' | 'headers'>> {
    if (request.form !== undefined) return encodeForm(request.form);
    if (request.body === undefined) return {};
    return { body: JSON.stringify(request.body), headers: jsonHeaders };
  }

  async #exchange(
    request: WechatRequest,
    wire: Pick<TransportRequest, 'body' | 'headers'>,
    token: string,
  ): Promise<string> {
    const { method, path, timeoutMs, signal } = request;
    const begun = this.#clock.monotonic();
    const query = queryString({ access_token: token === '' ? undefined : token, ...request.query });
    const text = await this.#transport.request({ method, path: path + query, timeoutMs, signal, ...wire });
    this.#logger.debug(
      { appid: this.appid, method, path, ms: this.#clock.monotonic() - begun },
      'wechat answered',
    );
    return text;
  }
}

/** One message on its way. */
interface Sending {
  path: string;
  body: string;
  options: SendOptions | undefined;
  span: Span | null;
  done: SendDone;
}

/** `done`, and the end of the span when it has returned. */
function ending(span: Span, done: SendDone): SendDone {
  return (answer) => {
    noteAnswer(span, answer);
    try {
      done(answer, span);
    } finally {
      span.end();
    }
  };
}

/** WeChat rejected the access_token itself (40001, 40014, 42001, 41001), so another one may help. */
function isTokenRejected(errcode: number, path: string): boolean {
  return errcodeInfo(errcode, path).action === 'refresh';
}

function withoutToken(error: unknown): SendAnswer {
  return {
    kind: 'not-sent',
    reason: 'token',
    error: error instanceof Error ? error : new Error(String(error)),
  };
}
