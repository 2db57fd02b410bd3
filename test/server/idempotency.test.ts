import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fastify from 'fastify';
import { z } from 'zod';
import { createKey } from '../../src/app/access/keys.ts';
import { terminalActor } from '../../src/app/actor.ts';
import { failure } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { bytes, defineRoutes } from '../../src/contract/route.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { Door } from '../../src/server/access/who-asks.ts';
import { readJsonBodies } from '../../src/server/body.ts';
import { KeyedRequests } from '../../src/server/idempotency.ts';
import { problemHandler } from '../../src/server/problem.ts';
import { type Handlers, registerRoutes } from '../../src/server/register.ts';
import { makeSite } from '../support/campaign.ts';
import { signal, until } from '../support/in-time.ts';

const site = await makeSite();
const { store } = site;
const admin = 'idempotency-test-admin-key'.padEnd(43, 'x');

const common = { permission: 'node.read', account: null, audit: 'none' } as const;
const summary = { en: 'Of this test.', zh: '用于测试。' };
const table = defineRoutes({
  'POST /v1/things': {
    ...{ ...common, name: 'things.make', summary, idempotency: 'stored-key', rate: 'normal' },
    body: z.strictObject({
      n: z.number(),
      how: z.enum(['well', 'refused', 'broken', 'slowly', 'unreached', 'cut']).default('well'),
    }),
    answers: { 201: z.object({ made: z.number() }) },
  },
  'GET /v1/things': {
    ...{ ...common, name: 'things.export', summary, idempotency: 'safe', rate: 'heavy' },
    answers: { 200: bytes('text/plain') },
  },
});

let made = 0;
const begun = signal('the first request is under way');
const go = signal('it may be answered');
const handlers: Handlers<typeof table> = {
  'POST /v1/things': async ({ body: { how } }) => {
    made += 1;
    if (how === 'refused') throw failure('ROUTE_NOT_FOUND', { method: 'x' });
    if (how === 'unreached') throw failure('SIMULATOR_ENDED/account', {});
    if (how === 'cut') await tableIs('away');
    if (how === 'broken') throw new Error('something broke on the way');
    if (how === 'slowly') {
      begun.give();
      await go.promise;
    }
    return { made };
  },
  'GET /v1/things': async () => {
    await go.promise;
    return 'exported';
  },
};

/** As a database that is away for others than the one who looks. */
async function tableIs(where: 'away' | 'here'): Promise<void> {
  const [from, to] = where === 'away' ? ['', '_away'] : ['_away', ''];
  await store.pool.query(`alter table idempotency_keys${from} rename to idempotency_keys${to}`);
}

const clients = new AccountClients({ store, logger: silentLogger });
// Of a node, these routes need no engine.
const deps = { store, clients, logger: silentLogger, version: 'test' } as unknown as Parameters<
  typeof registerRoutes
>[3]['deps'];
const app = fastify();
app.decorateRequest('caller', null);
app.setErrorHandler(problemHandler(silentLogger));
readJsonBodies(app);
const keyed = new KeyedRequests(store, silentLogger);
registerRoutes(app, table, handlers, { deps, door: new Door(deps, admin, 1), keyed });
const url = await app.listen({ host: '127.0.0.1', port: 0 });
after(async () => {
  await app.close();
  await keyed.close();
  await clients.close();
});

interface Answered {
  status: number;
  body: { code?: string; made?: number };
  headers: Headers;
}

async function make(key: string, body: object, as = admin): Promise<Answered> {
  const answer = await fetch(`${url}/v1/things`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Answered['body'], headers: answer.headers };
}

async function otherKey(ratePerS: number | null = null): Promise<string> {
  const input = {
    name: 'other',
    permissions: ['node.read' as const],
    accounts: null,
    ratePerS,
    expiresAt: null,
  };
  return (await createKey(deps, terminalActor('operator', 'test', 'en'), input)).key;
}

test('a repeat under a key is answered as the first was, and nothing is done again', async () => {
  const first = await make('a', { n: 1 });
  assert.deepEqual([first.status, first.headers.get('idempotent-replayed')], [201, null]);
  const again = await make('a', { n: 1 });
  assert.deepEqual([again.status, again.headers.get('idempotent-replayed')], [201, 'true']);
  assert.deepEqual(again.body, first.body);
  const other = await make('a', { n: 2 });
  assert.deepEqual([other.status, other.body.code], [409, 'KEY_REUSED']);
  const somebodyElse = await make('a', { n: 1 }, await otherKey());
  assert.equal(somebodyElse.headers.get('idempotent-replayed'), null, 'callers do not share keys');
  assert.deepEqual((await make('two words', { n: 1 })).body.code, 'KEY_INVALID');
});

test('a repeat while the first is under way is told to come back', async () => {
  const first = make('slow', { n: 1, how: 'slowly' });
  await begun.promise;
  const again = await make('slow', { n: 1, how: 'slowly' });
  assert.deepEqual(
    [again.status, again.body.code, again.headers.get('retry-after')],
    [409, 'KEY_IN_FLIGHT', '1'],
  );
  // The same of a process that is gone.
  await store.pool.query(
    `insert into idempotency_keys (actor, key, digest, in_flight_until)
     select actor, 'gone', digest, clock_timestamp() from idempotency_keys where key = 'slow'`,
  );
  assert.equal((await make('gone', { n: 1, how: 'slowly' })).body.code, 'KEY_INTERRUPTED');
  await store.pool.query(
    `update idempotency_keys set in_flight_until = clock_timestamp() where key = 'slow'`,
  );
  await until('the request that takes long is renewed', async () => {
    const { rows } = await store.pool.query(
      `select from idempotency_keys where key = 'slow' and in_flight_until > clock_timestamp()`,
    );
    return rows.length === 1;
  });
  assert.equal((await make('slow', { n: 1, how: 'slowly' })).body.code, 'KEY_IN_FLIGHT');
  go.give();
  assert.equal((await first).status, 201);
  assert.equal((await make('slow', { n: 1, how: 'slowly' })).headers.get('idempotent-replayed'), 'true');
});

test('a refusal did nothing, so its key may be tried again; what broke may have, and says so', async () => {
  const before = made;
  assert.equal((await make('r', { n: 1, how: 'refused' })).status, 404);
  assert.equal((await make('r', { n: 1, how: 'refused' })).status, 404);
  assert.equal(made, before + 2);
  assert.equal((await make('b', { n: 1, how: 'broken' })).status, 500);
  assert.equal((await make('b', { n: 1, how: 'broken' })).body.code, 'KEY_INTERRUPTED');
  assert.equal((await make('b', { n: 2 })).body.code, 'KEY_REUSED');
  assert.equal(made, before + 3);
  // A failure of ours before which nothing was done.
  assert.equal((await make('w', { n: 1, how: 'unreached' })).status, 503);
  assert.equal((await make('w', { n: 1, how: 'unreached' })).status, 503);
  assert.equal(made, before + 5);
});

test('with the database away for a moment, a key is neither lost nor left under way', async () => {
  const before = made;
  const first = await make('cut', { n: 1, how: 'cut' });
  assert.deepEqual(
    [first.status, first.body.made],
    [201, before + 1],
    'it is done, and its caller is told so',
  );
  assert.equal((await make('cut', { n: 1, how: 'cut' })).status, 500, 'nobody can say more yet');
  assert.equal((await make('uncut', { n: 1 })).status, 500);
  assert.equal(made, before + 1, 'without its key nothing is carried out');
  await tableIs('here');
  const again = await make('cut', { n: 1, how: 'cut' });
  assert.deepEqual([again.headers.get('idempotent-replayed'), again.body], ['true', first.body]);
  assert.equal((await make('uncut', { n: 1 })).status, 201);
});

test('a key is forgotten after a day', async () => {
  await make('day', { n: 1 });
  await store.pool.query(`update idempotency_keys set expires_at = clock_timestamp() where key = 'day'`);
  // Many are over before it: they go some at a time, and it is forgotten all the same.
  await store.pool.query(
    `insert into idempotency_keys (actor, key, digest, expires_at)
     select 'key:gone', n::text, '', clock_timestamp() - interval '1 hour' from generate_series(1, 150) n`,
  );
  assert.equal((await make('day', { n: 2 })).status, 201);
  assert.equal((await make('day-2', { n: 3 })).status, 201);
  const left = await store.pool.query(`select 1 from idempotency_keys where actor = 'key:gone'`);
  assert.equal(left.rows.length, 0);
});

test('a key with a rate is slowed at it, and told for how long', async () => {
  const as = await otherKey(5);
  const begun = performance.now();
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => make(`rate-${n}`, { n }, as)));
  const seconds = (performance.now() - begun) / 1000;
  const refused = answers.filter(({ status }) => status === 429);
  // Five at once, and five more in each second that it took.
  assert.ok(refused.length <= 55, `${refused.length} of 60 were refused`);
  assert.ok(refused.length >= 55 - Math.ceil(5 * seconds), `${refused.length} of 60 in ${seconds} s`);
  assert.equal(refused[0]?.body.code, 'RATE_LIMITED');
  assert.match(refused[0]?.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
});
