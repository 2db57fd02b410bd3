import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { until } from '../support/cli.ts';
import { campaignIs, confirmCampaign, planCampaign } from '../support/contract/campaigns.ts';
import { contractSite, row } from '../support/contract.ts';
import { received, templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 6 });
const { account } = site;
const { appid } = account;
const { pool } = site.store;
await syncTemplates(site.app, appid);
const person = account.openid(0);
const other = account.openid(1);
const unionid = 'union-of-the-erased-person';
const template = templateOf(account, '消息通知');
const message = {
  template_id: template,
  data: { keyword1: '{{name}}', keyword2: '内容', keyword3: '2026-11-22' },
};

interface Campaign {
  id: number;
  state: string;
  counts: Record<string, number>;
  accepted: number;
  rejected: number;
}
const campaign = async (id: number): Promise<Campaign> =>
  (await site.call('GET /v1/campaigns/{id}', { params: { id } })).body as Campaign;
async function submitted(body: object): Promise<number> {
  return await planCampaign(site, { appid, channel: 'template', ...body });
}
async function sent(id: number): Promise<void> {
  await confirmCampaign(site, id);
  await campaignIs(site, id, 'done');
}
const erase = (openid = person) =>
  site.call('DELETE /v1/contacts/{openid}', { params: { openid }, query: { appid } });

/** Tables in a row of which one of the texts stands: as text, and as bytes. */
async function standsIn(...texts: string[]): Promise<string[]> {
  const tables = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('hongyan', 'pgboss') order by 1`,
  );
  const found: string[] = [];
  const wanted = texts.flatMap((text) => [text, Buffer.from(text).toString('hex')]);
  for (const { name } of tables.rows) {
    const { rows } = await pool.query(
      `select 1 from only ${name} t where exists (select 1 from unnest($1::text[]) w where strpos(t::text, w) > 0) limit 1`,
      [wanted],
    );
    if (rows.length > 0) found.push(name.replace(/^hongyan\./, '').replace(/^(events|receipts)_.*/, '$1'));
  }
  return [...new Set(found)].sort();
}

/** Everywhere that somebody can stand in, without WeChat's having to say it. */
async function seed(openid: string, union: string, id: number, messageId: number): Promise<void> {
  const run = (sql: string, ...values: unknown[]) => pool.query(sql, values);
  await run(
    `insert into contacts (appid, openid, follows, unionid, remark) values ($1, $2, true, $3, $2) on conflict (appid, openid) do update set unionid = $3`,
    ...[appid, openid, union],
  );
  await run(
    `insert into credit_entries (appid, openid, template_id, key, kind, at) values ($1, $2, 't', $2, 'import', now())`,
    appid,
    openid,
  );
  await run(`insert into credit_balances (appid, openid, template_id) values ($1, $2, 't')`, appid, openid);
  await run(
    `insert into credit_reservations (campaign_id, no, appid, openid, template_id, held) values ($3, (select count(*) + 100 from credit_reservations), $1, $2, 't', 'unknown')`,
    ...[appid, openid, id],
  );
  await run(
    `insert into form_credits (appid, openid, form_id, kind, uses_left, expires_at) values ($1, $2, 'form of ' || $2, 'form', 1, now())`,
    ...[appid, openid],
  );
  await run(
    `insert into form_reservations (campaign_id, no, appid, openid, form_id) values ($3, (select count(*) + 100 from form_reservations), $1, $2, 'f')`,
    ...[appid, openid, id],
  );
  await run(
    `insert into exclusions (campaign_id, openid, code) values ($2, $1, 'excluded-file')`,
    openid,
    id,
  );
  await run('update campaigns set plan_cursor = coalesce(plan_cursor, $1) where id = $2', openid, id);
  for (const [n, holder] of [id, null].entries())
    await run(
      `insert into receipts (appid, created_at, msgid, campaign_id, no, status, openid, detail)
       values ($1, now(), (select count(*) + 9000 + $3 from receipts), $4, case when $4::bigint is null then null else 1 end, 1, $2, $2)`,
      ...[appid, openid, n, holder],
    );
  await run(
    `insert into events (appid, created_at, key, type, openid, fields, raw) values ($1, now(), $2 || 'key', 'follow', $2, json_build_object('UnionId', $3::text), convert_to($2, 'UTF8'))`,
    ...[appid, openid, union],
  );
  await run(
    `insert into stream_log (appid, topic, ref, data) values ($1, 'events', 1, json_build_object('openid', $2::text))`,
    appid,
    openid,
  );
  await run(`insert into suppressions (appid, openid, note) values ($1, $2, $2)`, appid, openid);
  await run(
    'update accounts set test_openids = array_append(test_openids, $2) where appid = $1',
    appid,
    openid,
  );
  await run(`insert into follower_syncs (appid, state, next_openid) values ($1, 'done', $2)`, appid, openid);
  await run(
    `insert into idempotency_keys (actor, key, digest, answer) values ('key:x', 'order of ' || $1, '', $1)`,
    openid,
  );
  await run(
    `update messages set body = json_build_object('touser', openid), key = 'for ' || openid where id = $1`,
    messageId,
  );
  const { rows } = await run(
    `insert into webhooks (appid, url_sealed, host, secret_sealed, topics, state) values ($1, '', 'h', '', '{follow}', 'paused') returning id`,
    appid,
  );
  const webhook = rows[0].id;
  const item = JSON.stringify({ topic: 'follow', openid, unionid: union });
  await run(
    `insert into webhook_items (webhook_id, subject, body) values ($1, $2, $3)`,
    webhook,
    openid,
    item,
  );
  const kept = JSON.stringify({ topic: 'follow', openid: 'somebody else' });
  const delivery = await run(
    `insert into webhook_deliveries (webhook_id, body, items, state) values ($1, $2, 2, 'dead') returning id`,
    ...[webhook, `{"appid":"${appid}","items":[${item},${kept}]}`],
  );
  await run(
    `insert into webhook_subjects (webhook_id, subject, delivery_id) values ($1, $2, $3)`,
    webhook,
    openid,
    delivery.rows[0].id,
  );
}

let campaignId = 0;

row(
  'DELETE /v1/contacts/{openid}',
  'leaves the person nowhere in the database, and every count as it was',
  async () => {
    const csv = `openid,name,ref\n${person},王小明,order-1\n${other},韩梅梅,order-2\n${person},王小明,order-3\n`;
    const upload = await site.call('POST /v1/audiences', {
      query: { appid, name: 'orders.csv' },
      body: csv,
      headers: { 'content-type': 'text/csv' },
    });
    const { id: uploadId } = upload.body as { id: number };
    const of = { message, audience: { kind: 'upload', id: uploadId }, dedupe: 'openid' };
    campaignId = await submitted(of);
    await sent(campaignId);
    const data = Object.fromEntries(Object.entries(message.data).map(([name, value]) => [name, { value }]));
    data.keyword1 = { value: '王小明' };
    const { status: taken, body: single } = await site.call('POST /v1/messages', {
      body: { appid, channel: 'template', touser: person, ref: 'order-4', template_id: template, data },
    });
    assert.equal(taken, 202, JSON.stringify(single));
    const { id: messageId } = single as { id: string };
    await until('the message is out', async () => {
      const { rows } = await pool.query('select 1 from open_messages');
      return rows.length === 0;
    });
    await site.call('POST /v1/drafts', {
      body: {
        appid,
        request: { audience: { kind: 'list', openids: [person, other] } },
        client: { said: person },
      },
    });
    await seed(person, unionid, campaignId, Number(messageId));
    await seed(other, 'union-of-another', campaignId, Number(messageId) + 1);
    const everywhere = [
      ...[
        'accounts',
        'campaigns',
        'contacts',
        'credit_balances',
        'credit_entries',
        'credit_reservations',
        'drafts',
      ],
      ...[
        'dropped',
        'events',
        'exclusions',
        'follower_syncs',
        'form_credits',
        'form_reservations',
        'idempotency_keys',
      ],
      ...[
        'messages',
        'receipts',
        'recipients',
        'source_pages',
        'stream_log',
        'suppressions',
        'upload_parts',
        'uploads',
      ],
      ...['webhook_deliveries', 'webhook_items', 'webhook_subjects'],
    ];
    assert.deepEqual(await standsIn(person), everywhere);
    const counted = async () => {
      const { counts, accepted, rejected } = await campaign(campaignId);
      const { rows } = await pool.query('select count(*) from receipts where campaign_id = $1', [campaignId]);
      return { counts, accepted, rejected, receipts: rows[0].count };
    };
    const before = await counted();
    const ofOther = await standsIn(other);

    const { status, body } = await erase();
    assert.equal(status, 200, JSON.stringify(body));
    const { tables } = body as { tables: Record<string, number> };
    assert.deepEqual(
      Object.keys(tables).sort(),
      everywhere.filter((name) => name !== 'upload_parts'),
    );
    assert.deepEqual(await standsIn(person, unionid, 'order-1', 'order-3', 'order-4'), []);
    assert.deepEqual(await counted(), before);
    // Of somebody else only the file is gone, in which both stood. A packed page shows a text or not.
    const isShown = (name: string): boolean => !/^(?:upload|source_pages)/.test(name);
    assert.deepEqual((await standsIn(other)).filter(isShown), ofOther.filter(isShown));
    const { rows: posts } = await pool.query(
      `select body from webhook_deliveries order by created_at limit 1`,
    );
    assert.deepEqual(JSON.parse(posts[0].body), {
      appid,
      items: [{ topic: 'follow', openid: 'somebody else' }],
    });
    const exported = await site.call('GET /v1/campaigns/{id}/export', {
      params: { id: campaignId },
      query: { format: 'ndjson', withColumns: true },
    });
    assert.ok(!String(exported.body).includes('王小明') && !String(exported.body).includes(person));
    assert.ok(String(exported.body).includes('韩梅梅'));

    const again = await erase();
    assert.deepEqual([again.status, (again.body as { rows: number }).rows], [200, 0]);
  },
);

test('whoever was erased is sent no campaign, though a list names them, until they are let back', async () => {
  const body = { message: { template_id: template, data: { ...message.data, keyword1: '标题' } } };
  const list = { kind: 'list', openids: [person, account.openid(2)] };
  await erase();
  const before = (await received(site.wechat, appid)).get(person);
  const id = await submitted({ ...body, audience: list, again: true });
  const { counts } = await campaign(id);
  assert.deepEqual([counts.planned, counts.excluded], [1, 1]);
  await sent(id);
  assert.equal((await received(site.wechat, appid)).get(person), before);
  assert.deepEqual(await standsIn(person), []);
  await site.call('DELETE /v1/accounts/{appid}/suppressions/{openid}', { params: { appid, openid: person } });
  const next = await submitted({ ...body, audience: list, again: true });
  assert.equal((await campaign(next)).counts.planned, 2);
  await site.call('POST /v1/campaigns/{id}/cancel', { params: { id: next } });
});

test('a resend of an ended campaign leaves out whoever was erased', async () => {
  await pool.query(`update facts set kind = 4, errcode = 43101 where campaign_id = $1`, [campaignId]);
  await pool.query('update chunks set accepted = 0, rejected = accepted where campaign_id = $1', [
    campaignId,
  ]);
  const again = await site.call('POST /v1/campaigns/{id}/resend', {
    params: { id: campaignId },
    body: { what: ['failed'] },
  });
  assert.equal((again.body as { recipients: number }).recipients, 1, JSON.stringify(again.body));
});

test('nobody is erased while something may still be sent to them', async () => {
  const whom = account.openid(3);
  const id = await submitted({
    message: { template_id: template, data: { ...message.data, keyword1: '标题' } },
    audience: { kind: 'list', openids: [whom] },
  });
  const marks = async (): Promise<number | null> =>
    (await pool.query('select from erased_people where appid = $1', [appid])).rowCount;
  const marked = await marks();
  const refused = await erase(whom);
  const { code, detail } = refused.body as { code: string; detail: string };
  assert.deepEqual([refused.status, code], [409, 'CONTACT_BUSY']);
  assert.equal(await marks(), marked, 'whoever is not erased may be sent to');
  assert.match(detail, new RegExp(`\\b${id}\\b`));
  assert.ok((await standsIn(whom)).includes('recipients'));
  await site.call('POST /v1/campaigns/{id}/cancel', { params: { id } });
  assert.equal((await erase(whom)).status, 200);
  assert.deepEqual(await standsIn(whom), []);
});

test('the command line erases, when it is told to', async () => {
  const whom = account.openid(4);
  await site.cli.ok(['suppress', 'add', appid, whom]);
  await site.cli.ok(['followers', 'erase', appid, whom, '--yes']);
  assert.deepEqual(await standsIn(whom), []);
});
