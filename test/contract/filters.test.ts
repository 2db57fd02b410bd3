import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { runSchedule } from '../../src/engine/campaigns/schedules.ts';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { storeRun } from '../../src/store/campaigns/schedules.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { until } from '../support/cli.ts';
import { campaignIs, confirmCampaign } from '../support/contract/campaigns.ts';
import { contractSite, row } from '../support/contract.ts';
import { received, templateOf, tutorialData } from '../support/wechat.ts';

const people = 24;
const site = await contractSite({ kind: 'service', followers: people });
const { account } = site;
const { appid } = account;
const { pool } = site.store;
await syncTemplates(site.app, appid);
const template = templateOf(account, '消息通知');
const params = { appid };
const openids = Array.from({ length: people }, (_, i) => account.openid(i));

/** What is known of each, as the rules should find it. */
const known = openids.map((openid, i) => ({
  openid,
  tags: i === 23 ? null : [...(i % 2 === 0 ? [101] : []), ...(i % 3 === 0 ? [102] : [])],
  days: i === 22 ? null : i,
  follows: i !== 21,
  balance: i % 4 === 0 ? 2 : i % 4 === 1 ? 0 : null,
  suppressed: i >= 2 && i <= 4,
  /** Of the earlier campaign: accepted, unknown, rejected, to be retried, doubted and then rejected. */
  facts: i < 6 ? [5] : ({ 6: [3], 7: [4], 8: [1], 9: [2, 4] }[i] ?? []),
  wasRecipient: i < 10,
}));
type Known = (typeof known)[number];
let earlier = 0;

before(async () => {
  for (const one of known) {
    await pool.query(
      `insert into contacts (appid, openid, follows, tag_ids, detailed_at, subscribed_at)
       values ($1, $2, $3, $4::integer[], case when $4::integer[] is null then null else clock_timestamp() end,
         clock_timestamp() - make_interval(days => $5, hours => -1))`,
      [appid, one.openid, one.follows, one.tags, one.days],
    );
    if (one.balance !== null)
      await pool.query(
        `insert into credit_balances (appid, openid, template_id, known, balance) values ($1, $2, 'credit-template', true, $3)`,
        [appid, one.openid, one.balance],
      );
    if (one.suppressed)
      await pool.query('insert into suppressions (appid, openid) values ($1, $2)', [appid, one.openid]);
  }
  const made = await pool.query<{ id: number }>(
    `insert into campaigns (appid, channel, state, fingerprint, audience, message, variables, dedupe, on_invalid)
     values ($1, 'oa-template', 'cancelled', '', '{"kind": "all"}', '{}', '{}', 'openid', 'skip') returning id`,
    [appid],
  );
  earlier = made.rows[0]?.id ?? 0;
  for (const [i, one] of known.filter(({ wasRecipient }) => wasRecipient).entries()) {
    await pool.query('insert into recipients (campaign_id, no, openid) values ($1, $2, $3)', [
      ...[earlier, i + 1, one.openid],
    ]);
    for (const kind of one.facts)
      await pool.query(
        `insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind) values ($1, clock_timestamp(), $2, 1, 1, 1, $3)`,
        [earlier, i + 1, kind],
      );
  }
});

interface Filter {
  id: number;
  name: string;
  revision: number;
  rules: object;
}
interface Found {
  count: number;
  unknown: number;
  first: { openid: string }[];
}
const codeOf = (body: unknown): unknown => (body as { code?: string }).code;
let made = 0;
async function added(rules: object, name = `filter ${++made}`): Promise<Filter> {
  const { status, body } = await site.call('POST /v1/accounts/{appid}/filters', {
    params,
    body: { name, rules },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body as Filter;
}
async function counted(rules: object): Promise<Found> {
  const { status, body } = await site.call('POST /v1/accounts/{appid}/filters/count', {
    params,
    body: { rules },
  });
  assert.equal(status, 200, JSON.stringify(body));
  return body as Found;
}

const got = ({ facts }: Known): boolean => [2, 3, 5].includes(Math.max(0, ...facts));
const since = new Date(Date.now() - 10 * 86_400_000).toISOString();
const cases: [string, () => object, (one: Known) => boolean][] = [
  ['one tag', () => ({ tags: [101] }), ({ tags }) => tags?.includes(101) ?? false],
  ['any of the tags', () => ({ tags: [101, 102] }), ({ tags }) => (tags?.length ?? 0) > 0],
  ['since', () => ({ subscribedSince: since }), ({ days }) => days !== null && days <= 10],
  ['within days', () => ({ subscribedWithinDays: 5 }), ({ days }) => days !== null && days <= 5],
  ['suppressed', () => ({ suppressed: true }), ({ suppressed }) => suppressed],
  ['not suppressed', () => ({ suppressed: false }), ({ suppressed }) => !suppressed],
  ['credit left', () => credit('left'), ({ balance }) => (balance ?? 0) > 0],
  ['credit none', () => credit('none'), ({ balance }) => balance === 0],
  ['credit known', () => credit('known'), ({ balance }) => balance !== null],
  ['credit unknown', () => credit('unknown'), ({ balance }) => balance === null],
  ['got it', () => ({ campaigns: [{ id: earlier, got: true }] }), got],
  ['not got it', () => ({ campaigns: [{ id: earlier, got: false }] }), (one) => !got(one)],
];
function credit(is: string) {
  return { credit: { templateId: 'credit-template', is } };
}

row(
  'POST /v1/accounts/{appid}/filters/count',
  'counts whom each rule names, and each two of them',
  async () => {
    for (const [a, rulesOfA, holdsA] of cases)
      for (const [b, rulesOfB, holdsB] of cases) {
        const rules = { ...rulesOfA(), ...rulesOfB() };
        // Two rules of one name are one.
        if (a !== b && Object.keys(rules).length === 1) continue;
        const expected = known.filter((one) => one.follows && holdsA(one) && holdsB(one));
        const found = await counted(rules);
        assert.equal(found.count, expected.length, `${a}, ${b}`);
        const first = expected.map(({ openid }) => openid).sort();
        assert.deepEqual(
          found.first.map(({ openid }) => openid),
          first.slice(0, 5),
          `${a}, ${b}`,
        );
      }
  },
);

test('those of whom nobody knows whether they belong to it are said beside the count', async () => {
  assert.equal((await counted({ tags: [101] })).unknown, 1);
  assert.equal((await counted({ subscribedWithinDays: 3 })).unknown, 1);
  assert.equal((await counted({ suppressed: false })).unknown, 0);
});

row('POST /v1/accounts/{appid}/filters', 'saves one, and refuses what would be everybody', async () => {
  const filter = await added({ tags: [101] }, 'VIP');
  assert.deepEqual([filter.name, filter.rules], ['VIP', { tags: [101] }]);
  const refused = async (body: object) => {
    const answer = await site.call('POST /v1/accounts/{appid}/filters', { params, body });
    return [answer.status, codeOf(answer.body)];
  };
  assert.deepEqual(await refused({ name: 'vip', rules: { tags: [1] } }), [409, 'FILTER_NAME_TAKEN']);
  assert.deepEqual(await refused({ name: 'all', rules: {} }), [400, 'FILTER_EMPTY']);
  assert.deepEqual(await refused({ name: 'x', rules: { campaigns: [{ id: 9_999, got: true }] } }), [
    ...[404, 'CAMPAIGN_NOT_FOUND'],
  ]);
  assert.deepEqual(await refused({ name: 'x', rules: { tag: 1 } }), [400, 'REQUEST_INVALID']);
});

row('GET /v1/accounts/{appid}/filters', 'lists them, page after page', async () => {
  const two = [await added({ tags: [101] }), await added({ tags: [102] })];
  const ids: number[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = { limit: 1, ...(cursor === null ? {} : { cursor }) };
    const { body } = await site.call('GET /v1/accounts/{appid}/filters', { params, query });
    const { data, next } = body as { data: Filter[]; next: string | null };
    ids.push(...data.map(({ id }) => id));
    if (next === null) break;
    cursor = next;
  }
  assert.deepEqual(
    ids.slice(-2),
    two.map(({ id }) => id),
  );
});

row('GET /v1/accounts/{appid}/filters/{id}', 'shows one', async () => {
  const { id } = await added({ suppressed: false });
  const shown = await site.call('GET /v1/accounts/{appid}/filters/{id}', { params: { appid, id } });
  assert.deepEqual((shown.body as Filter).rules, { suppressed: false });
  const missing = await site.call('GET /v1/accounts/{appid}/filters/{id}', { params: { appid, id: 9_999 } });
  assert.deepEqual([missing.status, codeOf(missing.body)], [404, 'FILTER_NOT_FOUND']);
});

row(
  'GET /v1/accounts/{appid}/filters/{id}/contacts',
  'shows whom it finds, and pages forget nobody',
  async () => {
    const { id } = await added({ tags: [101, 102] });
    const found: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const query = { limit: 4, ...(cursor === null ? {} : { cursor }) };
      const key = 'GET /v1/accounts/{appid}/filters/{id}/contacts';
      const { body } = await site.call(key, { params: { appid, id }, query });
      const { data, next } = body as { data: { openid: string }[]; next: string | null };
      found.push(...data.map(({ openid }) => openid));
      if (next === null) break;
      cursor = next;
    }
    const expected = known.filter((one) => one.follows && (one.tags?.length ?? 0) > 0);
    assert.deepEqual(found, expected.map(({ openid }) => openid).sort());
  },
);

const edit = (id: number, body: object, as?: string) =>
  site.call('PATCH /v1/accounts/{appid}/filters/{id}', {
    ...{ params: { appid, id }, body },
    ...(as === undefined ? {} : { as }),
  });

row('PATCH /v1/accounts/{appid}/filters/{id}', 'changes name or rules', async () => {
  const { id, revision } = await added({ tags: [101] });
  const other = await added({ tags: [102] });
  assert.equal(revision, 1);
  const { body } = await edit(id, { revision: 1, rules: { suppressed: true } });
  assert.deepEqual([(body as Filter).rules, (body as Filter).revision], [{ suppressed: true }, 2]);
  assert.equal(
    codeOf((await edit(id, { revision: 2, name: other.name.toUpperCase() })).body),
    'FILTER_NAME_TAKEN',
  );
  assert.equal(((await edit(id, { revision: 2, name: 'another' })).body as Filter).name, 'another');
  assert.equal(codeOf((await edit(id, { revision: 3, rules: {} })).body), 'FILTER_EMPTY');
});

test('an edit of a filter overwrites nobody, and says who was faster', async () => {
  const { id } = await added({ tags: [101] }, 'both of us');
  const colleague = await site.key(['campaign.create', 'contact.read'], [appid]);
  assert.equal((await edit(id, { revision: 1, rules: { tags: [102] } }, colleague)).status, 200);
  const mine = await edit(id, { revision: 1, name: 'mine' });
  assert.deepEqual([mine.status, codeOf(mine.body)], [409, 'FILTER_CHANGED']);
  assert.match(
    (mine.body as { detail: string }).detail,
    /by key key with 2 permissions on \d{4}-\d\d-\d\d.* revision 2, .* to 1/,
  );
  const shown = await site.call('GET /v1/accounts/{appid}/filters/{id}', { params: { appid, id } });
  const now = shown.body as Filter;
  assert.deepEqual([now.name, now.rules, now.revision], ['both of us', { tags: [102] }, 2]);
});

test('of four that save a filter at the same moment one does', async () => {
  const { id } = await added({ tags: [101] });
  const answers = await Promise.all([1, 2, 3, 4].map((n) => edit(id, { revision: 1, rules: { tags: [n] } })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
});

const message = {
  template_id: template,
  data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
};

row('DELETE /v1/accounts/{appid}/filters/{id}', 'removes it, unless a schedule sends to it', async () => {
  const { id } = await added({ tags: [101] });
  const remove = () => site.call('DELETE /v1/accounts/{appid}/filters/{id}', { params: { appid, id } });
  const schedule = await site.call('POST /v1/schedules', {
    body: { appid, channel: 'template', message, cron: '0 9 * * 1', audience: { kind: 'filter', id } },
  });
  assert.equal(schedule.status, 201, JSON.stringify(schedule.body));
  const refused = await remove();
  assert.deepEqual([refused.status, codeOf(refused.body)], [409, 'FILTER_IN_USE']);
  await site.call('DELETE /v1/schedules/{id}', { params: { id: (schedule.body as { id: number }).id } });
  assert.equal((await remove()).status, 204);
  assert.equal((await remove()).status, 204);
  const gone = await site.call('POST /v1/schedules', {
    body: { appid, channel: 'template', message, cron: '0 9 * * 1', audience: { kind: 'filter', id } },
  });
  assert.deepEqual([gone.status, codeOf(gone.body)], [404, 'FILTER_NOT_FOUND']);
});

/** Followers with the tag who did not get the earlier campaign. */
const rules = () => ({ tags: [101], campaigns: [{ id: earlier, got: false }] });
const fits = (one: Known): boolean => one.follows && (one.tags?.includes(101) ?? false) && !got(one);
const fitting = known.filter(fits);
const reached = fitting.filter(({ suppressed }) => !suppressed);

interface Campaign {
  id: number;
  state: string;
  audience: { kind: string; rules?: object };
  counts: { audience: number; planned: number; excluded: number };
}
const campaign = async (id: number): Promise<Campaign> =>
  (await site.call('GET /v1/campaigns/{id}', { params: { id } })).body as Campaign;

test('a campaign reaches whom its filter found when it was made, and nobody else', async () => {
  const { id: filter } = await added(rules());
  const body = { appid, channel: 'template', message, audience: { kind: 'filter', id: filter } };
  const taken = await site.call('POST /v1/campaigns', { body });
  assert.equal(taken.status, 202, JSON.stringify(taken.body));
  const { id } = (taken.body as { campaign: Campaign }).campaign;
  assert.equal((await edit(filter, { revision: 1, rules: { tags: [102] } })).status, 200);
  await campaignIs(site, id, 'planned');
  const { counts, audience } = await campaign(id);
  assert.deepEqual(audience.rules, rules());
  assert.deepEqual(
    [counts.audience, counts.planned, counts.excluded],
    [fitting.length, reached.length, fitting.length - reached.length],
  );
  await confirmCampaign(site, id);
  await campaignIs(site, id, 'done');
  const sent = await received(site.wechat, appid);
  assert.deepEqual([...sent.keys()].sort(), reached.map(({ openid }) => openid).sort());
  assert.ok([...sent.values()].every((count) => count === 1));
});

test('a run of a schedule sends to whom the filter finds by then', async () => {
  const { id: filter } = await added(rules());
  const schedule = await site.call('POST /v1/schedules', {
    body: {
      appid,
      channel: 'template',
      message,
      cron: '0 9 * * 1',
      audience: { kind: 'filter', id: filter },
    },
  });
  const { id } = schedule.body as { id: number };
  const change = { rules: { tags: [102], suppressed: false } };
  assert.equal((await edit(filter, { revision: 1, ...change })).status, 200);
  const run = { local: '2026-11-23T09:00', at: Date.now(), state: 'started' } as const;
  await inTransaction(pool, (client) => storeRun(client, id, run));
  await runSchedule(site.app, id, run.local, new AbortController().signal);
  const { rows } = await pool.query<{ id: number }>('select id from campaigns where schedule_id = $1', [id]);
  const campaignId = rows[0]?.id ?? 0;
  await until('it is done', async () => (await campaign(campaignId)).state === 'done');
  const { counts, audience } = await campaign(campaignId);
  assert.deepEqual(audience.rules, change.rules);
  const expected = known.filter((one) => one.follows && one.tags?.includes(102) && !one.suppressed);
  assert.equal(counts.planned, expected.length);
});

test('the command line counts, saves and sends to filters', async () => {
  const json = async (...args: string[]) =>
    JSON.parse(await site.cli.ok([...args, '--json'])) as Found & Filter;
  const found = await json('filters', 'count', appid, '--tag', '101', '--not-got', String(earlier));
  assert.deepEqual([found.count, found.unknown], [fitting.length, 1]);
  const flags = ['--tag', '101', '--not-got', String(earlier), '--no-suppressed'];
  const saved = await json('filters', 'add', appid, 'by command', ...flags);
  assert.deepEqual([saved.count, saved.rules], [reached.length, { ...rules(), suppressed: false }]);
  const words = [
    'push',
    '--account',
    appid,
    '--channel',
    'template',
    '--template',
    template,
    ...tutorialData,
  ];
  const planned = await site.cli.ok([...words, '--to', `filter:${saved.id}`, '--dry-run']);
  assert.match(planned, new RegExp(`\\b${reached.length}\\b`));
  const edited = await json('filters', 'edit', appid, String(saved.id), '--credit', 'credit-template=left');
  assert.deepEqual(edited.rules, { credit: { templateId: 'credit-template', is: 'left' } });
  assert.match(await site.cli.ok(['filters', 'list', appid]), /by command/);
  await site.cli.ok(['filters', 'remove', appid, String(saved.id)]);
});

test('a filter by a campaign whose people were removed is refused, and not half true', async () => {
  await pool.query('update campaigns set pruned_at = clock_timestamp() where id = $1', [earlier]);
  const body = { rules: { campaigns: [{ id: earlier, got: false }] } };
  const refused = await site.call('POST /v1/accounts/{appid}/filters/count', { params, body });
  assert.deepEqual([refused.status, codeOf(refused.body)], [409, 'CAMPAIGN_PRUNED']);
});
