import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { until } from '../support/cli.ts';
import { contractSite, foreign, row } from '../support/contract.ts';
import { received, templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 40 });
const { account } = site;
const { appid } = account;
await syncTemplates(site.app, appid);

const message = {
  template_id: templateOf(account, '消息通知'),
  data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
  url: 'https://example.com/a',
};
const wish = (from: number, to: number, more: object = {}) => ({
  ...{ appid, channel: 'template', message },
  audience: { kind: 'list', openids: Array.from({ length: to - from }, (_, i) => account.openid(from + i)) },
  ...more,
});

interface Plan {
  planHash: string;
  campaign: { counts: { planned: number } };
  examples: { card: { title: string; lines: { label: string; value: string }[]; opens: unknown } }[];
}

async function submitted(from: number, to: number, more: object = {}, headers = {}): Promise<number> {
  const { status, body } = await site.call('POST /v1/campaigns', { body: wish(from, to, more), headers });
  assert.equal(status, 202, JSON.stringify(body));
  return (body as { campaign: { id: number } }).campaign.id;
}

async function state(id: number): Promise<string> {
  return ((await shown(id)) as { state: string }).state;
}

async function shown(id: number): Promise<unknown> {
  return (await site.call('GET /v1/campaigns/{id}', { params: { id } })).body;
}

async function planned(from: number, to: number, more: object = {}): Promise<{ id: number; plan: Plan }> {
  const id = await submitted(from, to, more);
  await until('it is planned', async () => (await state(id)) === 'planned');
  const { status, body } = await site.call('GET /v1/campaigns/{id}/plan', { params: { id } });
  assert.equal(status, 200, JSON.stringify(body));
  return { id, plan: body as Plan };
}

async function sent(from: number, to: number): Promise<number> {
  const { id, plan } = await planned(from, to, { again: true });
  const body = { planned: plan.campaign.counts.planned, planHash: plan.planHash };
  await site.call('POST /v1/campaigns/{id}/confirm', { params: { id }, body });
  await until('it is done', async () => (await state(id)) === 'done');
  return id;
}

const other = ['wx00000000000000ff'];

row('POST /v1/campaigns', 'plans, sends to nobody, and is one campaign under one key', async () => {
  const headers = { 'idempotency-key': 'spring' };
  const id = await submitted(0, 5, {}, headers);
  assert.equal(await submitted(0, 5, {}, headers), id);
  const reused = await site.call('POST /v1/campaigns', { body: wish(0, 6), headers });
  assert.deepEqual([reused.status, (reused.body as { code: string }).code], [409, 'KEY_REUSED']);
  await until('it is planned', async () => (await state(id)) === 'planned');
  assert.equal((await received(site.wechat, appid)).size, 0);
  const late = await site.call('POST /v1/campaigns', {
    body: wish(0, 5, { startAt: '2099-01-02T00:00:00Z', validUntil: '2099-01-01T00:00:00Z' }),
    headers: { 'accept-language': 'zh' },
  });
  assert.deepEqual([late.status, (late.body as { code: string }).code], [400, 'TIME_INVALID']);
  assert.match((late.body as { detail: string }).detail, /validUntil .* 不晚于 startAt/);
});

row('GET /v1/campaigns/{id}/plan', 'shows messages as they will be read', async () => {
  const { plan } = await planned(5, 8);
  assert.equal(plan.campaign.counts.planned, 3);
  const [{ card } = { card: null }] = plan.examples;
  assert.equal(card?.title, '消息通知');
  assert.equal(card?.lines[0]?.value, '标题');
  assert.deepEqual(card?.opens, { kind: 'url', url: 'https://example.com/a' });
});

row('POST /v1/campaigns/{id}/confirm', 'names count and plan, or nothing is sent', async () => {
  const { id, plan } = await planned(8, 12);
  const confirm = (body: object) => site.call('POST /v1/campaigns/{id}/confirm', { params: { id }, body });
  for (const wrong of [
    { planned: 3, planHash: plan.planHash },
    { planned: 4, planHash: 'of something else' },
  ]) {
    const refused = await confirm(wrong);
    assert.deepEqual([refused.status, (refused.body as { code: string }).code], [409, 'CAMPAIGN_STATE']);
  }
  // What was looked at is no longer what people get.
  await site.store.pool.query("update templates set title = title || '!' where template_id = $1", [
    message.template_id,
  ]);
  assert.equal((await confirm({ planned: 4, planHash: plan.planHash })).status, 409);
  await site.store.pool.query("update templates set title = rtrim(title, '!') where template_id = $1", [
    message.template_id,
  ]);
  assert.equal(await state(id), 'planned');
  const taken = await confirm({ planned: 4, planHash: plan.planHash });
  assert.equal(taken.status, 200, JSON.stringify(taken.body));
  await until('it is done', async () => (await state(id)) === 'done');
  const got = await received(site.wechat, appid);
  for (let i = 8; i < 12; i++) assert.equal(got.get(account.openid(i)), 1);
});

row('GET /v1/campaigns/{id}', 'counts every recipient once', async () => {
  const report = (await shown(await sent(12, 15))) as Record<string, number>;
  assert.equal(report.accepted, 3);
});

row('GET /v1/campaigns', 'is a list by pages, the newest first', async () => {
  const all: number[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = { limit: 2, ...(cursor === '' ? {} : { cursor }) };
    const { body } = await site.call('GET /v1/campaigns', { query });
    const page = body as { data: { id: number }[]; next: string | null };
    all.push(...page.data.map(({ id }) => id));
    cursor = page.next;
  }
  assert.deepEqual(
    all,
    [...new Set(all)].sort((a, b) => b - a),
  );
  assert.ok(all.length >= 4);
  const as = await site.key(['campaign.read'], other);
  assert.deepEqual((await site.call('GET /v1/campaigns', { as })).body, { data: [], next: null });
});

row('GET /v1/campaigns/{id}/recipients', 'shows those of one outcome', async () => {
  account.unfollow(account.openid(16));
  await site.store.pool.query('delete from contacts where openid = $1', [account.openid(16)]);
  const id = await sent(15, 19);
  const of = async (query: Record<string, string | number>): Promise<unknown> => {
    const { status, body } = await site.call('GET /v1/campaigns/{id}/recipients', { params: { id }, query });
    assert.equal(status, 200, JSON.stringify(body));
    return (body as { data: { openid: string }[] }).data.map(({ openid }) => openid);
  };
  assert.deepEqual(await of({ outcome: 'rejected' }), [account.openid(16)]);
  assert.deepEqual(await of({ errcode: 43004 }), [account.openid(16)]);
  assert.equal(((await of({ limit: 2 })) as string[]).length, 2);
  assert.equal(((await of({})) as string[]).length, 4);
  assert.deepEqual(await of({ openid: account.openid(17) }), [account.openid(17)]);
  assert.deepEqual(await of({ openid: account.openid(17), outcome: 'rejected' }), []);
  assert.deepEqual(await of({ openid: account.openid(1) }), []);
  await site.store.pool.query(
    `update recipients set ref = case openid when $2 then 'A-2' else 'A-1' end where campaign_id = $1`,
    [id, account.openid(16)],
  );
  assert.deepEqual(await of({ ref: 'A-2' }), [account.openid(16)]);
  assert.deepEqual(await of({ ref: 'A-9' }), []);
});

row('GET /v1/campaigns/{id}/recipients', 'shows those with one receipt', async () => {
  const id = await sent(27, 31);
  const of = async (receipt: string): Promise<unknown> => {
    const { body } = await site.call('GET /v1/campaigns/{id}/recipients', {
      params: { id },
      query: { receipt },
    });
    return (body as { data: { no: number }[] }).data.map(({ no }) => no);
  };
  const bits = (set: number) => `${'0'.repeat(set)}1${'0'.repeat(999 - set)}`;
  await site.store.pool.query(
    `insert into chunk_receipts (campaign_id, first_no, delivered, blocked, failed_system, failed_frequency, failed_other, inferred)
     values ($1, 1, $2::text::varbit, $3::text::varbit, $4::text::varbit, $5::text::varbit, $5::text::varbit, $5::text::varbit)`,
    [id, bits(0), bits(2), bits(3), '0'.repeat(1_000)],
  );
  assert.deepEqual([await of('delivered'), await of('blocked'), await of('failed')], [[1], [3], [4]]);
  await site.store.pool.query('delete from chunk_receipts where campaign_id = $1', [id]);
  assert.deepEqual([await of('waiting'), await of('none'), await of('late')], [[], [], []]);
});

row('GET /v1/campaigns/{id}/activity', 'says how fast it went, and whom nobody knows of yet', async () => {
  const id = await sent(0, 4);
  const query = { span: 'all' };
  const { body } = await site.call('GET /v1/campaigns/{id}/activity', { params: { id }, query });
  interface Activity {
    underWay: number;
    inDoubt: number;
    stepSeconds: number;
    pace: { answered: number }[];
  }
  const { underWay, inDoubt, stepSeconds, pace } = body as Activity;
  assert.deepEqual([underWay, inDoubt, stepSeconds], [0, 0, 5]);
  assert.equal(Math.round(pace.reduce((sum, { answered }) => sum + answered, 0)), 4);
  // As a process leaves it that ends in the middle: two were answered, one is in doubt, one may be on its way.
  await site.store.pool.query(
    `update chunks set state = 'open', owner = gen_random_uuid(), watermark = 4, accepted = 2 where campaign_id = $1`,
    [id],
  );
  await site.store.pool.query('delete from facts where campaign_id = $1 and no > 2', [id]);
  await site.store.pool.query(
    `insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind, reason) values ($1, now(), 3, 1, 0, 1, 2, 'crash')`,
    [id],
  );
  const left = await site.call('GET /v1/campaigns/{id}/activity', { params: { id } });
  const seen = left.body as Activity;
  assert.deepEqual([seen.underWay, seen.inDoubt], [1, 1]);
});

row('GET /v1/campaigns/{id}/export', 'streams every recipient', async () => {
  const id = await sent(20, 23);
  const params = { id };
  const csv = await site.call('GET /v1/campaigns/{id}/export', { params });
  assert.match(String(csv.body), /^\ufeff?no,openid,ref,outcome/);
  assert.equal(String(csv.body).trim().split('\r\n').length, 4);
  const ndjson = await site.call('GET /v1/campaigns/{id}/export', { params, query: { format: 'ndjson' } });
  assert.equal(String(ndjson.body).match(/"outcome":"accepted"/g)?.length, 3);
});

row('POST /v1/campaigns/{id}/resend', 'plans a new campaign to those who were refused', async () => {
  account.unfollow(account.openid(24));
  await site.store.pool.query('delete from contacts where openid = $1', [account.openid(24)]);
  const id = await sent(23, 26);
  const body = { what: ['failed'] };
  const again = await site.call('POST /v1/campaigns/{id}/resend', { params: { id }, body });
  assert.equal(again.status, 202, JSON.stringify(again.body));
  const made = again.body as { campaign: { linkedTo: number }; by: object };
  assert.deepEqual([made.campaign.linkedTo, made.by], [id, { failed: 1, unknown: 0, unsent: 0 }]);
});

row('POST /v1/campaigns/{id}/pause', 'stops one that waits for its time, and resume goes on', async () => {
  const { id, plan } = await planned(26, 28, { startAt: '2099-01-01T00:00:00Z' });
  const body = { planned: 2, planHash: plan.planHash };
  await site.call('POST /v1/campaigns/{id}/confirm', { params: { id }, body });
  const paused = await site.call('POST /v1/campaigns/{id}/pause', { params: { id } });
  assert.deepEqual(paused.body, { id, state: 'paused' });
  const twice = await site.call('POST /v1/campaigns/{id}/pause', { params: { id } });
  assert.equal(twice.status, 409);
  const resumed = await site.call('POST /v1/campaigns/{id}/resume', { params: { id } });
  assert.deepEqual(resumed.body, { id, state: 'running' });
  await site.call('POST /v1/campaigns/{id}/cancel', { params: { id } });
});

row('POST /v1/campaigns/{id}/resume', 'is refused for one that waits for something else', async () => {
  const { id } = await planned(28, 29);
  const refused = await site.call('POST /v1/campaigns/{id}/resume', { params: { id } });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [409, 'CAMPAIGN_STATE']);
});

row('POST /v1/campaigns/{id}/cancel', 'ends one for good', async () => {
  const { id } = await planned(29, 30);
  const { body } = await site.call('POST /v1/campaigns/{id}/cancel', { params: { id } });
  assert.deepEqual(body, { id, state: 'cancelled' });
});

row(
  'POST /v1/campaigns/{id}/rate',
  'changes its own ceiling until it is over, and its plan says how long',
  async () => {
    const { id } = await planned(36, 38, { ratePerS: 1 });
    const plan = async () =>
      (await site.call('GET /v1/campaigns/{id}/plan', { params: { id } })).body as {
        ratePerS: number;
        seconds: number;
        planHash: string;
      };
    const first = await plan();
    assert.deepEqual([first.ratePerS, first.seconds], [1, 2]);
    const change = (ratePerS: unknown) =>
      site.call('POST /v1/campaigns/{id}/rate', { params: { id }, body: { ratePerS } });
    assert.deepEqual((await change(5)).body, { id, state: 'planned', ratePerS: 5 });
    assert.equal(((await shown(id)) as { ratePerS: number }).ratePerS, 5);
    for (const wrong of [0, 1.5, '5', undefined]) assert.equal((await change(wrong)).status, 400);
    assert.deepEqual((await change(null)).body, { id, state: 'planned', ratePerS: null });
    const { rate_per_s: account } = (
      await site.store.pool.query<{ rate_per_s: number }>(
        'select rate_per_s from accounts where appid = $1',
        [appid],
      )
    ).rows[0] ?? { rate_per_s: 0 };
    const last = await plan();
    assert.equal(last.ratePerS, account);
    assert.equal(last.planHash, first.planHash, 'the pace is no part of what somebody confirmed');
    await site.call('POST /v1/campaigns/{id}/cancel', { params: { id } });
    const late = await change(5);
    assert.deepEqual([late.status, (late.body as { code: string }).code], [409, 'CAMPAIGN_STATE']);
  },
);

test('a rate above the account’s is taken, and said to be the account’s', async () => {
  const { status, body } = await site.call('POST /v1/campaigns', {
    body: wish(38, 39, { ratePerS: 9_999_999 }),
  });
  assert.equal(status, 202, JSON.stringify(body));
  const { warnings, campaign } = body as { warnings: string[]; campaign: { ratePerS: number } };
  assert.equal(campaign.ratePerS, 9_999_999);
  assert.match(warnings.join(), /may send 9,999,999 messages\/s, but its account sends at most/);
});

row('POST /v1/campaigns/{id}/approve', 'is the word of another key', async () => {
  await site.store.pool.query('update accounts set approval_above = 1 where appid = $1', [appid]);
  const { id, plan } = await planned(30, 33);
  const body = { planned: 3, planHash: plan.planHash };
  const waiting = await site.call('POST /v1/campaigns/{id}/confirm', { params: { id }, body });
  assert.deepEqual(waiting.body, { id, state: 'planned', awaitsApproval: true });
  const own = await site.call('POST /v1/campaigns/{id}/approve', { params: { id } });
  assert.deepEqual([own.status, (own.body as { code: string }).code], [409, 'APPROVAL_OWN']);
  const as = await site.key(['campaign.approve'], [appid]);
  const approved = await site.call('POST /v1/campaigns/{id}/approve', { params: { id }, as });
  assert.deepEqual(approved.body, { id, state: 'running' });
  await site.store.pool.query('update accounts set approval_above = null where appid = $1', [appid]);
});

row('POST /v1/campaigns/test', 'says what WeChat answered', async () => {
  const test = (touser: string) =>
    site.call('POST /v1/campaigns/test', { body: { appid, channel: 'template', message, touser } });
  const taken = (await test(account.openid(34))).body as { kind: string; msgid: string };
  assert.equal(taken.kind, 'accepted');
  assert.match(taken.msgid, /^\d+$/);
  const refused = (await test('oNobodyAtAllNobodyAtAllNobod')).body as Record<string, unknown>;
  assert.deepEqual([refused.kind, refused.errcode], ['refused', 40003]);
  assert.ok(String(refused.explanation).length > 10);
});

const foreignly = async (key: Parameters<typeof foreign>[0], body?: object) => {
  const id = await submitted(35, 36, { again: true });
  const as = await site.key(['campaign.read', 'campaign.create', 'campaign.send', 'campaign.approve'], other);
  return await site.call(key, { params: { id }, as, ...(body === undefined ? {} : { body }) });
};
foreign('GET /v1/campaigns/{id}', () => foreignly('GET /v1/campaigns/{id}'));
foreign('GET /v1/campaigns/{id}/activity', () => foreignly('GET /v1/campaigns/{id}/activity'));
foreign('GET /v1/campaigns/{id}/plan', () => foreignly('GET /v1/campaigns/{id}/plan'));
foreign('GET /v1/campaigns/{id}/recipients', () => foreignly('GET /v1/campaigns/{id}/recipients'));
foreign('GET /v1/campaigns/{id}/export', () => foreignly('GET /v1/campaigns/{id}/export'));
foreign('POST /v1/campaigns/{id}/confirm', () =>
  foreignly('POST /v1/campaigns/{id}/confirm', { planned: 1, planHash: 'x' }),
);
foreign('POST /v1/campaigns/{id}/approve', () => foreignly('POST /v1/campaigns/{id}/approve'));
foreign('POST /v1/campaigns/{id}/pause', () => foreignly('POST /v1/campaigns/{id}/pause'));
foreign('POST /v1/campaigns/{id}/resume', () => foreignly('POST /v1/campaigns/{id}/resume'));
foreign('POST /v1/campaigns/{id}/cancel', () => foreignly('POST /v1/campaigns/{id}/cancel'));
foreign('POST /v1/campaigns/{id}/rate', () => foreignly('POST /v1/campaigns/{id}/rate', { ratePerS: 5 }));
foreign('POST /v1/campaigns/{id}/resend', () =>
  foreignly('POST /v1/campaigns/{id}/resend', { what: ['failed'] }),
);
