import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { permissions } from '../../src/contract/permissions.ts';
import { until } from '../support/cli.ts';
import { contractSite, foreign, row } from '../support/contract.ts';
import { startReceiver, tellFollows } from '../support/webhooks.ts';

const site = await contractSite();
const { pool } = site.store;
const { appid } = site.account;
const stranger = await site.key(permissions, ['wx00000000000000ff']);
const hook = await startReceiver();

interface Added {
  id: number;
  host: string;
  secret: string | null;
  oldSecretUntil: string | null;
  state: string;
}

async function add(url = hook.url, topics = ['follow']): Promise<Added> {
  const { status, body } = await site.call('POST /v1/webhooks', { body: { appid, url, topics } });
  assert.equal(status, 201, JSON.stringify(body));
  return body as Added; // compared with its row by `call`
}

const { id, secret } = await add();
const params = { id };

row(
  'POST /v1/webhooks',
  'adds one, shows its secret once, and no more of its URL than the host',
  async () => {
    const added = await add('http://127.0.0.1:9/a-secret-path', ['outcome', 'campaign']);
    assert.match(String(added.secret), /^whsec_/);
    const shown = JSON.stringify((await site.call('GET /v1/webhooks')).body);
    assert.ok(!shown.includes(String(added.secret)) && !shown.includes('a-secret-path'));
    for (const [body, code] of [
      [{ url: 'http://10.0.0.1/', topics: ['follow'] }, 'WEBHOOK_ADDRESS_REFUSED'],
      [{ url: hook.url, topics: ['follows'] }, 'WEBHOOK_TOPICS_INVALID'],
      [{ url: hook.url, topics: ['follow'], secret: 'short' }, 'WEBHOOK_SECRET_INVALID'],
      [{ url: 'hook', topics: ['follow'] }, 'WEBHOOK_URL_INVALID'],
    ] as const) {
      const answer = await site.call('POST /v1/webhooks', { body: { appid, ...body } });
      assert.deepEqual([answer.status, (answer.body as { code: string }).code], [400, code]);
    }
    const all = await site.call('GET /v1/webhooks', { query: { limit: 1000 } });
    assert.equal((all.body as { data: Added[] }).data.length, 2);
    await site.call('DELETE /v1/webhooks/{id}', { params: { id: added.id } });
    const own = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const { body } = await site.call('POST /v1/webhooks', {
      body: { appid, url: hook.url, topics: ['follow'], secret: own },
    });
    const kept = body as Added; // compared with its row by `call`
    assert.equal(kept.secret, null);
    await site.call('DELETE /v1/webhooks/{id}', { params: { id: kept.id } });
  },
);

row('GET /v1/webhooks', 'lists page by page, and to a limited key those of its accounts', async () => {
  const more = [await add(), await add()];
  const seen: number[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = { appid, limit: 2, ...(cursor === null ? {} : { cursor }) };
    const { body } = await site.call('GET /v1/webhooks', { query });
    const page = body as { data: Added[]; next: string | null };
    seen.push(...page.data.map((one) => one.id));
    cursor = page.next;
    if (cursor === null) break;
  }
  assert.deepEqual(seen, [id, ...more.map((one) => one.id)]);
  const others = (await site.call('GET /v1/webhooks', { as: stranger })).body as { data: Added[] };
  assert.deepEqual(others.data, []);
  for (const one of more) await site.call('DELETE /v1/webhooks/{id}', { params: { id: one.id } });
});

row('GET /v1/webhooks/{id}', 'shows one', async () => {
  const { body } = await site.call('GET /v1/webhooks/{id}', { params });
  assert.deepEqual((body as Added).host, new URL(hook.url).host);
  assert.equal((await site.call('GET /v1/webhooks/{id}', { params: { id: 99 } })).status, 404);
});
foreign('GET /v1/webhooks/{id}', () => site.call('GET /v1/webhooks/{id}', { params, as: stranger }));

row('GET /v1/webhooks/{id}/deliveries', 'lists its POSTs by state, page by page', async () => {
  for (const openid of ['oA', 'oB', 'oC']) {
    const posts = hook.posts.length;
    await tellFollows(pool, appid, [[openid, '']]);
    await until('it is told', async () => hook.posts.length > posts);
  }
  const list = async (query: Record<string, string | number>) =>
    (await site.call('GET /v1/webhooks/{id}/deliveries', { params, query })).body as {
      data: { id: string; state: string }[];
      next: string | null;
    };
  await until('all are stored as taken', async () => (await list({ state: 'delivered' })).data.length === 3);
  const first = await list({ limit: 2 });
  const second = await list({ limit: 2, cursor: String(first.next) });
  assert.equal(second.next, null);
  const ids = [...first.data, ...second.data].map((one) => one.id);
  assert.deepEqual(ids.toReversed(), hook.posts.map((post) => post.id).slice(-3), 'the newest first');
  assert.deepEqual((await list({ state: 'dead' })).data, []);
});
foreign('GET /v1/webhooks/{id}/deliveries', () =>
  site.call('GET /v1/webhooks/{id}/deliveries', { params, as: stranger }),
);

row('GET /v1/webhooks/{id}/deliveries/{delivery}', 'shows what a POST holds, as it is signed', async () => {
  const post = hook.posts.at(-1);
  const { body } = await site.call('GET /v1/webhooks/{id}/deliveries/{delivery}', {
    params: { id, delivery: post?.id ?? '' },
  });
  assert.equal((body as { body: string }).body, post?.body);
  for (const delivery of ['00000000-0000-4000-8000-000000000000', 'x']) {
    const none = await site.call('GET /v1/webhooks/{id}/deliveries/{delivery}', { params: { id, delivery } });
    assert.equal(none.status, 404);
  }
  const other = await add('http://127.0.0.1:9/other', ['campaign']);
  const delivery = post?.id ?? '';
  const mistaken = await site.call('GET /v1/webhooks/{id}/deliveries/{delivery}', {
    params: { id: other.id, delivery },
  });
  assert.equal(mistaken.status, 404, 'it is not of that webhook');
  const replay = { params: { id: other.id }, body: { delivery } };
  assert.notEqual((await site.call('POST /v1/webhooks/{id}/replay', replay)).status, 200);
  await site.call('DELETE /v1/webhooks/{id}', { params: { id: other.id } });
});
foreign('GET /v1/webhooks/{id}/deliveries/{delivery}', () =>
  site.call('GET /v1/webhooks/{id}/deliveries/{delivery}', {
    params: { id, delivery: hook.posts.at(-1)?.id ?? '' },
    as: stranger,
  }),
);

row('POST /v1/webhooks/{id}/replay', 'sends a POST of any state once more, under its id', async () => {
  const [first] = hook.posts;
  const before = hook.posts.length;
  const { body } = await site.call('POST /v1/webhooks/{id}/replay', {
    params,
    body: { delivery: first?.id },
  });
  assert.deepEqual(body, { replayed: 1 });
  await until('it came again', async () => hook.posts.length === before + 1);
  assert.deepEqual([hook.posts.at(-1)?.id, hook.posts.at(-1)?.body], [first?.id, first?.body]);
  const dead = await site.call('POST /v1/webhooks/{id}/replay', { params, body: {} });
  assert.deepEqual(dead.body, { replayed: 0 });
  const none = await site.call('POST /v1/webhooks/{id}/replay', { params, body: { delivery: 'x' } });
  assert.equal(none.status, 404);
});
foreign('POST /v1/webhooks/{id}/replay', () =>
  site.call('POST /v1/webhooks/{id}/replay', { params, body: {}, as: stranger }),
);

row(
  'POST /v1/webhooks/{id}/rotate',
  'signs with both for a while, as the public library takes it',
  async () => {
    const { body } = await site.call('POST /v1/webhooks/{id}/rotate', { params, body: { oldForHours: 1 } });
    const rotated = body as { secret: string; oldUntil: string };
    const ahead = Date.parse(rotated.oldUntil) - Date.now();
    assert.ok(Math.abs(ahead - 3_600_000) < 60_000, `${ahead} ms`);
    const told = async (openid: string) => {
      const posts = hook.posts.length;
      await tellFollows(pool, appid, [[openid, '']]);
      const post = await until('it is told', async () => hook.posts[posts]);
      return (key: string): boolean => {
        try {
          new Webhook(key).verify(post.body, post.headers as Record<string, string>);
          return true;
        } catch {
          return false;
        }
      };
    };
    const both = await told('oBoth');
    assert.deepEqual([both(rotated.secret), both(String(secret))], [true, true]);
    await pool.query(`update webhooks set previous_secret_until = now() - interval '1 s' where id = $1`, [
      id,
    ]);
    const one = await told('oOne');
    assert.deepEqual([one(rotated.secret), one(String(secret))], [true, false]);
    const own = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const given = { params, body: { secret: own, oldForHours: 0 } };
    assert.deepEqual((await site.call('POST /v1/webhooks/{id}/rotate', given)).body, {
      secret: null,
      oldUntil: null,
    });
    const mine = await told('oMine');
    assert.deepEqual([mine(own), mine(rotated.secret)], [true, false]);
  },
);
foreign('POST /v1/webhooks/{id}/rotate', () =>
  site.call('POST /v1/webhooks/{id}/rotate', { params, body: {}, as: stranger }),
);

row('PUT /v1/webhooks/{id}/state', 'pauses it, and what it is to be told waits', async () => {
  const change = async (state: string) =>
    (await site.call('PUT /v1/webhooks/{id}/state', { params, body: { state } })).body;
  const shown = async () => {
    const { body } = await site.call('GET /v1/webhooks/{id}', { params });
    return body as { state: string; waiting: number }; // compared with its row by `call`
  };
  // A POST that the receiver has answered is not stored as taken yet: until then what it holds still waits.
  await until('what was told before is stored as taken', async () => (await shown()).waiting === 0);
  const beside = await startReceiver();
  const other = await add(beside.url);
  assert.deepEqual(await change('paused'), { changed: true });
  assert.deepEqual(await change('paused'), { changed: false });
  const posts = hook.posts.length;
  await tellFollows(pool, appid, [['oPaused', '']]);
  await until('another webhook is told', async () => beside.posts.length === 1);
  const { state, waiting } = await shown();
  assert.deepEqual([state, waiting], ['paused', 1]);
  assert.equal(hook.posts.length, posts);
  assert.deepEqual(await change('active'), { changed: true });
  await until('it is told', async () => hook.posts.length === posts + 1);
  await site.call('DELETE /v1/webhooks/{id}', { params: { id: other.id } });
});
foreign('PUT /v1/webhooks/{id}/state', () =>
  site.call('PUT /v1/webhooks/{id}/state', { params, body: { state: 'paused' }, as: stranger }),
);

row('POST /v1/webhooks/{id}/test', 'says what the receiver does', async () => {
  assert.equal((await site.call('POST /v1/webhooks/{id}/test', { params })).status, 200);
  hook.status = 503;
  const failed = await site.call('POST /v1/webhooks/{id}/test', { params });
  hook.status = 200;
  assert.deepEqual([failed.status, (failed.body as { code: string }).code], [502, 'WEBHOOK_FAILED']);
  assert.match((failed.body as { detail: string }).detail, /HTTP 503/);
});
foreign('POST /v1/webhooks/{id}/test', () =>
  site.call('POST /v1/webhooks/{id}/test', { params, as: stranger }),
);

row('DELETE /v1/webhooks/{id}', 'removes it with its deliveries', async () => {
  const added = await add();
  const gone = { params: { id: added.id } };
  assert.equal((await site.call('DELETE /v1/webhooks/{id}', gone)).status, 204);
  assert.equal((await site.call('GET /v1/webhooks/{id}', gone)).status, 404);
});
foreign('DELETE /v1/webhooks/{id}', () => site.call('DELETE /v1/webhooks/{id}', { params, as: stranger }));

test('the changes are in the audit, without secrets', async () => {
  const { body } = await site.call('GET /v1/audit', { query: { appid, limit: 200 } });
  const entries = (body as { data: { action: string }[] }).data;
  for (const action of [
    'webhooks.add',
    'webhooks.rotate',
    'webhooks.state',
    'webhooks.replay',
    'webhooks.remove',
  ])
    assert.ok(
      entries.some((one) => one.action === action),
      action,
    );
  assert.doesNotMatch(JSON.stringify(entries), /whsec_|hidden/);
});
