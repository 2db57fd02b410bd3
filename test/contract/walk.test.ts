/** Walks the table: what holds for every route is tested for each, and a new one cannot be forgotten. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { listAudit } from '../../src/app/access/audit.ts';
import { terminalActor } from '../../src/app/actor.ts';
import { permissions } from '../../src/contract/permissions.ts';
import { isBytes, type Route, splitKey } from '../../src/contract/route.ts';
import { type Routes, routes } from '../../src/contract/routes.ts';
import { type Answered, allBut, contractSite, type Sent } from '../support/contract.ts';

const site = await contractSite();
const appid = site.account.appid;
const other = 'wx00000000000000ff';
const operator = terminalActor('operator', 'test', 'en');
const rows = Object.entries<Route>(routes).map(([key, row]) => ({
  key: key as keyof Routes, // a table has no other keys
  row,
  ...splitKey(key),
}));
const own = rows.filter(({ row }) => row.permission !== 'public');

/** As much of a request as names the account; nothing of it is there. */
function about(row: Route, of: string): Sent {
  const [where, name = ''] = row.account?.split('.') ?? [];
  const params = { id: 1, ...(where === 'params' ? { [name]: of } : {}) };
  const query = where === 'query' ? { [name]: of } : {};
  const isJson = row.body !== undefined && !isBytes(row.body);
  const type = isBytes(row.body) ? { 'content-type': row.body.types[0] ?? '' } : {};
  const body = isJson ? (where === 'body' ? { [name]: of } : {}) : undefined;
  return { params, query, headers: type, ...(body === undefined ? {} : { body }) };
}

const codeOf = ({ status, body }: Answered): [number, unknown] => [
  status,
  typeof body === 'object' && body !== null && 'code' in body ? body.code : null,
];

describe('each route', () => {
  for (const { key, row } of own) {
    const { permission } = row;
    test(`${key} is refused to nobody`, async () => {
      assert.deepEqual(codeOf(await site.call(key, { ...about(row, appid), as: null })), [
        401,
        'UNAUTHORIZED',
      ]);
    });
    if (permission === 'known' || permission === 'public') continue;
    test(`${key} is refused without ${permission}, and that is in the audit`, async () => {
      const as = await site.key(allBut(permission));
      assert.deepEqual(codeOf(await site.call(key, { ...about(row, appid), as })), [403, 'FORBIDDEN']);
      const anyone = { who: null, outcome: null, from: null, to: null };
      const page = { ...anyone, appid: null, action: row.name, limit: 1, cursor: null };
      const [entry] = (await listAudit(site.app, operator, page)).data;
      assert.deepEqual([entry?.outcome, entry?.code], ['refused', 'FORBIDDEN']);
    });
    test(`${key} is allowed with ${permission} alone`, async () => {
      const as = await site.key([permission], [appid]);
      const { status, body } = await site.call(key, { ...about(row, appid), as });
      assert.ok(status !== 401 && status !== 403, `${status} ${JSON.stringify(body)}`);
    });
    if (row.account === null || !row.account.includes('.')) continue;
    test(`${key} is refused for another account`, async () => {
      const as = await site.key(permissions, [other]);
      assert.deepEqual(codeOf(await site.call(key, { ...about(row, appid), as })), [403, 'FORBIDDEN']);
    });
  }
});

describe('what is in a query and in no row is refused, by its name', () => {
  for (const { key, row } of rows.filter(({ row }) => !takesAnyQuery(row))) {
    test(key, async () => {
      const sent = about(row, appid);
      const answer = await site.call(key, { ...sent, query: { ...sent.query, nonesuch: 1 } });
      assert.deepEqual(codeOf(answer), [400, 'REQUEST_INVALID']);
      const { fields } = z
        .object({ fields: z.array(z.object({ in: z.string(), path: z.string(), rule: z.string() })) })
        .parse(answer.body);
      const found = fields.filter(({ path }) => path === 'nonesuch');
      assert.deepEqual(
        found.map(({ in: part, rule }) => [part, rule]),
        [['query', 'unknown']],
      );
    });
  }
});

/** Whose query is somebody else's to fill, and why. */
const anyQuery: Partial<Record<keyof Routes, string>> = {
  'GET /callback/{appid}': 'WeChat signs there',
  'POST /callback/{appid}': 'WeChat signs there',
  'GET /wx/{appid}/cgi-bin/token': 'SDKs ask as they ask WeChat',
  'POST /wx/{appid}/cgi-bin/stable_token': 'SDKs ask as they ask WeChat',
  'GET /wx/{appid}/{path}': 'it goes on to WeChat',
  'POST /wx/{appid}/{path}': 'it goes on to WeChat',
  'GET /healthz': 'a probe may mark its requests, and a node is not ill for that',
  'GET /readyz': 'a probe may mark its requests, and a node is not ill for that',
};

function takesAnyQuery({ query, anyQuery }: Route): boolean {
  return anyQuery === true || query?.def.catchall?._zod.def.type === 'unknown';
}

test('only these rows let a query be', () => {
  assert.deepEqual(
    rows
      .filter(({ row }) => takesAnyQuery(row))
      .map(({ key }) => key)
      .sort(),
    Object.keys(anyQuery).sort(),
  );
});

test('names are unique, and say subject and verb', () => {
  const names = rows.map(({ row }) => row.name);
  assert.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  );
  assert.deepEqual(
    names.filter((name) => !/^[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/.test(name)),
    [],
  );
});

test('the fields of a row agree with each other', () => {
  for (const { key, row, method, path } of rows) {
    // What WeChat does at its own paths is not ours to say.
    if (key !== 'GET /wx/{appid}/{path}')
      assert.equal(method === 'GET', row.idempotency === 'safe', `${key}: GET is safe, and nothing else`);
    assert.ok(method !== 'GET' || row.audit !== 'change', `${key}: GET changes nothing`);
    assert.ok(
      !['PUT', 'DELETE'].includes(method) || row.idempotency === 'repeatable',
      `${key} is repeatable`,
    );
    assert.ok(!['GET', 'DELETE'].includes(method) || row.body === undefined, `${key} has no body`);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    assert.deepEqual(Object.keys(row.params?.shape ?? {}).sort(), inPath.sort(), `${key}: params`);
    // A client that is generated has one argument for both.
    const inQuery = Object.keys(row.query?.shape ?? {});
    assert.deepEqual(
      inQuery.filter((name) => inPath.includes(name)),
      [],
      `${key}: a name in path and query`,
    );
    assert.ok(
      row.summary.en.endsWith('.') && row.summary.zh.endsWith('。'),
      `${key}: a sentence in both languages`,
    );
    // An account that may be left out would go unchecked.
    const [where, name = ''] = row.account?.split('.') ?? [];
    if (where === 'query' || where === 'params') {
      const shape = row[where]?.shape[name];
      assert.ok(
        shape !== undefined && !shape.safeParse(undefined).success,
        `${key}: ${row.account} is required`,
      );
    } else if (where === 'body') {
      assert.ok(row.body !== undefined && !isBytes(row.body), `${key} has a body`);
      const issues = row.body.safeParse({}).error?.issues ?? [];
      assert.ok(
        issues.some(({ path: at }) => at[0] === name),
        `${key}: ${row.account} is required`,
      );
    }
  }
});

test('each has a contract test against a real server', async () => {
  const texts = await testFiles();
  const covers = (call: string, key: string): boolean =>
    texts.some((text) => new RegExp(`\\b${call}\\(\\s*'${key.replace(/[{}/]/g, '\\$&')}'`).test(text));
  const missing = own.filter(({ key }) => !covers('row', key)).map(({ key }) => `row('${key}', …)`);
  const unguarded = own
    .filter(({ key, row }) => row.account === 'found' && !covers('foreign', key))
    .map(({ key }) => `foreign('${key}', …)`);
  assert.deepEqual([...missing, ...unguarded], [], 'write them into test/contract/<subject>.test.ts');
});

test('each has its line in docs/api.md and docs/api.zh-CN.md', async () => {
  for (const page of ['api.md', 'api.zh-CN.md']) {
    const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
    // Not only in the list of what is done again.
    const elsewhere = text.replace(/^- \*\*(?:Done again|重发即).*?(?=^- )/ms, '');
    const missing = rows.filter(({ key }) => !elsewhere.includes(`\`${key}\``)).map(({ key }) => key);
    assert.deepEqual(missing, [], page);
    const named = [...text.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`\s?]*)`/g)].map(
      ([, key]) => key ?? '',
    );
    assert.deepEqual(
      named.filter((key) => !Object.hasOwn(routes, key)),
      [],
      `${page} names what is not there`,
    );
  }
});

test('what is done again when it is sent again is listed in docs/api.md and docs/api.zh-CN.md', async () => {
  for (const [page, begin] of [
    ['api.md', '- **Done again when it is sent again**'],
    ['api.zh-CN.md', '- **重发即再次执行**'],
  ] as const) {
    const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
    const [, rest = ''] = text.split(begin);
    const listed = [...(rest.split('\n- ')[0] ?? '').matchAll(/`([A-Z]+ \/[^`]*)`/g)].map(([, key]) => key);
    const none = rows.filter(({ row }) => row.idempotency === 'none').map(({ key }) => key);
    assert.deepEqual(listed.sort(), none.sort(), page);
  }
});

/** What makes something, and is made again by a repeat. */
const madeAgain: Partial<Record<keyof Routes, string>> = {
  'POST /v1/audiences':
    'what is in a file is known when it is here whole; a second one messages nobody, and goes after a day',
  'POST /v1/sessions':
    'nobody is signed in yet; the cookie is kept nowhere, and another sign-in is another session',
  'POST /v1/sessions/link': 'nobody is signed in yet; a link works once',
};

/** What makes nothing, and is done each time. */
const doneAgain: Partial<Record<keyof Routes, string>> = {
  'POST /v1/accounts/{appid}/callback/check': 'what holds now is asked for',
  'POST /v1/webhooks/{id}/test': 'what the receiver does now is asked for',
  'POST /v1/alerts/{id}/test': 'what the receiver does now is asked for',
  'GET /wx/{appid}/{path}': 'WeChat has no key; nothing is kept of its answers',
  'POST /wx/{appid}/{path}': 'WeChat has no key; nothing is kept of its answers',
  'POST /mcp': 'each tool has its own',
};

test('what makes something has a key, or says here why not', () => {
  const none = rows.filter(({ row }) => row.idempotency === 'none');
  const isMaking = (row: Route): boolean =>
    row.permission !== 'known' && ['201', '202'].some((status) => status in row.answers);
  const keysOf = (some: typeof none) => some.map(({ key }) => key).sort();
  assert.deepEqual(
    keysOf(none.filter(({ row }) => isMaking(row))),
    Object.keys(madeAgain).sort(),
    'a repeat makes a second one',
  );
  assert.deepEqual(keysOf(none.filter(({ row }) => !isMaking(row))), Object.keys(doneAgain).sort());
});

test('what is kept for a repeat is sealed where request or answer holds a secret', () => {
  const secrets = /^(secret|token|aesKey|proxy|password|link|key)$/;
  const names = (shape: unknown): string[] =>
    typeof shape === 'object' && shape !== null && 'shape' in shape ? Object.keys(Object(shape.shape)) : [];
  for (const { key, row } of rows) {
    if (row.idempotency === 'stored-key')
      assert.deepEqual(
        [row.body, ...Object.values(row.answers)].flatMap(names).filter((name) => secrets.test(name)),
        [],
        key,
      );
    // Of bytes nothing was read when the key is looked at.
    assert.ok(!row.idempotency.match(/^(stored|sealed)-key$/) || !isBytes(row.body), key);
  }
});

async function testFiles(): Promise<string[]> {
  const directory = new URL('../', import.meta.url);
  const names = (await readdir(directory, { recursive: true })).filter((name) =>
    /contract[\\/].*\.test\.ts$/.test(name),
  );
  return await Promise.all(
    names.map((name) => readFile(new URL(name.replaceAll('\\', '/'), directory), 'utf8')),
  );
}
