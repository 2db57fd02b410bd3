import type { AccountKind } from '../options.ts';
import type { Account } from '../state/account.ts';
import type { World } from '../state/world.ts';
import type { Answer, Failure } from './answers.ts';

/** The parsed JSON object of a body; `{}` where there is none. */
export type Body = Record<string, unknown>;

/** One request on its way through the checks. */
export interface Call {
  route: Route;
  account: Account;
  /** Raw query string without the question mark. */
  query: string;
  body: Body;
  raw: Buffer;
  contentType: string;
  ip: string;
  nowMs: number;
  /** Set by a handler: that follower is locked until the answer is written. */
  locked: number | undefined;
  /** Set by a handler: the answer waits until that event's first delivery has ended. */
  early: number | undefined;
  world: World;
}

export interface Route {
  path: string;
  method: 'GET' | 'POST' | 'ANY';
  /**
   * `token`: access_token in the query. `secret`: appid and secret, from `credentials`.
   */
  auth: 'token' | 'secret';
  body: 'none' | 'json' | 'raw';
  /** Kinds of account that may call it; others answer 48001. Default: all. */
  kinds?: readonly AccountKind[];
  /** Also without verification (认证). Default false. */
  unverified?: boolean;
  /** Refuses an account for other reasons than its kind. */
  permit?: (account: Account) => Failure | undefined;
  /** `secret` routes: where the credentials are. */
  credentials?: (call: Pick<Call, 'query' | 'body'>) => Credentials;
  handle: (call: Call) => Answer;
}

export interface Credentials {
  appid: string | undefined;
  secret: string | undefined;
  grantType: string | undefined;
  expectedGrantType: string | undefined;
}

export const officialAccounts = ['service', 'official', 'sandbox'] as const satisfies readonly AccountKind[];

/** The first value of a query parameter, decoded. */
export function queryValue(query: string, name: string): string | undefined {
  const head = `${name}=`;
  let at = query.startsWith(head) ? 0 : query.indexOf(`&${head}`) + 1;
  if (at === 0 && !query.startsWith(head)) return undefined;
  at += head.length;
  const end = query.indexOf('&', at);
  const value = end < 0 ? query.slice(at) : query.slice(at, end);
  if (!value.includes('%') && !value.includes('+')) return value;
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

/** A body member if it is text. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A body member if it is an object. */
export function object(value: unknown): Body | undefined {
  // What JSON.parse calls an object and is not an array has string keys.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
}
