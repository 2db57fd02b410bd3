import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { consumeSettled } from '../../src/engine/credits/message-credits.ts';
import { ReceiptMatcher } from '../../src/engine/events/receipt-matcher.ts';
import type { StoredEvent } from '../../src/engine/events/stored-event.ts';
import { pauseAccount } from '../../src/store/accounts/account-states.ts';
import { maintainReceiptPartitions } from '../../src/store/events/receipt-partitions.ts';
import { findSettlements, settle } from '../../src/store/events/receipt-settlement.ts';
import { matchReceipts } from '../../src/store/events/receipts.ts';
import { findMessage, type MessageReceipt, type MessageReport } from '../../src/store/messages/reports.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { creditTitle, know, ledger, reservations } from '../support/credits/credits.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import { messageChild, messageNode, messageTo, openMessages, settled } from '../support/messages.ts';
import { Gate, startPushing, startServing, toldBy } from '../support/receipts/receipt-scene.ts';
import { addCallback, subscribeReceipt, take, templateReceipt } from '../support/receipts/receipts.ts';
import { templateOf } from '../support/wechat.ts';

test('messages have the receipts that WeChat pushed: early, late, twice, blocked, and sometimes never', async () => {
  const site = await makeSite();
  const { pool } = site.store;
  const gate = await new Gate().listen();
  const people = 400;
  const { account } = await startPushing(pool, site.cli.env.HONGYAN_SECRET_KEY ?? '', gate, {
    people,
    ratePerS: 1_000,
    events: {
      jitterMs: 400,
      ...{ blockedShare: 0.05, systemFailedShare: 0.03, freqLimitShare: 0.02 },
      ...{ earlyShare: 0.2, duplicateShare: 0.1, answerLostShare: 0.05, lostShare: 0.05 },
      ...{ retryAfterMs: 300, timeoutMs: 20_000 },
    },
  });
  const token = 'a'.repeat(32);
  const node = await startServing({ ...site.cli.env, HONGYAN_API_TOKEN: token });
  gate.ports = [node.port];
  try {
    const call = async (path: string, body?: object): Promise<Record<string, unknown>> => {
      const answer = await fetch(`http://127.0.0.1:${node.port}/v1/messages${path}`, {
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      });
      return { ...((await answer.json()) as object) };
    };
    const ids = await Promise.all(
      Array.from({ length: people }, async (_, i) => {
        const { openid, message, ...rest } = messageTo({ account, channel: 'oa-template' }, i + 1);
        assert.ok('body' in message);
        const { id } = await call('', { ...message.body, ...rest, touser: openid, lang: undefined });
        return Number(id);
      }),
    );
    for (const id of ids)
      await until(`message ${id} is accepted`, async () => (await call(`/${id}`)).state === 'accepted');
    assert.ok(await account.events.drained());
    const { told, maybe } = toldBy(account);
    assert.ok(told.size > people * 0.8 && told.size < people, `${told.size} were told`);
    const counts = new Map<string, number>();
    for (const [i, id] of ids.entries()) {
      const openid = account.openid(i);
      const expected = told.get(openid);
      // What was answered too late is told once more: it is stored, and the matcher may be at it.
      const receipt = await until(`the receipt of message ${id} is matched`, async () => {
        const found = await findMessage(pool, id);
        return expected === undefined || found?.receipt !== null ? (found?.receipt ?? 'none') : undefined;
      });
      const status = receipt === 'none' ? undefined : receipt.status;
      if (status !== maybe.get(openid)) assert.equal(status, expected, `message ${id}`);
      counts.set(status ?? 'none', (counts.get(status ?? 'none') ?? 0) + 1);
    }
    assert.ok((counts.get('blocked') ?? 0) > 0 && (counts.get('none') ?? 0) > 0, JSON.stringify([...counts]));
    await until('each is matched', async () => {
      const { rows } = await pool.query('select 1 from receipts where message_id is null');
      return rows.length === 0;
    });
  } finally {
    await node.kill();
    await gate.close();
  }
});

const keyed = await makeScene('oa-template');
await maintainReceiptPartitions(keyed.pool);
await addCallback(keyed.pool, keyed.account.appid);

async function sent(scene: Scene, no: number): Promise<MessageReport & { msgid: string }> {
  const node = await messageNode(scene);
  const { id } = await node.messages.submit(messageTo(scene, no));
  const report = await settled(scene, id);
  await node.stop();
  assert.ok(report.state === 'accepted' && report.msgid !== null);
  return { ...report, msgid: report.msgid };
}

async function receiptOf(scene: Scene, id: number): Promise<MessageReceipt | null | undefined> {
  return (await findMessage(scene.pool, id))?.receipt;
}

test('a receipt belongs to the message of its account, msgid and person, and the first one stands', async () => {
  const { pool, account, site } = keyed;
  const { appid } = account;
  const now = Math.floor(Date.now() / 1000);
  const one = await sent(keyed, 1);
  const other = await sent(keyed, 2);
  assert.match(
    await site.cli.ok(['--lang', 'zh', 'messages', 'show', String(one.id)]),
    /微信已受理\n.*无回执：已受理不等于已送达/s,
  );
  await take(pool, [
    templateReceipt('wx0000000000000000', one),
    templateReceipt(appid, { ...one, openid: other.openid }, 'delivered', now - 9),
  ]);
  assert.equal(await receiptOf(keyed, one.id), null);
  assert.equal(await take(pool, [templateReceipt(appid, one, 'delivered', now)]), 1);
  assert.equal(await take(pool, [templateReceipt(appid, one, 'delivered', now)]), 0, 'a repeat');
  await take(pool, [templateReceipt(appid, one, 'blocked', now - 1)]);
  const expected = { status: 'delivered', at: new Date(now * 1000), inferred: false };
  assert.deepEqual(await receiptOf(keyed, one.id), expected);
  await take(pool, [templateReceipt(appid, other, 'blocked', now)]);
  assert.match(
    await site.cli.ok(['messages', 'show', String(one.id)]),
    /accepted by WeChat\n.*\n {2}delivered {2}\d/s,
  );
  assert.match(
    await site.cli.ok(['--lang', 'zh', 'messages', 'show', String(other.id)]),
    /微信已受理\n.*\n {2}用户拒收 {2}\d/s,
  );
  const list = await site.cli.ok(['messages', 'list']);
  assert.match(list, /accepted by WeChat +blocked by the user/);
  const page = JSON.parse(await site.cli.ok(['messages', 'list', '--limit', '1', '--json']));
  assert.equal(page.data[0].receipt.status, 'blocked');
});

test('a receipt that comes before its answer is stored is matched afterwards', async () => {
  const { pool, account } = keyed;
  const answered = signal('the message is answered');
  const letGo = signal('its answer may be stored');
  const node = await messageNode(keyed, {
    leaseMs: 10_000,
    hooks: {
      async reached(point) {
        if (point !== 'flush') return;
        answered.give();
        await letGo.promise;
      },
    },
  });
  const { id } = await node.messages.submit(messageTo(keyed, 3));
  await answered.promise;
  const openid = account.openid(2);
  const msgid = account.messages(openid).at(-1)?.msgid ?? '';
  await take(pool, [templateReceipt(account.appid, { openid, msgid }, 'failed-system')]);
  letGo.give();
  assert.equal((await settled(keyed, id)).receipt, null);
  await matchReceipts(pool, 60_000, null, 1_000);
  assert.equal((await receiptOf(keyed, id))?.status, 'failed-system');
  await node.stop();
});

test('no receipt is late after 24 h, where receipts are to be expected and as long as they are kept', async () => {
  const { pool, account, site } = keyed;
  const { id } = await sent(keyed, 4);
  const ago = async (interval: string): Promise<void> => {
    await pool.query('update message_facts set at = now() - $2::interval where message_id = $1', [
      id,
      interval,
    ]);
  };
  await ago('23 hours');
  assert.equal(await receiptOf(keyed, id), null);
  await ago('25 hours');
  assert.deepEqual(await receiptOf(keyed, id), { status: 'late', at: null, inferred: false });
  assert.match(await site.cli.ok(['messages', 'show', String(id)]), /no receipt after 24 h/);
  await ago('91 days');
  assert.equal(await receiptOf(keyed, id), null, 'nobody knows any more');
  await ago('25 hours');
  await pool.query('delete from account_callbacks');
  assert.equal(await receiptOf(keyed, id), null);
  await addCallback(pool, account.appid);
});

const unkeyed = await makeScene('mp-subscribe', { creditsPerUser: 3 });
await addCallback(unkeyed.pool, unkeyed.account.appid, true);
const template = templateOf(unkeyed.account, creditTitle);

/** A message that arrived and whose answer was cut off. */
async function unknown(no: number): Promise<{ id: number; event: StoredEvent }> {
  unkeyed.simulator.addFault({ kind: 'cut', next: 1, path: unkeyed.path });
  const node = await messageNode(unkeyed);
  const { id } = await node.messages.submit(messageTo(unkeyed, no));
  assert.equal((await settled(unkeyed, id)).state, 'unknown');
  await node.stop();
  unkeyed.simulator.clearFaults();
  return { id, event: lastReceipt(no) };
}

/** The receipt of the newest message that the person with this number got. */
function lastReceipt(no: number): StoredEvent {
  const { account } = unkeyed;
  const openid = account.openid(no - 1);
  const msgid = account.messages(openid).at(-1)?.msgid ?? '';
  return subscribeReceipt(account.appid, openid, [{ templateId: template, msgid }]);
}

async function settleAll(): Promise<number> {
  let n = 0;
  for (const one of await findSettlements(unkeyed.pool, 0, 1_500, 100))
    if (await settle(unkeyed.pool, one, consumeSettled)) n++;
  return n;
}

/** Nothing of the test before may fit the next one's. */
async function forget(): Promise<void> {
  await unkeyed.pool.query('delete from receipts where campaign_id is null and message_id is null');
  await unkeyed.pool.query('delete from message_facts');
  await unkeyed.pool.query('delete from credit_reservations');
  await unkeyed.pool.query('update credit_balances set reserved = 0');
  await unkeyed.pool.query("update campaigns set finished_at = now() - interval '4 days'");
}

test('a message of unknown outcome is settled by the one receipt that can be about it, and its credit consumed', async () => {
  await know(unkeyed, 1, 2);
  const { id, event } = await unknown(1);
  const openid = unkeyed.account.openid(0);
  assert.deepEqual(await ledger(unkeyed, openid), { balance: 2, reserved: 1, left: 1 });
  await take(unkeyed.pool, [event]);
  const matcher = new ReceiptMatcher({
    ...{ pool: unkeyed.pool, logger: silentLogger },
    ...{ answerTimeoutMs: 1_500, settleAfterMs: 200 },
  });
  matcher.start();
  const report = await until('it is settled', async () => {
    const found = await findMessage(unkeyed.pool, id);
    return found?.state === 'accepted' ? found : undefined;
  });
  await matcher.close();
  assert.deepEqual([report.reason, report.attempts], ['receipt', 1]);
  assert.deepEqual([report.receipt?.status, report.receipt?.inferred], ['delivered', true]);
  assert.equal(report.msgid, unkeyed.account.messages(openid).at(-1)?.msgid);
  assert.deepEqual(await ledger(unkeyed, openid), { balance: 1, reserved: 0, left: 1 });
  assert.deepEqual(await reservations(unkeyed, 0), []);
  assert.equal(await settleAll(), 0, 'once');
  const shown = await unkeyed.site.cli.ok(['--lang', 'zh', 'messages', 'show', String(id)]);
  assert.match(shown, /已送达.*\n.*由唯一可能的回执推断/);
  await forget();
});

test('a receipt that settles a recipient of a campaign consumes the credit that was kept', async () => {
  await know(unkeyed, 2, 2);
  unkeyed.simulator.addFault({ kind: 'cut', at: [2], path: unkeyed.path });
  const id = await unkeyed.campaign(2);
  const node = await unkeyed.node({ window: 1 });
  assert.equal((await unkeyed.done(id)).unknown, 1);
  await node.stop();
  const openid = unkeyed.account.openid(1);
  assert.deepEqual(await ledger(unkeyed, openid), { balance: 2, reserved: 1, left: 1 });
  await take(unkeyed.pool, [lastReceipt(2)]);
  const [found] = await findSettlements(unkeyed.pool, 0, 1_500, 100);
  assert.ok(found);
  // Two nodes find the same.
  const both = await Promise.all([1, 2].map(() => settle(unkeyed.pool, found, consumeSettled)));
  assert.deepEqual(both.sort(), [false, true]);
  assert.equal((await unkeyed.report(id)).unknown, 0);
  assert.deepEqual(await ledger(unkeyed, openid), { balance: 1, reserved: 0, left: 1 });
  assert.deepEqual(await reservations(unkeyed, id), []);
  await forget();
});

test('a recipient and a message that both fit are not settled, nor are two messages', async () => {
  await know(unkeyed, 3, 3);
  unkeyed.simulator.addFault({ kind: 'cut', at: [3], path: unkeyed.path });
  const id = await unkeyed.campaign(3);
  const node = await unkeyed.node({ window: 1 });
  await unkeyed.done(id);
  await node.stop();
  unkeyed.simulator.clearFaults();
  const event = lastReceipt(3);
  const message = await unknown(3);
  await take(unkeyed.pool, [event]);
  assert.equal(await settleAll(), 0);
  await take(unkeyed.pool, [message.event]);
  assert.equal(await settleAll(), 0, 'which is whose?');
  assert.equal((await unkeyed.report(id)).unknown, 1);
  assert.equal((await findMessage(unkeyed.pool, message.id))?.state, 'unknown');
  assert.equal((await reservations(unkeyed, 0)).length, 1);
  await forget();

  const first = await unknown(4);
  const second = await unknown(4);
  await take(unkeyed.pool, [second.event]);
  assert.equal(await settleAll(), 0);
  assert.equal((await findMessage(unkeyed.pool, first.id))?.state, 'unknown');
  await forget();
});

test('a message of a process that died counts before anybody has taken it over', async () => {
  const message = await unknown(5);
  const child = messageChild(unkeyed, {
    ...{ messages: [messageTo(unkeyed, 5)], point: 'flush', signal: 'SIGKILL' },
  });
  await child.killed();
  const [open] = await openMessages(unkeyed);
  assert.ok(open !== undefined && open.owner !== null);
  await take(unkeyed.pool, [lastReceipt(5)]);
  assert.equal(await settleAll(), 0, 'it may be about either');
  assert.equal((await findMessage(unkeyed.pool, message.id))?.state, 'unknown');
});

test('a message that waits after an attempt that may have arrived counts too', async () => {
  await unkeyed.pool.query('delete from open_messages');
  await forget();
  const message = await unknown(6);
  // Of −1 nobody knows whether WeChat sent it; here it did.
  unkeyed.simulator.addFault({ kind: -1, next: 1, path: unkeyed.path, accepted: true });
  const { appid } = unkeyed.account;
  const node = await messageNode(unkeyed, {
    hooks: {
      async reached(point) {
        if (point === 'flush') await pauseAccount(unkeyed.pool, appid, 'test', null);
      },
    },
  });
  const other = await node.messages.submit(messageTo(unkeyed, 6));
  await until('it waits for another attempt', async () => {
    const [open] = await openMessages(unkeyed);
    return open !== undefined && open.owner === null;
  });
  await node.stop();
  assert.equal((await findMessage(unkeyed.pool, other.id))?.state, 'waiting');
  await take(unkeyed.pool, [lastReceipt(6)]);
  assert.equal(await settleAll(), 0, 'it may be about either');
  assert.equal((await findMessage(unkeyed.pool, message.id))?.state, 'unknown');
});
