import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../../src/store/access/audit.ts';
import { until } from '../support/cli.ts';
import { contractSite, row } from '../support/contract.ts';

const site = await contractSite();
const { appid } = site.account;
const other = 'wx00000000000000ff';

interface MadeKey {
  id: string;
  key: string;
}

async function make(body: object, as?: string): Promise<MadeKey> {
  const made = await site.call('POST /v1/keys', { body, ...(as === undefined ? {} : { as }) });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body as MadeKey; // requireDescribed has compared it with its row
}

row('GET /v1/me', 'says who asks and what they may do', async () => {
  const { key, id } = await make({ name: 'shop', permissions: ['message.send'], accounts: [appid] });
  const { body } = await site.call('GET /v1/me', { as: key });
  assert.deepEqual(body, {
    ...{ kind: 'key', id, name: 'shop', role: null },
    ...{ permissions: ['message.send'], accounts: [appid] },
  });
  const admin = await site.call('GET /v1/me');
  assert.deepEqual((admin.body as { name: string }).name, 'api.token');
});

row('POST /v1/keys', 'shows the key once, and nothing stored opens with it', async () => {
  const made = await make({ name: 'once', permissions: ['node.read'] });
  assert.match(made.key, /^hy_[0-9a-f]{12}_[\w-]{43}$/);
  assert.ok(made.key.includes(made.id));
  const secret = made.key.split('_').slice(2).join('_');
  const { rows } = await site.store.pool.query(`select api_keys::text as row from api_keys`);
  assert.ok(!JSON.stringify(rows).includes(secret));
  const audit = await site.call('GET /v1/audit', { query: { action: 'keys.create', limit: 1 } });
  assert.ok(!JSON.stringify(audit.body).includes(secret));
});

test('a key cannot be given more than its maker has', async () => {
  const maker = await make({
    name: 'maker',
    permissions: ['user.manage', 'message.read'],
    accounts: [appid],
  });
  const make2 = async (body: object): Promise<number> =>
    (await site.call('POST /v1/keys', { body: { name: 'more', ...body }, as: maker.key })).status;
  assert.equal(await make2({ permissions: ['message.read'], accounts: [appid] }), 201);
  assert.equal(await make2({ permissions: ['message.send'], accounts: [appid] }), 403);
  assert.equal(await make2({ permissions: ['message.read'], accounts: [other] }), 403);
  assert.equal(await make2({ permissions: ['message.read'] }), 403, 'every account');
});

row('DELETE /v1/keys/{id}', 'ends a key within two seconds, and twice is the same', async () => {
  const { id, key } = await make({ name: 'short', permissions: ['node.read'] });
  assert.equal((await site.call('GET /v1/nodes', { as: key })).status, 200);
  const first = await site.call('DELETE /v1/keys/{id}', { params: { id } });
  const isRefused = async () => (await site.call('GET /v1/nodes', { as: key })).status === 401;
  await until('it is refused', isRefused);
  assert.deepEqual((await site.call('DELETE /v1/keys/{id}', { params: { id } })).body, first.body);
  assert.equal((await site.call('DELETE /v1/keys/{id}', { params: { id: 'none' } })).status, 404);
});

test('a key ends at its time, and one that would have ended is not made', async () => {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const { id, key } = await make({ name: 'day', permissions: ['node.read'], expiresAt });
  assert.equal((await site.call('GET /v1/nodes', { as: key })).status, 200);
  await site.store.pool.query(`update api_keys set expires_at = now() - interval '1 second' where id = $1`, [
    id,
  ]);
  // What is known of it is read anew within two seconds.
  const isRefused = async () => (await site.call('GET /v1/nodes', { as: key })).status === 401;
  await until('it is refused', isRefused);
  const past = { name: 'past', permissions: ['node.read'], expiresAt: '2020-01-01T00:00:00Z' };
  assert.equal((await site.call('POST /v1/keys', { body: past })).status, 400);
});

row('GET /v1/keys', 'lists the newest first, page by page', async () => {
  const made = [];
  for (const name of ['a', 'b', 'c']) made.unshift(await make({ name, permissions: ['node.read'] }));
  // Of one millisecond, of which a page may end between two.
  const now = new Date();
  for (const [i, { id }] of made.toReversed().entries())
    await site.store.pool.query(
      `update api_keys set created_at = $2::timestamptz + $3 * interval '1 microsecond' where id = $1`,
      [id, now, i + 1],
    );
  const seen: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = { limit: 2, ...(cursor === null ? {} : { cursor }) };
    const { body } = await site.call('GET /v1/keys', { query });
    const page = body as { data: { id: string }[]; next: string | null };
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.next;
    if (cursor === null) break;
  }
  assert.deepEqual(
    seen.slice(0, 3),
    made.map(({ id }) => id),
  );
  assert.equal(new Set(seen).size, seen.length);
});

row(
  'GET /v1/audit',
  'lists what was changed and refused, and to a limited key of its accounts only',
  async () => {
    await make({ name: 'noted', permissions: ['node.read'] });
    const auditor = await site.key(['audit.read'], [appid]);
    const refused = await site.call('GET /v1/audit', { query: { appid: other }, as: auditor });
    assert.equal(refused.status, 403);
    const all = (await site.call('GET /v1/audit')).body as { data: AuditEntry[] };
    assert.deepEqual([all.data[0]?.outcome, all.data[0]?.appid], ['refused', other]);
    assert.ok(all.data.some(({ action, outcome }) => action === 'keys.create' && outcome === 'done'));
    const limited = (await site.call('GET /v1/audit', { as: auditor })).body as { data: AuditEntry[] };
    assert.ok(limited.data.every((entry) => entry.appid === appid));
  },
);

test('the audit is filtered by who, outcome and time, each alone and all together', async () => {
  const { key } = await make({ name: 'Nightly Export', permissions: ['audit.read'] });
  const before = new Date(Date.now() - 60_000).toISOString();
  await site.call('GET /v1/users', { as: key });
  const found = async (query: Record<string, string>): Promise<string[]> => {
    const { body } = await site.call('GET /v1/audit', { query });
    const { data } = body as { data: AuditEntry[] };
    return data.map(({ action, outcome, actorName }) => `${actorName} ${action} ${outcome}`);
  };
  const refusal = 'Nightly Export users.list refused';
  assert.deepEqual(await found({ who: 'nightly export' }), [refusal]);
  assert.deepEqual(await found({ who: 'nightly' }), []);
  const refused = await found({ outcome: 'refused' });
  assert.ok(refused.includes(refusal) && refused.every((one) => one.endsWith(' refused')));
  const soon = new Date(Date.now() + 60_000).toISOString();
  assert.deepEqual(await found({ who: 'Nightly Export', outcome: 'refused', from: before, to: soon }), [
    refusal,
  ]);
  assert.deepEqual(await found({ who: 'Nightly Export', to: before }), []);
  assert.deepEqual(await found({ who: 'Nightly Export', from: soon }), []);
  assert.equal((await site.call('GET /v1/audit', { query: { outcome: 'maybe' } })).status, 400);
});

test('the last use of a key is stored', async () => {
  const { id, key } = await make({ name: 'used', permissions: ['node.read'] });
  await site.call('GET /v1/nodes', { as: key });
  await until('its use is stored', async () => {
    const { body } = await site.call('GET /v1/keys', { query: { limit: 1 } });
    const [newest] = (body as { data: { id: string; lastUsedAt: string | null; lastUsedFrom: string }[] })
      .data;
    assert.equal(newest?.id, id);
    return newest.lastUsedAt !== null && newest.lastUsedFrom === '127.0.0.1';
  });
});
