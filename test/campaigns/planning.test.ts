import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { silentLogger } from '../../src/base/logger.ts';
import { stageRecords } from '../../src/engine/audience/stage.ts';
import { prepareCampaign } from '../../src/engine/campaigns/campaigns.ts';
import { planCampaign } from '../../src/engine/campaigns/plan.ts';
import type { RecipientRecord, SourceCells } from '../../src/engine/formats/record.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { storeTemplates } from '../../src/store/accounts/templates.ts';
import { bucketPages } from '../../src/store/campaigns/bucket-rows.ts';
import { endUnsent, findCampaign, startPlanning } from '../../src/store/campaigns/campaigns.ts';
import { findRecipients } from '../../src/store/campaigns/outcomes.ts';
import { copyStaging, type StagedRow } from '../../src/store/campaigns/staged-rows.ts';
import { listDropped } from '../../src/store/campaigns/staging.ts';
import { migrate } from '../../src/store/database/migrate.ts';
import { createPool, inTransaction, type Pool } from '../../src/store/database/pool.ts';
import { stillSends } from '../../src/store/erase.ts';
import { makeSite } from '../support/campaign.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
const { store } = site;
const { pool } = store;
const clients = new AccountClients({ store, logger: silentLogger });
after(() => clients.close());
const wechat = await startWechat({ followers: 1, kind: 'service' });
const appid = await site.add(wechat, wechat.account());
await storeTemplates(
  pool,
  appid,
  ['template'],
  [
    {
      ...{
        templateId: 't'.repeat(43),
        family: 'template',
        title: 't',
        content: '{{first.DATA}}',
        example: '',
      },
      ...{ kind: 'free', type: null, fields: [{ key: 'first', label: '', class: null }] },
    },
  ],
);

let campaigns = 0;
const person = (i: number): string => `oPlan${String(i).padStart(23, '0')}`;

/** Stages so many rows of a file with a column 订单, and what `cells` says besides. */
async function staged(
  rows: number,
  cells: (i: number) => SourceCells = (i) => ({ cells: [person(i), `订单 ${i}`] }),
): Promise<number> {
  const prepared = await prepareCampaign(
    { store, clients },
    {
      ...{ appid, channel: 'oa-template', columns: ['订单'], onInvalid: 'skip', again: true, lang: 'en' },
      message: { parts: { templateId: 't'.repeat(43), data: { first: '{{订单}}' } } },
      audience: { kind: 'file', name: 'orders.csv' },
      audienceName: String(campaigns++),
      dedupe: 'row',
    },
  );
  assert.equal(prepared.kind, 'created');
  async function* records(): AsyncGenerator<RecipientRecord[]> {
    for (let from = 0; from < rows; from += 1000)
      yield Array.from({ length: Math.min(1000, rows - from) }, (_, n) => {
        const source = cells(from + n);
        const [openid = '', order = ''] = source.cells;
        return { kind: 'row', line: from + n + 2, openid, vars: { 订单: order }, source: () => source };
      });
  }
  const { id } = prepared.campaign;
  await stageRecords(pool, prepared.campaign, records());
  return id;
}

async function plan(id: number): Promise<void> {
  assert.ok(await startPlanning(pool, id));
  await planCampaign({ store, clients, logger: silentLogger }, id);
  const campaign = await findCampaign(pool, id);
  assert.equal(campaign?.state, 'planned');
}

/** The statements that this process makes meanwhile. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const made: string[] = [];
  const { query } = pg.Client.prototype;
  const look: (...args: unknown[]) => unknown = function (this: pg.Client, ...args) {
    const [first] = args as [string | { text?: string; cursor?: { text?: string } }];
    made.push(typeof first === 'string' ? first : (first.text ?? first.cursor?.text ?? ''));
    return Reflect.apply(query, this, args);
  };
  Object.assign(pg.Client.prototype, { query: look });
  try {
    await work();
  } finally {
    Object.assign(pg.Client.prototype, { query });
  }
  return made;
}

const about = (made: string[], pattern: RegExp): number => made.filter((one) => pattern.test(one)).length;

test('a plan makes its statements for pages and buckets, not for rows', async () => {
  const rows = 20_000;
  let id = 0;
  const staging = await statementsOf(async () => {
    id = await staged(rows);
  });
  // Four pages of 5,000, in each of which the rows of a bucket are one.
  assert.equal(about(staging, /^copy staging/), 4);
  const { rows: packed } = await pool.query<{ n: number }>(
    'select count(*)::integer as n from staging where campaign_id = $1',
    [id],
  );
  assert.equal(packed[0]?.n, 4 * 64);
  const planning = await statementsOf(() => plan(id));
  for (const [what, pattern] of [
    ['rows read', /^\s*select seq, rows from staging/],
    ['people looked up', /from unnest\(\$3::text\[\]\) with ordinality/],
    ['recipients written', /^copy recipients/],
    ['buckets ended', /plan_bucket = plan_bucket \+ 1/],
  ] as const)
    assert.equal(about(planning, pattern), 64, what);
  assert.equal(about(planning, /^copy dropped/), 0);
  assert.ok(planning.length < 64 * 10, String(planning.length));
});

test('the rows of the next bucket are looked up while one is written', async () => {
  const id = await staged(6_000);
  const made = await statementsOf(() => plan(id));
  const kinds = made.flatMap((one) =>
    /^\s*select seq, rows from staging/.test(one)
      ? ['read']
      : /plan_bucket = plan_bucket \+ 1/.test(one)
        ? ['end']
        : [],
  );
  assert.deepEqual(kinds.slice(0, 3), ['read', 'read', 'end']);
});

test('a campaign of several pages keeps order, duplicates and what a row holds', async () => {
  const id = await staged(12_000, (i) => ({
    // Every third row comes again 6,000 rows later; "1","23" and "12","3" are two.
    cells: i >= 6_000 && i % 3 === 0 ? [person(i - 6_000), order(i - 6_000)] : [person(i), order(i)],
  }));
  await plan(id);
  const campaign = await findCampaign(pool, id);
  assert.deepEqual([campaign?.plannedCount, campaign?.duplicateCount], [10_000, 2_000]);
  const dropped = await listDropped(pool, id, 0, 10_000);
  assert.ok(dropped.every(({ seq, line }) => seq > 6_000 && line === seq + 1 && (seq - 1) % 3 === 0));
  const { rows } = await pool.query<{
    no: number;
    line: number;
    openid: string;
    vars: string;
    bucket: number;
  }>(
    `select r.no, r.line, r.openid, r.vars, width_bucket(r.no, array(select unnest(c.bucket_ends) + 1)) as bucket
     from recipients r join campaigns c on c.id = r.campaign_id where c.id = $1 order by r.no`,
    [id],
  );
  assert.equal(rows.length, 10_000);
  let last = { bucket: -1, line: 0 };
  for (const [i, { no, line, openid, vars, bucket }] of rows.entries()) {
    assert.equal(no, i + 1);
    assert.deepEqual([openid, vars], [person(line - 2), JSON.stringify([order(line - 2)])]);
    // Inside a bucket in the order of the file.
    if (bucket === last.bucket) assert.ok(line > last.line, `no. ${no}`);
    last = { bucket, line };
  }
});

/** Whatever a cell may hold: quotes, a backslash, the file's own separators, characters of four bytes. */
function order(i: number): string {
  return [`订单 "${i}"`, `a\\t${i}`, `𠮷,\t${i}`, `x\ny ${i}`][i % 4] ?? '';
}

test('rows are one row only if all their cells are', async () => {
  const openid = person(0);
  const rows: SourceCells[] = [
    { cells: [openid, '1', '23'] },
    { cells: [openid, '12', '3'] },
    { cells: [openid, '1', '23', ''] }, // as the first
    { cells: [openid, '1', '2', '3'] },
    { cells: [openid, '1:1', '3'] },
    { cells: [openid, '1'], far: new Map([[2, '23']]) },
    { cells: [openid, '1', '\ud800'] },
    { cells: [openid, '1', '\ud801'] },
  ];
  const id = await staged(rows.length, (i) => rows[i] ?? { cells: [] });
  await plan(id);
  const dropped = await listDropped(pool, id, 0, 10);
  assert.deepEqual(
    dropped.map((one) => [one.seq, one.reason]),
    [[3, 'duplicate']],
  );
});

test('one of many recipients is found without reading the others', async () => {
  const other = (i: number): string => person(i).replace('oPlan', 'oFind');
  const id = await staged(20_000, (i) => ({ cells: [other(i), order(i)] }));
  await plan(id);
  await inTransaction(pool, async (client) => {
    const read = async (): Promise<number> => {
      const { rows } = await client.query<{ n: number }>(
        `select sum(pg_stat_get_xact_tuples_fetched(one) + pg_stat_get_xact_tuples_returned(one)) as n
         from unnest(array['recipients'::regclass, 'recipients_person'::regclass, 'recipients_pkey'::regclass]) one`,
      );
      return Number(rows[0]?.n);
    };
    const before = await read();
    const found = await findRecipients(client, id, { openid: other(19_999), ref: null }, 0, 10);
    assert.equal(found.length, 1);
    assert.ok((await read()) - before < 50);
    // A page goes on after the last one of the page before.
    const [no = 0] = found;
    const who = { openid: other(19_999), ref: null };
    assert.deepEqual(await findRecipients(client, id, who, no - 1, 10), [no]);
    assert.deepEqual(await findRecipients(client, id, who, no, 10), []);
    assert.deepEqual(await findRecipients(client, id, { openid: other(19_999), ref: 'x' }, 0, 10), []);
  });
});

test('what is staged is read as it was, however long and whatever somebody calls an openid', async () => {
  const id = await staged(0);
  const row = (seq: number, more: Partial<StagedRow>): StagedRow => ({
    ...{ seq, line: seq + 1, openid: 'o', dedupeKey: null, vars: null, ref: null },
    ...more,
  });
  const rows = [
    row(1, { vars: '["a\\"\\\\\\u001e\\u001f"]', ref: 'a, "b"', dedupeKey: 'k'.repeat(22) }),
    // More than is kept together, and more of them than are read at once.
    ...Array.from({ length: 200 }, (_, i) => row(i + 2, { vars: JSON.stringify(['字'.repeat(40_000)]) })),
    row(202, { openid: 'with\x1e\x1fboth' }),
  ];
  await inTransaction(pool, (client) => copyStaging(client, id, rows));
  const read: StagedRow[] = [];
  const nothing = { asksFollows: false, looksForErased: false, credits: null };
  const leftOut = { campaigns: [], fatigueDays: null, bucketsByColumn: false };
  let pages = 0;
  for await (const page of bucketPages(pool, { id, appid }, 0, { ...nothing, leftOut })) {
    pages++;
    read.push(...page.rows);
  }
  assert.ok(pages > 64);
  assert.deepEqual(
    read
      .map(({ seq, line, openid, dedupeKey, vars, ref }) => ({ seq, line, openid, dedupeKey, vars, ref }))
      .sort((a, b) => a.seq - b.seq),
    rows.map((one) => ({ ...one, openid: one.openid.replace(/[^\w]/g, '') })),
  );
});

test('somebody who is staged is still sent to, until the campaign is planned and over', async () => {
  // Nobody of the other campaigns here.
  const other = (i: number): string => person(i).replace('oPlan', 'oEver');
  const id = await staged(3_000, (i) => ({ cells: [other(i), 'x'] }));
  const sends = async (openid: string) => (await stillSends(pool, appid, openid)).campaigns;
  assert.deepEqual(await sends(other(2_345)), [id]);
  assert.deepEqual(await sends(other(2_345).slice(0, -1)), []);
  await plan(id);
  assert.deepEqual(await sends(other(2_345)), [id]);
  await endUnsent(pool, id, 'cancelled', 'operator', null);
  assert.deepEqual(await sends(other(2_345)), []);
});

test('what an older version staged and had not planned is planned', async () => {
  const database = await createTestDatabase();
  const old: Pool = createPool(database.connection);
  try {
    await migrate(old, 95);
    await old.query(
      `insert into accounts (appid, kind, name, token_source) values ('wx1', 'service', '', 'none')`,
    );
    const { rows } = await old.query<{ id: number }>(
      `insert into campaigns (appid, channel, state, fingerprint, audience, message, variables, dedupe, on_invalid)
       values ('wx1', 'kf', 'planning', '', '{"kind":"list","count":0}', '{}', '{}', 'openid', 'skip') returning id`,
    );
    const id = rows[0]?.id ?? 0;
    await old.query(
      `insert into staging (campaign_id, bucket, seq, line, openid, dedupe_key, vars, ref)
       select $1, i % 2, i, i + 1, 'o' || i, case when i % 3 = 0 then 'key' || i end, '["' || i || '"]', case when i % 5 = 0 then 'ref' || i end
       from generate_series(1, 450) i`,
      [id],
    );
    await migrate(old);
    const read: StagedRow[] = [];
    const look = { asksFollows: true, looksForErased: false, credits: null };
    const leftOut = { campaigns: [], fatigueDays: null, bucketsByColumn: false };
    for await (const page of bucketPages(old, { id, appid: 'wx1' }, 0, { ...look, leftOut })) {
      assert.ok(
        page.rows.every((one, i) => one.seq % 2 === page.bucket && one.seq > (page.rows[i - 1]?.seq ?? 0)),
      );
      read.push(...page.rows);
    }
    assert.deepEqual(
      read
        .sort((a, b) => a.seq - b.seq)
        .map((one) => [one.openid, one.line, one.dedupeKey, one.vars, one.ref]),
      Array.from({ length: 450 }, (_, n) => {
        const i = n + 1;
        return [`o${i}`, i + 1, i % 3 === 0 ? `key${i}` : null, `["${i}"]`, i % 5 === 0 ? `ref${i}` : null];
      }),
    );
  } finally {
    await old.end();
    await database.drop();
  }
});
