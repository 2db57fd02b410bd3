import type { Account } from '../state/account.ts';
import type { World } from '../state/world.ts';
import { type Answer, type Failure, fail, isFailure, tokenQuota } from './answers.ts';
import { type Body, type Call, object, queryValue, type Route } from './route.ts';
import { routeOf } from './routes.ts';

/** A request as it came off the socket. */
export interface Incoming {
  method: string;
  path: string;
  query: string;
  contentType: string;
  raw: Buffer;
  ip: string;
}

/** The answer, and what the caller has to undo once it is written. */
export interface Outcome {
  answer: Answer;
  account: Account | undefined;
  /** A follower to unlock when the answer is written. */
  locked: number | undefined;
  /** An event of the account whose first delivery comes before the answer. */
  early: number | undefined;
}

const wellFormedToken = /^\d+_[A-Za-z0-9_-]{20,}$/;
const empty: Body = {};

/** Runs one request through WeChat's checks, in the order of the protocol reference, and carries it out. */
export function dispatch(world: World, request: Incoming): Outcome {
  const nowMs = world.clock.now();
  const route = routeOf(request.path);
  if (route === undefined) return refuse(world, undefined, undefined, fail(40066));
  if (route.method === 'GET' && request.method !== 'GET') return refuse(world, undefined, route, fail(43001));
  if (route.method === 'POST' && request.method !== 'POST')
    return refuse(world, undefined, route, fail(43002));
  return route.auth === 'token'
    ? withToken(world, route, request, nowMs)
    : withSecret(world, route, request, nowMs);
}

/** The outcome of a request that a fault answers instead; it counts as a call of its account. */
export function replaceAnswer(
  world: World,
  request: Incoming,
  appid: string | undefined,
  errcode: number,
): Outcome {
  const account = appid === undefined ? undefined : world.accounts.get(appid);
  return refuse(world, account, routeOf(request.path), fail(errcode));
}

function withToken(world: World, route: Route, request: Incoming, nowMs: number): Outcome {
  const token = queryValue(request.query, 'access_token');
  if (token === undefined || token === '') return refuse(world, undefined, route, fail(41001));
  const issued = world.tokens.get(token);
  if (issued === undefined) {
    return refuse(world, undefined, route, fail(wellFormedToken.test(token) ? 40001 : 40014));
  }
  const account = issued.owner;
  if (issued.endedAtMs <= nowMs) return refuse(world, account, route, fail(40001));
  if (issued.expiresAtMs <= nowMs)
    return refuse(world, account, route, fail(account.options.expiredTokenErrcode));
  if (account.secretFrozen && account.options.freezeKillsTokens)
    return refuse(world, account, route, fail(40001));
  // A Mini Program's whitelist covers only the calls that take the secret.
  if (account.options.kind !== 'miniprogram' && !account.allowsIp(request.ip)) {
    return refuse(world, account, route, notWhitelisted(request.ip));
  }
  if (account.state !== 0) return refuse(world, account, route, fail(account.state));
  const refused = permission(account, route) ?? quota(account, route, nowMs);
  if (refused !== undefined) return refuse(world, account, route, refused);
  const body = parseBody(route, request, account);
  if (isFailure(body)) return refuse(world, account, route, body);
  return carryOut(world, route, account, request, body.body, nowMs);
}

function withSecret(world: World, route: Route, request: Incoming, nowMs: number): Outcome {
  const parsed = parseBody(route, request, undefined);
  if (isFailure(parsed)) return refuse(world, undefined, route, parsed);
  const { body } = parsed;
  const given = route.credentials?.({ query: request.query, body });
  if (given === undefined) return refuse(world, undefined, route, fail(-1));
  if (given.expectedGrantType !== undefined && given.grantType !== given.expectedGrantType) {
    return refuse(world, undefined, route, fail(40002));
  }
  if (given.appid === undefined || given.appid === '') return refuse(world, undefined, route, fail(41002));
  const account = world.accounts.get(given.appid);
  if (account === undefined) return refuse(world, undefined, route, fail(40013));
  if (given.secret === undefined || given.secret === '') return refuse(world, account, route, fail(41004));
  if (given.secret !== account.secret) {
    return refuse(world, account, route, fail(account.options.wrongSecretErrcode));
  }
  if (account.secretFrozen) return refuse(world, account, route, fail(40243));
  if (!account.allowsIp(request.ip)) return refuse(world, account, route, notWhitelisted(request.ip));
  if (account.state !== 0) return refuse(world, account, route, fail(account.state));
  const refused = permission(account, route) ?? quota(account, route, nowMs);
  if (refused !== undefined) return refuse(world, account, route, refused);
  return carryOut(world, route, account, request, body, nowMs);
}

function carryOut(
  world: World,
  route: Route,
  account: Account,
  request: Incoming,
  body: Body,
  nowMs: number,
): Outcome {
  const call: Call = {
    route,
    account,
    query: request.query,
    body,
    raw: request.raw,
    contentType: request.contentType,
    ip: request.ip,
    nowMs,
    locked: undefined,
    early: undefined,
    world,
  };
  const answer = route.handle(call);
  count(account, route, isFailure(answer) ? answer.errcode : 0);
  return { answer, account, locked: call.locked, early: call.early };
}

function permission(account: Account, route: Route): Failure | undefined {
  if (route.kinds !== undefined && !route.kinds.includes(account.options.kind)) return fail(48001);
  if (!account.options.verified && route.unverified !== true) return fail(48001);
  return route.permit?.(account);
}

function quota(account: Account, route: Route, nowMs: number): Failure | undefined {
  const refused = account.quotas.spend(account.quotas.api(route.path), nowMs);
  if (refused === 0) return undefined;
  return refused === 45009 && route.path === '/cgi-bin/token' ? tokenQuota : fail(refused);
}

function parseBody(route: Route, request: Incoming, account: Account | undefined): { body: Body } | Failure {
  if (route.body === 'none') return { body: empty };
  if (request.raw.length === 0) return route.body === 'json' ? fail(44002) : { body: empty };
  const isMultipart = request.contentType.startsWith('multipart/');
  if (route.body === 'raw' && isMultipart) return { body: empty };
  const json = request.raw.toString('utf8');
  if (account?.options.refuseUnicodeEscapes === true && /\\u[0-9a-f]{4}/i.test(json)) return fail(47002);
  try {
    const value: unknown = JSON.parse(json);
    const body = object(value);
    return body === undefined ? fail(47001) : { body };
  } catch {
    return route.body === 'raw' ? { body: empty } : fail(47001);
  }
}

function notWhitelisted(ip: string): Failure {
  const both = ip.includes(':') ? ip : `${ip} ipv6 ::ffff:${ip}`;
  return fail(40164, `invalid ip ${both}, not in whitelist`);
}

function refuse(
  world: World,
  account: Account | undefined,
  route: Route | undefined,
  answer: Failure,
): Outcome {
  if (account !== undefined && route !== undefined) count(account, route, answer.errcode);
  else world.unattributed.set(answer.errcode, (world.unattributed.get(answer.errcode) ?? 0) + 1);
  return { answer, account, locked: undefined, early: undefined };
}

function count(account: Account, route: Route, errcode: number): void {
  const use = account.quotas.api(route.path);
  use.calls++;
  use.answers.set(errcode, (use.answers.get(errcode) ?? 0) + 1);
}
