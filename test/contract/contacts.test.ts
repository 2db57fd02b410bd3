import assert from 'node:assert/strict';
import { until } from '../support/cli.ts';
import { type Answered, contractSite, row } from '../support/contract.ts';

const site = await contractSite({
  kind: 'service',
  followers: 120,
  tags: [{ name: 'vip', share: 0.5 }],
});
const { appid } = site.account;
const params = { appid };
const openids = Array.from({ length: 120 }, (_, i) => site.account.openid(i)).sort();

const codeOf = ({ status, body }: Answered): [number, unknown] => [status, (body as { code?: string }).code];
const fieldOf = ({ body }: Answered, name: string): unknown => Reflect.get(Object(body), name);

row(
  'POST /v1/accounts/{appid}/follower-syncs',
  'answers at once, and the sync comes to its end',
  async () => {
    const body = { details: true };
    const begun = await site.call('POST /v1/accounts/{appid}/follower-syncs', { params, body });
    assert.equal(begun.status, 202, JSON.stringify(begun.body));
    const id = Number(fieldOf(begun, 'id'));
    const sync = () => site.call('GET /v1/accounts/{appid}/follower-syncs/{id}', { params: { appid, id } });
    await until('the sync is done', async () => fieldOf(await sync(), 'state') === 'done');
    await until('the details are there', async () => {
      const query = { appid, limit: 200 };
      const { data } = (await site.call('GET /v1/contacts', { query })).body as {
        data: { detailedAt: unknown }[];
      };
      return data.length === 120 && data.every((one) => one.detailedAt !== null);
    });
    const done = (await sync()).body as { seen: number; added: number; failedCode: unknown };
    assert.deepEqual([done.seen, done.added, done.failedCode], [120, 120, null]);
  },
);

row('GET /v1/accounts/{appid}/followers/count', 'says how many follow, and as of when', async () => {
  const { status, body } = await site.call('GET /v1/accounts/{appid}/followers/count', { params });
  assert.equal(status, 200, JSON.stringify(body));
  const { syncedAt, ...counts } = body as { syncedAt: string | null };
  assert.deepEqual(counts, { all: 120, following: 120, unfollowed: 0 });
  assert.ok(Date.parse(syncedAt ?? '') > 0);
});

row('GET /v1/accounts/{appid}/follower-syncs/{id}', 'says why one in the background failed', async () => {
  site.account.setIpWhitelist(['203.0.113.7']);
  const begun = await site.call('POST /v1/accounts/{appid}/follower-syncs', { params, body: {} });
  const id = Number(fieldOf(begun, 'id'));
  const sync = () => site.call('GET /v1/accounts/{appid}/follower-syncs/{id}', { params: { appid, id } });
  await until('the sync failed', async () => fieldOf(await sync(), 'failedCode') === 'WECHAT_ERROR');
  site.account.setIpWhitelist(undefined);
  await site.call('POST /v1/accounts/{appid}/follower-syncs', { params, body: {} });
  await until('it went on', async () => fieldOf(await sync(), 'state') === 'done');
  const missing = await site.call('GET /v1/accounts/{appid}/follower-syncs/{id}', {
    params: { appid, id: 999 },
  });
  assert.deepEqual(codeOf(missing), [404, 'SYNC_NOT_FOUND']);
});

row('GET /v1/accounts/{appid}/follower-syncs', 'lists the newest first', async () => {
  const { body } = await site.call('GET /v1/accounts/{appid}/follower-syncs', {
    params,
    query: { limit: 1 },
  });
  const { data, next } = body as { data: { id: number }[]; next: string };
  assert.equal(String(data[0]?.id), next);
  const query = { limit: 10, cursor: next };
  const rest = await site.call('GET /v1/accounts/{appid}/follower-syncs', { params, query });
  assert.equal(fieldOf(rest, 'next'), null);
});

row('GET /v1/contacts', 'finds by openid, unionid and tag, and pages forget nobody', async () => {
  const found: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = { appid, limit: 50, ...(cursor === null ? {} : { cursor }) };
    const page = await site.call('GET /v1/contacts', { query });
    found.push(...(fieldOf(page, 'data') as { openid: string }[]).map(({ openid }) => openid));
    cursor = fieldOf(page, 'next') as string | null; // of the contract
    if (cursor === null) break;
  }
  assert.deepEqual(found, openids);
  const by = async (filter: Record<string, string | number>) => {
    const query = { appid, limit: 200, ...filter };
    return (await site.call('GET /v1/contacts', { query })).body as {
      data: { openid: string; unionid: string | null; tagIds: number[] | null }[];
    };
  };
  const [one] = (await by({ openid: openids[3] ?? '' })).data;
  assert.equal(one?.openid, openids[3]);
  const { data: tags } = (await site.call('GET /v1/accounts/{appid}/tags', { params })).body as {
    data: { id: number; name: string; count: number }[];
  };
  const vip = tags.find(({ name }) => name === 'vip');
  const tagged = (await by({ tag: vip?.id ?? -1 })).data;
  assert.equal(tagged.length, vip?.count);
  assert.ok(tagged.every((contact) => contact.tagIds?.includes(vip?.id ?? -1)));
  await site.store.pool.query("update contacts set unionid = 'u-1' where openid = $1", [openids[5]]);
  assert.deepEqual(
    (await by({ unionid: 'u-1' })).data.map(({ openid }) => openid),
    [openids[5]],
  );
  assert.deepEqual((await by({ follows: 'false' })).data, []);
});

row('GET /v1/contacts/{openid}', 'says whether campaigns may send to them', async () => {
  const openid = openids[0] ?? '';
  const query = { appid };
  const shown = await site.call('GET /v1/contacts/{openid}', { params: { openid }, query });
  assert.deepEqual([fieldOf(shown, 'follows'), fieldOf(shown, 'suppressed')], [true, false]);
  const nobody = await site.call('GET /v1/contacts/{openid}', { params: { openid: 'o'.repeat(28) }, query });
  assert.deepEqual(codeOf(nobody), [404, 'CONTACT_NOT_FOUND']);
});

row('GET /v1/accounts/{appid}/tags', 'are those of WeChat', async () => {
  const { body } = await site.call('GET /v1/accounts/{appid}/tags', { params });
  assert.ok((body as { data: { name: string }[] }).data.some(({ name }) => name === 'vip'));
});

row('POST /v1/accounts/{appid}/suppressions', 'puts people on the list once', async () => {
  const body = { openids: openids.slice(0, 2), note: '投诉' };
  const added = [];
  for (let i = 0; i < 2; i++)
    added.push((await site.call('POST /v1/accounts/{appid}/suppressions', { params, body })).body);
  assert.deepEqual(added, [{ added: 2 }, { added: 0 }]);
  const shown = await site.call('GET /v1/contacts/{openid}', {
    params: { openid: openids[0] ?? '' },
    query: { appid },
  });
  assert.equal(fieldOf(shown, 'suppressed'), true);
});

row('GET /v1/accounts/{appid}/suppressions', 'lists them with their note', async () => {
  const query = { limit: 1 };
  const { body } = await site.call('GET /v1/accounts/{appid}/suppressions', { params, query });
  const { data, next } = body as { data: { openid: string; note: string }[]; next: string };
  assert.deepEqual([data[0]?.openid, data[0]?.note, next], [openids[0], '投诉', openids[0]]);
  const of = async (openid = '') => {
    const found = await site.call('GET /v1/accounts/{appid}/suppressions', { params, query: { openid } });
    return (fieldOf(found, 'data') as { openid: string }[]).map((one) => one.openid);
  };
  assert.deepEqual([await of(openids[1]), await of(openids[2])], [[openids[1]], []]);
});

row('DELETE /v1/accounts/{appid}/suppressions/{openid}', 'takes one off', async () => {
  const removed = [];
  for (let i = 0; i < 2; i++) {
    const answer = await site.call('DELETE /v1/accounts/{appid}/suppressions/{openid}', {
      params: { appid, openid: openids[0] ?? '' },
    });
    removed.push(answer.body);
  }
  assert.deepEqual(removed, [{ removed: 1 }, { removed: 0 }]);
});
