import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import type { CampaignReceipts } from '../../src/engine/campaigns/receipt-report.ts';
import { ReceiptMatcher } from '../../src/engine/events/receipt-matcher.ts';
import { receiptsOf } from '../../src/engine/events/receipts.ts';
import type { StoredEvent } from '../../src/engine/events/stored-event.ts';
import { claimChunk } from '../../src/store/campaigns/chunks.ts';
import { flushChunk } from '../../src/store/campaigns/flush.ts';
import { maintainReceiptPartitions } from '../../src/store/events/receipt-partitions.ts';
import { matchReceipts } from '../../src/store/events/receipts.ts';
import type { ReceiptStatus } from '../../src/wechat/callback/event.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import {
  addCallback,
  type SentMessage,
  sentMessages,
  statusOf,
  subscribeReceipt,
  take,
  templateReceipt,
} from '../support/receipts/receipts.ts';

const epoch = { monotonic: 0, wall: 0 };
const scene = await makeScene('oa-template');
const { pool, account } = scene;
const { appid } = account;
const now = Math.floor(Date.now() / 1000);
// Beforehand, as a node does at its start: a row that was on its way into the default partition is refused.
await maintainReceiptPartitions(pool);
await addCallback(pool, appid);

async function delivered(planned: number, chunkSize = 1_000): Promise<{ id: number; sent: SentMessage[] }> {
  const id = await scene.campaign(planned, { chunkSize });
  const node = await scene.node({ answerTimeoutMs: 20_000 });
  await scene.done(id);
  await node.stop();
  const sent = await sentMessages(pool, id);
  assert.equal(sent.length, planned);
  return { id, sent };
}

async function receiptsOfCampaign(id: number): Promise<CampaignReceipts> {
  return (await scene.report(id)).receipts;
}

/** What the report must say of receipts with these statuses. */
function expected(statuses: (ReceiptStatus | null)[]): CampaignReceipts {
  const n = (status: ReceiptStatus | null): number => statuses.filter((one) => one === status).length;
  return {
    expected: 'yes',
    delivered: n('delivered'),
    blocked: n('blocked'),
    failed: { system: n('failed-system'), frequency: n('failed-frequency'), other: n('failed-other') },
    inferred: 0,
    waiting: n(null),
    late: 0,
    share: 1,
  };
}

function groups(events: StoredEvent[], size: number): StoredEvent[][] {
  return Array.from({ length: Math.ceil(events.length / size) }, (_, i) =>
    events.slice(i * size, (i + 1) * size),
  );
}

test('receipts are counted exactly: out of order, twice, on three connections at once', async () => {
  const { id, sent } = await delivered(5_000);
  const truth = sent.map(({ no }) => statusOf(no));
  const events = sent.flatMap((message, i) => {
    const status = truth[i] ?? null;
    return status === null ? [] : [templateReceipt(appid, message, status, now + (i % 7))];
  });
  const shuffled = events
    .map((event, i) => ({ event, at: (i * 7_919) % events.length }))
    .sort((a, b) => a.at - b.at);
  const all = groups(
    shuffled.map((one) => one.event),
    300,
  );
  // Every group on two of three connections, in different orders.
  await Promise.all([
    (async () => {
      for (const group of all) await take(pool, group);
    })(),
    (async () => {
      for (const group of [...all].reverse()) await take(pool, [...group].reverse());
    })(),
    (async () => {
      for (let i = 0; i < 20; i++) await matchReceipts(pool, 60_000, null, 1_000);
    })(),
  ]);
  assert.deepEqual(await receiptsOfCampaign(id), expected(truth));
});

test('a receipt that comes before its answer is stored is matched afterwards, once', async () => {
  const id = await scene.campaign(300, { chunkSize: 100 });
  const owner = 'aaaaaaaa-0000-4000-8000-000000000001';
  const claim = await claimChunk(pool, id, owner, 60_000, 0, []);
  assert.ok(claim !== null);
  const messages = Array.from({ length: 100 }, (_, i) => ({
    no: i + 1,
    openid: account.openid(i),
    msgid: String(9_000_000_000_000_000_000n + BigInt(i)),
  }));
  const statuses = messages.map(({ no }) => statusOf(no) ?? 'blocked');
  const events = messages.map((message, i) => templateReceipt(appid, message, statuses[i]));
  await take(pool, events.slice(0, 60));
  assert.equal((await receiptsOfCampaign(id)).delivered, 0);
  const matcher = new ReceiptMatcher({ pool, logger: silentLogger, answerTimeoutMs: 1_500 });
  matcher.start();
  await flushChunk(pool, {
    claim,
    group: 1,
    facts: messages.map(({ no, msgid }) => ({
      no,
      msgid,
      attempt: 1,
      kind: 5,
      errcode: null,
      reason: null,
      waitMs: null,
      at: epoch,
    })),
    watermark: 100,
    counts: {
      accepted: 100,
      rejected: 0,
      unknown: 0,
      held: 0,
      outcomes: { rejected: {}, unknown: {}, unsent: {} },
    },
    recount: false,
    end: 'done',
    notBeforeMs: null,
    leaseMs: 1_000,
    now: epoch,
    doubtFrom: epoch,
  });
  // While the matcher is at the first ones.
  await take(pool, events);
  await until('all are matched', async () => (await receiptsOfCampaign(id)).waiting === 0);
  await matcher.close();
  assert.deepEqual(await receiptsOfCampaign(id), expected(statuses));
  await scene.pause(id);
});

test('a second receipt of a recipient with another time counts nothing, and the first one stands', async () => {
  const { id, sent } = await delivered(10);
  const [message] = sent;
  assert.ok(message);
  await take(pool, [templateReceipt(appid, message, 'blocked', now)]);
  await take(pool, [
    templateReceipt(appid, message, 'delivered', 1_800_000_001),
    templateReceipt(appid, message, 'delivered', 1_800_000_002),
  ]);
  const receipts = await receiptsOfCampaign(id);
  assert.deepEqual([receipts.delivered, receipts.blocked, receipts.waiting], [0, 1, 9]);
});

test('a receipt of the same msgid that names another account or another person is about another message', async () => {
  const { id, sent } = await delivered(2);
  const [message, other] = sent;
  assert.ok(message && other);
  await take(pool, [
    templateReceipt('wx0000000000000000', message),
    templateReceipt(appid, { ...message, openid: other.openid }),
  ]);
  await matchReceipts(pool, 60_000, null, 1_000);
  assert.equal((await receiptsOfCampaign(id)).delivered, 0);
});

test('no receipt is late 24 h after the last answer of its chunk, and an old receipt still counts', async () => {
  const { id, sent } = await delivered(30, 10);
  await pool.query(
    `update chunks set last_at = clock_timestamp() - interval '25 hours' where campaign_id = $1 and first_no <= 11`,
    [id],
  );
  await take(
    pool,
    sent.slice(0, 5).map((message) => templateReceipt(appid, message)),
  );
  const receipts = await receiptsOfCampaign(id);
  assert.deepEqual([receipts.delivered, receipts.late, receipts.waiting], [5, 15, 10]);
});

test('what no database can store is left out, and its group is stored', async () => {
  const { id, sent } = await delivered(3);
  const [first, second, third] = sent;
  assert.ok(first && second && third);
  const strange = templateReceipt(appid, first);
  assert.ok(strange.event.type === 'template-receipt');
  await take(pool, [
    { ...strange, event: { ...strange.event, detail: 'a\u0000b'.repeat(200) } },
    templateReceipt(appid, { ...second, msgid: '9223372036854775808' }),
    templateReceipt(appid, { ...second, msgid: '' }),
    templateReceipt(appid, { ...second, msgid: "1'; drop table facts" }),
    templateReceipt(appid, second, 'delivered', Number.NaN),
    templateReceipt(appid, second, 'delivered', 1e15),
    subscribeReceipt(appid, third.openid, []),
    templateReceipt(appid, third),
  ]);
  assert.equal((await receiptsOfCampaign(id)).delivered, 3);
  assert.deepEqual(receiptsOf(appid, { ...strange.event, type: 'unknown' }), []);
});

test('people and programs see the funnel, and the export has every receipt', async () => {
  const { id, sent } = await delivered(120, 50);
  await take(
    pool,
    sent.flatMap((message) => {
      const status = statusOf(message.no);
      return status === null ? [] : [templateReceipt(appid, message, status, now + message.no)];
    }),
  );
  const { cli } = scene.site;
  const english = await cli.ok(['campaigns', 'show', String(id)]);
  assert.match(english, /accepted by WeChat +120\n +100 {2}delivered\n +4 {2}blocked by the user\n/);
  const chinese = await cli.ok(['--lang', 'zh', 'campaigns', 'show', String(id)]);
  assert.match(chinese, /微信已受理 +120\n +100 {2}已送达\n +4 {2}用户拒收\n/);
  const json = JSON.parse(await cli.ok(['campaigns', 'show', String(id), '--json']));
  assert.deepEqual(json.receipts, expected(sent.map(({ no }) => statusOf(no))));
  const rows = (await cli.ok(['campaigns', 'export', String(id), '--format', 'ndjson'])).trim().split('\n');
  const seen = rows.map((row) => JSON.parse(row));
  assert.deepEqual(
    seen.map((row) => row.receipt),
    sent.map(({ no }) => statusOf(no) ?? 'waiting'),
  );
  assert.equal(seen[49].receiptAt, new Date((now + 50) * 1000).toISOString());
});

test('who has no callback is told that no receipts come, and so is who uses a channel without them', async () => {
  const { id } = await delivered(3);
  await pool.query('delete from account_callbacks where appid = $1', [appid]);
  const { cli } = scene.site;
  assert.match(await cli.ok(['campaigns', 'show', String(id)]), /No receipts are expected.*callback config/);
  assert.doesNotMatch(await cli.ok(['campaigns', 'show', String(id)]), /no receipt yet/);
  await addCallback(pool, appid);
  await pool.query(`update campaigns set channel = 'kf' where id = $1`, [id]);
  assert.match(
    await cli.ok(['campaigns', 'show', String(id)]),
    /For this channel \(customer-service message\) WeChat sends no receipts/,
  );
});

test('an account that is removed takes its receipts along, and its recipients have none any more', async () => {
  const stored = async (): Promise<number> =>
    (await pool.query<{ n: number }>('select count(*) as n from receipts where appid = $1', [appid])).rows[0]
      ?.n ?? 0;
  assert.ok((await stored()) > 100);
  await scene.site.cli.ok(['accounts', 'remove', appid, '--yes']);
  assert.equal(await stored(), 0);
  assert.equal((await pool.query('select 1 from chunk_receipts')).rowCount, 0);
});
