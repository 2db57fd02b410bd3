import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { failure, HongyanError } from '../../base/errors.ts';
import type { Incoming } from '../api/dispatch.ts';
import { queryValue } from '../api/route.ts';
import { parse, parseFault } from '../resolve-options.ts';
import { resetWorld, type World } from '../state/world.ts';
import { adminActions } from './actions.ts';
import { eventAnswer } from './event-actions.ts';
import { refuseForeign } from './origin.ts';
import { findPerson, phoneOf, streamPhone } from './people.ts';
import { SimulatedAccount } from './simulated-account.ts';

/** Where the simulator's own API lives; no path of WeChat's begins so. */
export const adminPath = '/_simulator';

const statuses: Readonly<Record<string, number>> = {
  SIMULATOR_ACCOUNT: 404,
  SIMULATOR_PATH: 404,
  SIMULATOR_FOREIGN: 403,
};

const clockBody = z.strictObject({
  advanceMs: z.number().optional(),
  now: z.number().optional(),
  frozen: z.boolean().optional(),
});

/**
 * The simulator's own API, JSON in and out. Status 200, 400 (wrong request), 403 (another site's), 404 (no such thing), 405.
 *
 * - `GET /_simulator`: time, faults, a summary of every account
 * - `POST /_simulator/clock` `{advanceMs}`, `{now}`, `{frozen}`
 * - `GET|POST|DELETE /_simulator/faults`
 * - `POST /_simulator/reset`
 * - `GET /_simulator/people?openid=`: which person that is; `GET /_simulator/people/INDEX`: all that their phone shows, of
 *   every account; `GET /_simulator/people/INDEX/live`: the same as server-sent events, after each change
 * - `GET /_simulator/accounts/APPID`: summary, secret, templates
 * - `GET /_simulator/accounts/APPID/received?openid=`: counts and kept messages of one person
 * - `GET /_simulator/accounts/APPID/received.ndjson`: everyone who received something, a line each
 * - `GET /_simulator/accounts/APPID/messages?limit=`: the last kept messages
 * - `GET /_simulator/accounts/APPID/holds`: options, and every message that was held for review
 * - `GET /_simulator/accounts/APPID/callback`, `…/events?openid=&msgid=&limit=`, `…/events.ndjson`, `…/events/summary`,
 *   `…/events/options`, `…/replies`: the callback and what became of every event
 * - `POST /_simulator/accounts/APPID/ACTION`: see adminActions and eventActions
 */
export async function handleAdmin(
  world: World,
  incoming: Incoming,
  headers: IncomingHttpHeaders,
  response: ServerResponse,
): Promise<void> {
  try {
    refuseForeign(headers);
    const parts = incoming.path
      .slice(adminPath.length)
      .split('/')
      .filter((part) => part !== '');
    if (parts[0] === 'accounts' && parts[1] !== undefined) {
      const account = world.accounts.get(parts[1]);
      if (account === undefined) throw failure('SIMULATOR_ACCOUNT', { appid: parts[1] });
      const handle = new SimulatedAccount(account);
      const rest = parts.slice(2).join('/');
      if (incoming.method === 'GET' && rest === 'received.ndjson') {
        response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
        await pipeline(Readable.from(ndjson(handle.counts())), response);
        return;
      }
      if (incoming.method === 'GET' && rest === 'events.ndjson') {
        response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
        await pipeline(Readable.from(ndjson(handle.events.all())), response);
        return;
      }
      write(response, 200, await accountAnswer(handle, rest, incoming));
      return;
    }
    if (incoming.method === 'GET' && parts[0] === 'people' && parts[2] === 'live') {
      streamPhone(world, Number(parts[1]), response);
      return;
    }
    write(response, 200, simulatorAnswer(world, parts.join('/'), incoming));
  } catch (error) {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const known = error instanceof HongyanError ? error : undefined;
    write(response, known === undefined ? 500 : (statuses[known.code] ?? 400), {
      code: known?.code ?? 'SIMULATOR_FAILED',
      message: known?.message ?? String(error),
    });
  }
}

function simulatorAnswer(world: World, path: string, incoming: Incoming): object {
  const { method } = incoming;
  const person = /^people(?:\/(\d{1,10}))?$/.exec(path);
  if (method === 'GET' && person !== null) {
    if (person[1] !== undefined) return phoneOf(world, Number(person[1]));
    return findPerson(world, queryValue(incoming.query, 'openid') ?? '');
  }
  switch (`${method} ${path}`) {
    case 'GET ':
      return {
        now: world.clock.now(),
        frozen: world.clock.frozen,
        faults: world.faults.list(),
        unattributed: Object.fromEntries(world.unattributed),
        accounts: [...world.accounts.values()].map((account) => new SimulatedAccount(account).summary()),
      };
    case 'POST clock': {
      world.clock.change(parse(clockBody, json(incoming), 'request'));
      return { now: world.clock.now(), frozen: world.clock.frozen };
    }
    case 'GET faults':
      return { faults: world.faults.list() };
    case 'POST faults':
      world.faults.add(parseFault(json(incoming)));
      return { faults: world.faults.list() };
    case 'DELETE faults':
      world.faults.clear();
      return { faults: [] };
    case 'POST reset':
      resetWorld(world);
      return { ok: true };
    default:
      throw failure('SIMULATOR_PATH', { method, path: `${adminPath}/${path}` });
  }
}

function accountAnswer(
  account: SimulatedAccount,
  path: string,
  incoming: Incoming,
): object | Promise<object> {
  const { method, query } = incoming;
  if (method === 'POST') {
    const action = Object.hasOwn(adminActions, path) ? adminActions[path] : undefined;
    if (action !== undefined) return action.run(account, json(incoming));
  } else if (method === 'GET') {
    const openid = queryValue(query, 'openid');
    if (path === '') return { ...account.summary(), secret: account.secret, templates: account.templates() };
    if (path === 'received' && openid !== undefined) {
      return { openid, count: account.receivedCount(openid), messages: account.messages(openid) };
    }
    if (path === 'messages') {
      const limit = Number(queryValue(query, 'limit') ?? 100);
      return { messages: limit > 0 ? account.messages(openid).slice(-limit) : [] };
    }
    if (path === 'holds') return { options: account.holds.options, holds: account.holds.list() };
    const answer = eventAnswer(account, path, query);
    if (answer !== undefined) return answer;
  }
  throw failure('SIMULATOR_PATH', { method, path: `${adminPath}/accounts/APPID/${path}` });
}

function* ndjson(rows: Iterable<object>): Generator<string> {
  let lines = '';
  for (const row of rows) {
    lines += `${JSON.stringify(row)}\n`;
    if (lines.length < 65_536) continue;
    yield lines;
    lines = '';
  }
  if (lines !== '') yield lines;
}

function json(incoming: Incoming): unknown {
  if (incoming.raw.length === 0) return {};
  try {
    return JSON.parse(incoming.raw.toString('utf8'));
  } catch (cause) {
    throw failure('SIMULATOR_OPTIONS/not-json', {}, { cause });
  }
}

function write(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
