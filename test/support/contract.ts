import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { z } from 'zod';
import { createKey } from '../../src/app/access/keys.ts';
import { terminalActor } from '../../src/app/actor.ts';
import type { App } from '../../src/app/app.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { type Permission, permissions } from '../../src/contract/permissions.ts';
import { isBytes, type Route, splitKey } from '../../src/contract/route.ts';
import { type Routes, routes } from '../../src/contract/routes.ts';
import { problem } from '../../src/contract/shapes.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import type { ServerDeps } from '../../src/server/deps.ts';
import { ProcessMetrics } from '../../src/server/metrics/process-metrics.ts';
import { startServer } from '../../src/server/server.ts';
import type { SimulatedAccount, Simulator, SimulatorOptions } from '../../src/simulator/index.ts';
import { makeSite, type Site } from './campaign.ts';
import { until } from './in-time.ts';
import { startWechat } from './wechat.ts';

export const adminKey = 'contract-test-admin-key-'.padEnd(43, 'x');

export interface Answered {
  status: number;
  headers: Headers;
  /** Parsed where it is JSON, else the text. */
  body: unknown;
}

export interface Sent {
  params?: Record<string, string | number>;
  query?: Record<string, string | number | boolean>;
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: the admin key; null: nobody. */
  as?: string | null;
}

/** What a message that was submitted became; of one with several ways the last that was tried. */
export interface SentMessage {
  id: number;
  message: { state: string; channel: string; replaces: number | null };
}

export interface ContractSite extends Site {
  url: string;
  app: App;
  /** What the server was started with. */
  deps: ServerDeps;
  wechat: Simulator;
  account: SimulatedAccount;
  /** Asks, and fails when the answer is not one that the row describes. */
  call(key: keyof Routes, sent?: Sent): Promise<Answered>;
  /** Submits a message and waits until it has its outcome, however long that takes: an answer of the API waits for 10 s. */
  sent(message: object): Promise<SentMessage>;
  /** The text of a new key. */
  key(permissions: readonly Permission[], accounts?: readonly string[] | null): Promise<string>;
}

/**
 * Names the rows that a test file covers: `row('GET /v1/nodes', 'lists this process', async () => …)`. test/contract/walk.test.ts
 * looks for a `row` for each row of the table, so that a new one cannot be forgotten.
 */
export function row(key: keyof Routes, behaviour: string, run: () => Promise<void>): void {
  void test(`${key}: ${behaviour}`, run);
}

/** The same for a row whose account only the action finds out: it must be refused to a key of another account. */
export function foreign(key: keyof Routes, run: () => Promise<Answered>): void {
  void test(`${key}: is refused for another account`, async () => {
    const { status, body } = await run();
    assert.equal(status, 403, JSON.stringify(body));
  });
}

/** A server on a database of its own, with one account of a simulated WeChat. */
export async function contractSite(
  options: SimulatorOptions = { kind: 'service', followers: 20 },
  more: Pick<ServerDeps, 'simulation'> = {},
): Promise<ContractSite> {
  const site = await makeSite();
  const wechat = await startWechat(options);
  const account = wechat.account();
  await site.add(wechat, account);
  const { store } = site;
  const clients = new AccountClients({ store, logger: silentLogger });
  const metrics = new ProcessMetrics();
  const deps = { store, clients, logger: silentLogger, webhookAllow: ['127.0.0.1'], wxRelay: true, ...more };
  const engine = await startEngine({ ...deps, role: 'serve', version: 'test', measures: metrics });
  const server = await startServer({
    ...{ ...deps, engine, version: 'test', apiToken: adminKey },
    processMeasures: async () => [await metrics.json()],
    listen: { host: '127.0.0.1', port: 0 },
    strangerDelayMs: 1,
  });
  after(async () => {
    await server.close();
    await engine.stop();
    await clients.close();
  });
  const operator = terminalActor('operator', 'test', 'en');
  return {
    ...site,
    url: server.url,
    app: deps,
    deps: { ...deps, engine, version: 'test' },
    wechat,
    account,
    call: (key, sent = {}) => ask(server.url, key, sent),
    async sent(message) {
      // A repeat under its key, which looks on.
      const body = { ...message, key: randomUUID(), wait: 10_000 };
      return await until('the message has its outcome', async () => {
        const answer = await ask(server.url, 'POST /v1/messages', { body });
        assert.equal(answer.status, 202, JSON.stringify(answer.body));
        const submitted = answer.body as SentMessage; // compared with its row by `ask`
        return submitted.message.state !== 'waiting' && submitted;
      });
    },
    async key(given, accounts = null) {
      const made = await createKey(deps, operator, {
        name: `key with ${given.length} permissions`,
        permissions: [...given],
        accounts: accounts === null ? null : [...accounts],
        ratePerS: null,
        expiresAt: null,
      });
      return made.key;
    },
  };
}

export function allBut(permission: Permission): Permission[] {
  return permissions.filter((one) => one !== permission);
}

async function ask(url: string, key: keyof Routes, sent: Sent): Promise<Answered> {
  const described: Route = routes[key];
  const { method, path } = splitKey(key);
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(sent.params?.[name] ?? name)),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(sent.query ?? {})) query.set(name, String(value));
  const as = sent.as === undefined ? adminKey : sent.as;
  const isJson = sent.body !== undefined && typeof sent.body !== 'string';
  const answer = await fetch(`${url}${filled}${query.size === 0 ? '' : `?${query}`}`, {
    method,
    headers: {
      ...(as === null ? {} : { authorization: `Bearer ${as}` }),
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...sent.headers,
    },
    ...(sent.body === undefined ? {} : { body: isJson ? JSON.stringify(sent.body) : String(sent.body) }),
  });
  const text = await answer.text();
  const type = answer.headers.get('content-type') ?? '';
  const body: unknown = /[/+]json/.test(type) && text !== '' ? JSON.parse(text) : text;
  requireDescribed(key, described, answer.status, type, body);
  return { status: answer.status, headers: answer.headers, body };
}

/** Every field that is answered is in the contract, and of the type that it says. */
function requireDescribed(key: string, described: Route, status: number, type: string, body: unknown): void {
  const shape =
    status >= 400 && described.answers[status] === undefined ? problem : described.answers[status];
  assert.notEqual(shape, undefined, `${key} answers ${status}, which its row does not describe`);
  if (shape === problem) assert.match(type, /^application\/problem\+json/);
  if (shape === null) assert.equal(body, '', `${key} ${status} has no body`);
  else if (isBytes(shape)) {
    const isOne = shape.types.some((one) => one === '*/*' || type.startsWith(one));
    assert.ok(isOne, `${key} answers ${type}, not ${shape.types.join(', ')}`);
  } else if (shape !== undefined) requireShape(`${key} ${status}`, shape, body);
}

function requireShape(what: string, shape: z.ZodType, body: unknown): void {
  const parsed = z.safeParse(shape, body);
  assert.ok(parsed.success, `${what}: ${parsed.error?.message} ${JSON.stringify(body)}`);
  assert.deepEqual(parsed.data, body, `${what} answers a field that its row does not describe`);
}
