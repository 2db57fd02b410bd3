import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routes } from '../../src/contract/routes.ts';
import {
  account,
  appid,
  campaign,
  ended,
  type Key,
  message,
  one,
  type Sample,
  samples,
  schedule,
  site,
  template_id,
  webhook,
} from '../support/contract/repeated.ts';

/** Rows that say in their body what is repeated, and have a test of their own for it. */
const byBody: readonly Key[] = ['POST /v1/drafts/{id}/plan', 'POST /v1/contacts/{openid}/credits'];

async function count(what: Sample['made']): Promise<number> {
  if (typeof what === 'function') return what();
  if (typeof what === 'object') {
    const done = `select 1 from audit where action = $1 and outcome = 'done'`;
    return (await site.store.pool.query(done, [what.done])).rows.length;
  }
  const [table, revisions] = what.split(' ');
  const sql =
    revisions === undefined
      ? `select count(*) as n from ${table}`
      : `select sum(revision) as n from ${table}s`;
  const { rows } = await site.store.pool.query<{ n: number | string }>(sql);
  return Number(rows[0]?.n);
}

test('each row that a key repeats has a sample here', () => {
  const keyed = Object.entries(routes).filter(([, { idempotency }]) => idempotency.endsWith('-key'));
  assert.deepEqual(keyed.map(([key]) => key).sort(), [...Object.keys(samples), ...byBody].sort());
});

for (const [name, sample] of Object.entries(samples)) {
  const key = name as Key; // the keys of the table above
  test(`${key}: the same again is one thing, and another under the same key is refused`, async () => {
    const { params, body, other, otherParams = params, refusal = 409, made: what } = await sample();
    const send = (sent: object | undefined, to = params) =>
      site.call(key, {
        ...(to === undefined ? {} : { params: to }),
        ...(sent === undefined ? {} : { body: sent }),
        headers: { 'idempotency-key': `repeat-${key.replaceAll(/\W+/g, '-')}` },
      });
    const before = await count(what);
    const first = await send(body);
    assert.ok(first.status < 300, JSON.stringify(first.body));
    const after = await count(what);
    assert.ok(after > before);
    const again = await send(body);
    assert.ok(again.status < 300, JSON.stringify(again.body));
    assert.equal(await count(what), after, 'nothing more was made');
    const { idempotency } = routes[key];
    if (idempotency !== 'own-key') {
      assert.deepEqual([again.status, again.body], [first.status, first.body]);
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
      const { rows } = await kept(`repeat-${key.replaceAll(/\W+/g, '-')}`);
      assert.equal(rows.length, 1);
      if (idempotency === 'sealed-key') requireSealed(rows[0], first.body);
    }
    const refused = await send(other, otherParams);
    assert.equal(refused.status, refusal, JSON.stringify(refused.body));
    assert.equal(await count(what), after);
  });
}

interface Kept {
  digest: Buffer;
  answer: string | null;
  sealed: Buffer | null;
}

const kept = (key: string) =>
  site.store.pool.query<Kept>(
    'select digest, answer, answer_sealed as sealed from idempotency_keys where key = $1',
    [key],
  );

/** From a digest of a request a weak secret in it could be guessed. */
function requireSealed(row: Kept | undefined, answer: unknown): void {
  assert.deepEqual([row?.digest.length, row?.answer], [0, null]);
  const plain = JSON.stringify(answer);
  assert.ok(row?.sealed);
  // Long enough that random bytes are not the same by chance.
  for (let at = 0; at + 8 <= plain.length; at++)
    assert.ok(!row.sealed.includes(plain.slice(at, at + 8)), plain);
}

test('a key of a request with a secret is no key of one without, nor the other way round', async () => {
  const send = (key: Key, body: object, name: string) =>
    site.call(key, { body, headers: { 'idempotency-key': name } });
  const apiKey = { name: 'crossed', permissions: ['node.read'] };
  assert.equal((await send('POST /v1/keys', apiKey, 'crossed-1')).status, 201);
  assert.equal((await send('POST /v1/schedules', schedule(3), 'crossed-2')).status, 201);
  for (const answer of [
    await send('POST /v1/schedules', schedule(3), 'crossed-1'),
    await send('POST /v1/keys', apiKey, 'crossed-2'),
  ])
    assert.deepEqual([answer.status, codeOf(answer.body)], [409, 'KEY_REUSED']);
});

test('a repeat shows a secret again that nobody can read in the database', async () => {
  const headers = { 'idempotency-key': 'with-a-secret' };
  const send = (body: object) => site.call('POST /v1/webhooks', { body, headers });
  const body = webhook('a-secret-path');
  const { secret } = (await send(body)).body as { secret: string };
  assert.match(secret, /^whsec_/);
  assert.equal(((await send(body)).body as { secret: string }).secret, secret);
  const { rows } = await site.store.pool.query<{ row: string }>(
    `select k::text || encode(coalesce(answer_sealed, ''), 'escape') as row from idempotency_keys k`,
  );
  assert.ok(rows.length > 0);
  for (const { row } of rows) assert.ok(!row.includes(secret) && !row.includes('a-secret-path'));
});

test('a schedule that is sent again at the same time or later is one schedule', async () => {
  const headers = { 'idempotency-key': 'every-thursday' };
  const send = () => site.call('POST /v1/schedules', { body: schedule(4), headers });
  const before = await count('schedules');
  const answers = await Promise.all([send(), send(), send()]);
  answers.push(await send());
  const made = answers.filter(({ status }) => status === 201);
  const [one] = made;
  for (const { body } of made) assert.deepEqual(body, one?.body);
  for (const { status, body } of answers.filter((answer) => !made.includes(answer)))
    assert.deepEqual([status, codeOf(body)], [409, 'KEY_IN_FLIGHT']);
  assert.equal(answers.at(-1)?.status, 201);
  assert.equal(await count('schedules'), before + 1);
});

const keyedRows = (Object.keys(routes) as Key[]).filter((key) => routes[key].idempotency.endsWith('-key'));
const wrongKeys = ['', 'two words', 'k'.repeat(129), 'caf\xe9'];
/** What a path needs; whether there is such a thing is asked after the key. */
const anywhere = { appid, id: 1, openid: account.openid(0) };

for (const key of keyedRows) {
  test(`${key}: its key is 1 to 128 visible ASCII characters, as in every row`, async () => {
    const {
      params = anywhere,
      body,
      made: what,
    }: Sample = (await samples[key]?.()) ?? {
      body: {},
      made: 'drafts',
    };
    const before = await count(what);
    for (const wrong of [...wrongKeys, '"two words"']) {
      const headers = { 'idempotency-key': wrong };
      const answer = await site.call(key, { params, ...(body === undefined ? {} : { body }), headers });
      assert.deepEqual([answer.status, codeOf(answer.body)], [400, 'KEY_INVALID'], `"${wrong}"`);
    }
    assert.equal(await count(what), before);
  });
}

test('a key in a body keeps to the same rule', async () => {
  const resend = { id: await ended(12) };
  const credits = { openid: account.openid(14) };
  const sent: [Key, Sample['params'], object][] = [
    ['POST /v1/messages', undefined, message(14)],
    ['POST /v1/campaigns', undefined, campaign(14)],
    ['POST /v1/campaigns/{id}/resend', resend, { what: ['failed'] }],
    ['POST /v1/contacts/{openid}/credits', credits, { appid, results: { [template_id]: 'accept' } }],
  ];
  for (const wrong of wrongKeys)
    for (const [key, params, body] of sent) {
      const answer = await site.call(key, {
        ...(params === undefined ? {} : { params }),
        body: { ...body, key: wrong },
      });
      assert.deepEqual([answer.status, codeOf(answer.body)], [400, 'KEY_INVALID'], `${key} "${wrong}"`);
    }
  const messages = wrongKeys.map((key, i) => ({ ...one(14 + i), key }));
  const batch = await site.call('POST /v1/messages/batch', { body: { appid, mode: 'valid', messages } });
  const { data } = batch.body as { data: { error?: { code: string } }[] };
  assert.deepEqual(
    data.map(({ error }) => error?.code),
    wrongKeys.map(() => 'KEY_INVALID'),
  );
});

test('the longest key is taken, and quotation marks of the header are no part of it', async () => {
  const longest = '!'.padEnd(128, 'k');
  const send = (body: object, key?: string) =>
    site.call('POST /v1/messages', {
      body,
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    });
  const first = await send(message(15), `"${longest}"`);
  assert.ok(first.status < 300, JSON.stringify(first.body));
  const { id } = first.body as { id: number };
  for (const again of [await send(message(15), longest), await send({ ...message(15), key: longest })])
    assert.equal((again.body as { id: number }).id, id, JSON.stringify(again.body));
  const body = { appid, mode: 'all', messages: [one(16), one(17)] };
  const batch = (key: string) =>
    site.call('POST /v1/messages/batch', { body, headers: { 'idempotency-key': key } });
  // The number of each message becomes a part of its key.
  assert.equal((await batch('b'.repeat(127))).status, 400);
  assert.equal((await batch('b'.repeat(126))).status, 202);
});

function codeOf(body: unknown): unknown {
  return (body as { code?: string }).code;
}
