import { type Clock, systemClock } from '../../base/clock.ts';
import { failure } from '../../base/errors.ts';
import { parseAnswer } from '../http/answer.ts';
import { parseWechatJson } from '../http/json.ts';
import { chooseProxy } from '../http/proxy.ts';
import { requestSpan, type SpanSubject } from '../http/spans.ts';
import { Transport } from '../http/transport.ts';
import type { StoredToken } from './store.ts';

/**
 * Where an account's access_token comes from.
 *
 * - `secret`: fetched with the AppSecret. `stable` (default) asks `/cgi-bin/stable_token` in normal mode, which
 *   never invalidates the token of another program; `classic` asks `/cgi-bin/token`, where every fetch does.
 * - `url`: fetched by GET from a server that already holds the tokens (中控服务器, or a third-party platform's
 *   authorizer token). It answers `{"access_token", "expires_in"}`, the same inside `data`, or the bare token.
 * - `none`: no token at all; inside WeChat's cloud (云调用) the gateway adds it.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-access-token/api_getstableaccesstoken.html
 */
export type TokenSource =
  | { kind: 'secret'; secret: string; mode?: 'stable' | 'classic' }
  | { kind: 'url'; url: string; headers?: Record<string, string> }
  | { kind: 'none' };

/** Fetches from one source, every time it is asked. */
export interface TokenFetcher {
  fetch(force: boolean): Promise<StoredToken>;
  close(): Promise<void>;
}

export interface TokenFetcherOptions {
  appid: string;
  /** To WeChat; used by `secret`. */
  transport: Transport;
  /** For `url`, whose server is another one than WeChat's. */
  httpsProxy?: string | undefined;
  noProxy?: string | undefined;
  connectTimeoutMs?: number | undefined;
  clock?: Clock;
}

const classicPath = '/cgi-bin/token';
const stablePath = '/cgi-bin/stable_token';
/** Even the path of a `url` source may be a key: errors and spans show these words in its place. */
const urlLabel = '(token URL)';

const jsonHeaders = ['content-type', 'application/json; charset=utf-8'];

/** Without a stated life the token of a `url` source is asked for again after this time. */
const unstatedLifeMs = 5 * 60_000;

export function createTokenFetcher(source: TokenSource, options: TokenFetcherOptions): TokenFetcher {
  const fetcher = fetcherOf(source, options);
  const subject = subjectOf(source, options);
  if (subject === null) return fetcher;
  return {
    fetch: (force) => requestSpan(subject, () => fetcher.fetch(force)),
    close: () => fetcher.close(),
  };
}

/** What its span is about; null where nothing is asked. */
function subjectOf(source: TokenSource, { appid, transport }: TokenFetcherOptions): SpanSubject | null {
  if (source.kind === 'none') return null;
  if (source.kind === 'url')
    return { appid, method: 'GET', path: urlLabel, host: new URL(source.url).host, isWechats: false };
  const { host } = transport;
  return source.mode === 'classic'
    ? { appid, method: 'GET', path: classicPath, host }
    : { appid, method: 'POST', path: stablePath, host };
}

function fetcherOf(source: TokenSource, options: TokenFetcherOptions): TokenFetcher {
  switch (source.kind) {
    case 'secret':
      return secretFetcher(source, options);
    case 'url':
      return urlFetcher(source, options);
    case 'none':
      return { fetch: refuseFetch, close: async () => {} };
  }
}

async function refuseFetch(): Promise<StoredToken> {
  throw failure('TOKEN_SOURCE_NONE', {});
}

function secretFetcher(source: TokenSource & { kind: 'secret' }, options: TokenFetcherOptions): TokenFetcher {
  const { appid, transport } = options;
  const { host } = transport;
  const clock = options.clock ?? systemClock;
  return {
    async fetch(force) {
      const asked = clock.now();
      const { secret } = source;
      if (source.mode === 'classic') {
        const path = classicPath;
        const query = `?grant_type=client_credential&appid=${encodeURIComponent(appid)}&secret=${encodeURIComponent(secret)}`;
        const text = await transport.request({ method: 'GET', path: path + query });
        return fromAnswer(parseAnswer(text, { method: 'GET', path, host, isSecret: true }), asked, 'WeChat');
      }
      const path = stablePath;
      const body = JSON.stringify({
        grant_type: 'client_credential',
        appid,
        secret,
        force_refresh: force,
      });
      const text = await transport.request({ method: 'POST', path, body, headers: jsonHeaders });
      return fromAnswer(parseAnswer(text, { method: 'POST', path, host, isSecret: true }), asked, 'WeChat');
    },
    close: async () => {},
  };
}

function urlFetcher(source: TokenSource & { kind: 'url' }, options: TokenFetcherOptions): TokenFetcher {
  const url = URL.canParse(source.url) ? new URL(source.url) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '') {
    // The URL may hold a key, so it is not repeated.
    throw failure('TOKEN_URL_INVALID', {}, { details: { protocol: url?.protocol ?? null } });
  }
  const clock = options.clock ?? systemClock;
  const { httpsProxy, noProxy, connectTimeoutMs } = options;
  const transport = new Transport({
    baseUrl: url.origin,
    proxy: chooseProxy(url, { httpsProxy, noProxy }),
    connections: 1,
    clock,
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
  });
  const headers = Object.entries(source.headers ?? {}).flat();
  return {
    async fetch() {
      const asked = clock.now();
      const path = url.pathname + url.search;
      const text = await transport.request({ method: 'GET', path, label: urlLabel, headers });
      const bare = bareToken(text);
      if (bare !== undefined) return { token: bare, expiresAt: asked + unstatedLifeMs };
      const answer = parseAnswer(text, { method: 'GET', path: urlLabel, host: url.host, isSecret: true });
      return fromAnswer(inner(answer), asked, url.host, unstatedLifeMs);
    },
    close: () => transport.close(),
  };
}

/** `{data: {access_token}}`, as many central servers wrap it. */
function inner(answer: Record<string, unknown>): Record<string, unknown> {
  const { data } = answer;
  if (answer.access_token !== undefined || typeof data !== 'object' || data === null) return answer;
  // A non-null object out of JSON.parse; an array in its place has no access_token and is refused below.
  return data as Record<string, unknown>;
}

/** WeChat's tokens have letters and digits and over a hundred characters; "unauthorized" is none. */
function bareToken(text: string): string | undefined {
  const trimmed = text.trim().replace(/^"(.*)"$/, '$1');
  const isToken = /^(?=.*\d)(?=.*[A-Za-z])[\w.~+/=@!-]{10,2048}$/.test(trimmed);
  return isToken && parseWechatJson(text) === undefined ? trimmed : undefined;
}

/** @param unstatedMs the life of a token whose answer does not state it; without it the answer must */
function fromAnswer(
  answer: Record<string, unknown>,
  asked: number,
  from: string,
  unstatedMs?: number,
): StoredToken {
  const { access_token: token, expires_in: stated } = answer;
  const isToken = typeof token === 'string' && /^[\x21-\x7e]{1,2048}$/.test(token);
  const lifeMs = stated === undefined || stated === null ? unstatedMs : lifeOf(stated);
  if (!isToken || lifeMs === undefined) {
    throw failure(
      'TOKEN_ANSWER_INVALID',
      { from, most: longestLifeS },
      { details: { from, keys: Object.keys(answer).slice(0, 20), hasToken: isToken } },
    );
  }
  // The life counts from before the request: late by a round trip would be late for the hand-over.
  return { token, expiresAt: asked + lifeMs };
}

/** WeChat's live for 7,200 s. A point of time in place of a duration would be a token that never ends. */
const longestLifeS = 86_400;

function lifeOf(stated: unknown): number | undefined {
  const isNumber = typeof stated === 'number' || (typeof stated === 'string' && /^\d{1,9}$/.test(stated));
  const seconds = isNumber ? Number(stated) : Number.NaN;
  return seconds > 0 && seconds <= longestLifeS ? seconds * 1_000 : undefined;
}
