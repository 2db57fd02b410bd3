import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldCredits } from '../../src/engine/credits/fold-credits.ts';
import { enterCredits } from '../../src/engine/credits/ledger.ts';
import { reportCredits } from '../../src/engine/credits/report-credits.ts';
import { needsCredits, useCredits } from '../../src/engine/credits/use-credits.ts';
import { creditEvents } from '../../src/engine/events/credit-events.ts';
import type { StoredEvent } from '../../src/engine/events/stored-event.ts';
import { getAccountRules, setAccountRules } from '../../src/store/accounts/rules.ts';
import type { CreditUse } from '../../src/store/credits/credits.ts';
import { type CreditEntry, creditEntriesOf } from '../../src/store/credits/entries.ts';
import { type CreditBalance, creditBalances } from '../../src/store/credits/views.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { makeSite } from '../support/campaign.ts';
import { startWechat, templateOf } from '../support/wechat.ts';

const site = await makeSite();
const { pool } = site.store;
const wechat = await startWechat({ kind: 'miniprogram', followers: 500 });
const account = wechat.account();
const appid = await site.add(wechat, account);
const shipped = templateOf(account, '订单发货通知');
const washer = templateOf(account, '洗衣机故障提醒');
await site.cli.ok(['templates', 'sync', appid]);

let people = 0;
function somebody(): string {
  return account.openid(people++);
}

async function balance(openid: string, templateId = shipped): Promise<CreditBalance> {
  const [found] = await creditBalances(pool, appid, openid, [templateId]);
  assert.ok(found);
  return found;
}

function left({ left, balance, reserved, known }: CreditBalance): object {
  return { left, balance, reserved, known };
}

let keys = 0;
async function report(openid: string, choices: Record<string, string>, at?: Date, key = `tap-${++keys}`) {
  return await reportCredits(pool, {
    appid,
    openid,
    key,
    at,
    choices: Object.entries(choices).map(([templateId, choice]) => ({ templateId, choice })),
  });
}

async function event(
  type: 'credit-popup' | 'credit-change',
  openid: string,
  choice: string,
  at: Date,
  templateIds = [shipped],
): Promise<StoredEvent> {
  const stored: StoredEvent = {
    appid,
    key: `event-${++keys}`,
    event: {
      type,
      openid,
      toUserName: 'gh_1',
      createTime: Math.floor(at.getTime() / 1000),
      name: null,
      fields: {},
      items: templateIds.map((templateId) => ({ templateId, choice, scene: null })),
    },
  };
  await inTransaction(pool, (client) => creditEvents(client, [stored]));
  return stored;
}

const step = { appid, linkedTo: null };
const wish = { campaignId: 0, templateId: shipped, includeNoCredit: false };

async function reserve(openid: string, no: number, more: Partial<typeof wish> = {}): Promise<boolean> {
  const wishes = [{ ...wish, ...more, no, openid }];
  const denied = await inTransaction(pool, (client) => useCredits(client, { ...step, uses: [], wishes }));
  return denied.length === 0;
}

async function settle(
  openid: string,
  no: number,
  outcome: CreditUse['outcome'],
  startedAgoMs = 0,
  templateId = shipped,
): Promise<void> {
  const uses = [{ campaignId: 0, no, openid, templateId, outcome, startedAgoMs }];
  await inTransaction(pool, (client) => useCredits(client, { ...step, uses, wishes: [] }));
}

function ago(seconds: number): Date {
  return new Date(Date.now() - seconds * 1000);
}

test('subscribe messages need credits, and other channels do not', () => {
  assert.ok(needsCredits('mp-subscribe') && needsCredits('oa-subscribe'));
  for (const channel of ['oa-template', 'kf', 'oa-once', 'mp-form'] as const)
    assert.ok(!needsCredits(channel));
});

test('a report counts its accepts once, whatever else it says, and makes the person a contact', async () => {
  const openid = somebody();
  assert.deepEqual(left(await balance(openid)), { left: null, balance: 0, reserved: 0, known: false });
  const unheard = 'TEMPLATE_THAT_NOBODY_SYNCED_0000000000000000';
  const choices = { [shipped]: 'acceptWithAudio', [washer]: 'reject', [unheard]: 'accept' };
  const first = await report(openid, choices, undefined, 'tap');
  assert.deepEqual(
    first.map(({ templateId, effect, templateKnown, left: n }) => [templateId, effect, templateKnown, n]),
    [
      [shipped, 'counted', true, 1],
      [washer, 'ignored', true, null],
      [unheard, 'counted', false, 1],
    ],
  );
  const again = await report(openid, choices, undefined, 'tap');
  assert.deepEqual(
    again.map(({ effect, left: n }) => [effect, n]),
    [
      ['repeated', 1],
      ['ignored', null],
      ['repeated', 1],
    ],
  );
  const contacts = await pool.query('select follows from contacts where appid = $1 and openid = $2', [
    appid,
    openid,
  ]);
  assert.deepEqual(contacts.rows, [{ follows: null }]);
});

test('two processes that get the same report at once count it once', async () => {
  const openid = somebody();
  const at = ago(10);
  const told = await Promise.all(
    Array.from({ length: 4 }, () => report(openid, { [shipped]: 'accept' }, at, 'same')),
  );
  assert.deepEqual(told.flatMap((all) => all.map(({ effect }) => effect)).sort(), [
    'counted',
    ...Array(3).fill('repeated'),
  ]);
  assert.equal((await balance(openid)).left, 1);
});

test('refuses a time that has not come, a key that is none, and an openid that cannot be one', async () => {
  const refused = { code: 'CREDIT_REPORT_INVALID' };
  const future = new Date(Date.now() + 3_600_000);
  await assert.rejects(report(somebody(), { [shipped]: 'accept' }, future), refused);
  const twoWords = report(somebody(), { [shipped]: 'accept' }, undefined, 'two words');
  await assert.rejects(twoWords, { code: 'KEY_INVALID' });
  await assert.rejects(report('nobody', { [shipped]: 'accept' }), refused);
  const stranger = reportCredits(pool, {
    appid: 'wx0',
    openid: somebody(),
    key: 'k',
    at: undefined,
    choices: [],
  });
  await assert.rejects(stranger, { code: 'ACCOUNT_NOT_FOUND' });
});

test('the popup event and the report of one tap count once, whichever comes first', async () => {
  for (const order of ['event', 'report']) {
    const openid = somebody();
    if (order === 'event') await event('credit-popup', openid, 'accept', ago(30));
    await report(openid, { [shipped]: 'accept' }, ago(29));
    if (order === 'report') await event('credit-popup', openid, 'accept', ago(30));
    assert.equal((await balance(openid)).left, 1, order);
  }
});

test('a reject in the settings wipes, also when it is heard of late; one in the dialog only where the account says so', async () => {
  const openid = somebody();
  await report(openid, { [shipped]: 'accept' }, ago(300));
  await report(openid, { [shipped]: 'accept' }, ago(100));
  await event('credit-popup', openid, 'reject', ago(50));
  assert.equal((await balance(openid)).left, 2);
  await event('credit-change', openid, 'reject', ago(200));
  assert.equal((await balance(openid)).left, 1, 'the later accept stays');
  const rules = await getAccountRules(pool, appid);
  await setAccountRules(pool, appid, { ...rules, popupRejectWipes: true });
  await event('credit-popup', openid, 'reject', ago(40));
  await setAccountRules(pool, appid, rules);
  assert.deepEqual(left(await balance(openid)), { left: 0, balance: 0, reserved: 0, known: true });
});

test('a credit is reserved, consumed, released or kept by the outcome', async () => {
  const openid = somebody();
  await report(openid, { [shipped]: 'accept' }, ago(100));
  await report(openid, { [shipped]: 'accept' }, ago(90));
  const no = 1_000_000;
  assert.ok(await reserve(openid, no));
  assert.ok(await reserve(openid, no), 'the same one again holds what it held');
  assert.ok(await reserve(openid, no + 1));
  assert.equal(await reserve(openid, no + 2), false, 'there are two, and both are reserved');
  assert.deepEqual(left(await balance(openid)), { left: 0, balance: 2, reserved: 2, known: true });

  await settle(openid, no, 'accepted');
  await settle(openid, no, 'accepted');
  assert.deepEqual(left(await balance(openid)), { left: 0, balance: 1, reserved: 1, known: true });
  await settle(openid, no + 1, 'unsent');
  assert.deepEqual(left(await balance(openid)), { left: 1, balance: 1, reserved: 0, known: true });

  assert.ok(await reserve(openid, no + 3));
  await settle(openid, no + 3, 'unknown');
  assert.equal(await reserve(openid, no + 4), false, 'it may have been consumed');
  assert.ok(await reserve(openid, no + 4, { includeNoCredit: true }), 'somebody wants to send all the same');
  await settle(openid, no + 3, 'accepted');
  assert.deepEqual(left(await balance(openid)), { left: 0, balance: 0, reserved: 0, known: true });
});

test('where nothing is known nothing is reserved, and a message that was sent meanwhile is counted', async () => {
  const openid = somebody();
  const no = 2_000_000;
  assert.ok(await reserve(openid, no));
  assert.deepEqual(left(await balance(openid)), { left: null, balance: 0, reserved: 0, known: false });
  await settle(openid, no, 'accepted', 5_000);
  assert.equal((await balance(openid)).known, false);
  // The accept was before the message; we hear of it afterwards.
  await event('credit-popup', openid, 'accept', ago(80));
  assert.deepEqual(left(await balance(openid)), { left: 0, balance: 0, reserved: 0, known: true });
  await report(openid, { [shipped]: 'accept' }, ago(1));
  assert.equal((await balance(openid)).left, 1);
});

test('43101 says that there is nothing, and ends what older messages of unknown outcome hold', async () => {
  const openid = somebody();
  const no = 3_000_000;
  await report(openid, { [shipped]: 'accept' }, ago(100));
  await report(openid, { [shipped]: 'accept' }, ago(90));
  assert.ok(await reserve(openid, no));
  await settle(openid, no, 'unknown');
  await pool.query(
    "update credit_reservations set at = at - interval '30 s' where campaign_id = 0 and no = $1",
    [no],
  );
  assert.ok(await reserve(openid, no + 1));
  await settle(openid, no + 1, 'refused', 2_000);
  assert.deepEqual(left(await balance(openid)), { left: 0, balance: 0, reserved: 0, known: true });
  // A credit of a moment ago is newer than the message that was refused.
  await report(openid, { [shipped]: 'accept' }, ago(0.5));
  assert.ok(await reserve(openid, no + 2));
});

test('a long-term template is not used up, ends with a reject, and may have a limit', async () => {
  const openid = somebody();
  const no = 4_000_000;
  const longTerm = { templateId: washer };
  await report(openid, { [washer]: 'accept' }, ago(100));
  assert.equal((await balance(openid, washer)).unlimited, true);
  for (let i = 0; i < 3; i++) {
    assert.ok(await reserve(openid, no + i, longTerm));
    await settle(openid, no + i, 'accepted', 0, washer);
  }
  assert.equal((await balance(openid, washer)).unlimited, true);
  await site.cli.ok(['credits', 'rule', appid, washer, '4/7']);
  assert.ok(await reserve(openid, no + 3, longTerm));
  assert.equal(await reserve(openid, no + 4, longTerm), false, 'three sent, one reserved');
  assert.match(await site.cli.ok(['credits', 'show', appid, openid]), /0 of 4 left in 7 days/);
  await site.cli.ok(['credits', 'rule', appid, washer, 'off']);
  assert.ok(await reserve(openid, no + 4, longTerm));
  await event('credit-change', openid, 'reject', ago(1), [washer]);
  assert.equal(await reserve(openid, no + 5, longTerm), false);
});

test('property: whatever comes in whatever order and grouping, the balance is what the entries add up to', async () => {
  const kinds = ['report', 'popup', 'change', 'accepted', 'refused', 'unknown', 'unsent'] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ kind: fc.constantFrom(...kinds), seconds: fc.integer({ min: 0, max: 300 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
      async (happened) => {
        const openid = somebody();
        let held = 0;
        for (const { kind, seconds } of happened) {
          const no = 5_000_000 + people * 100 + held;
          if (kind === 'report') await report(openid, { [shipped]: 'accept' }, ago(seconds));
          else if (kind === 'popup') await event('credit-popup', openid, 'accept', ago(seconds));
          else if (kind === 'change') await event('credit-change', openid, 'reject', ago(seconds));
          else {
            held++;
            const before = await balance(openid);
            const may = await reserve(openid, no);
            assert.equal(may, before.left === null || before.left > 0);
            if (may) await settle(openid, no, kind, seconds * 1000);
          }
          const { known, balance: stored, reserved } = await balance(openid);
          const entries = await creditEntriesOf(pool, appid, [{ openid, templateId: shipped }]);
          const folded = foldCredits(entries);
          assert.deepEqual([known, stored], [folded.known, folded.balance]);
          const holds = await pool.query<{ n: number }>(
            'select count(*)::integer as n from credit_reservations where appid = $1 and openid = $2',
            [appid, openid],
          );
          assert.equal(reserved, holds.rows[0]?.n);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('many processes enter and reserve at the same time, and no credit is given out twice', async () => {
  const openids = Array.from({ length: 8 }, somebody);
  const grants = openids.map(
    (openid, i): CreditEntry => ({
      openid,
      templateId: shipped,
      key: 'start',
      kind: 'import',
      delta: 0,
      sets: (i % 3) + 1,
      at: ago(60),
    }),
  );
  await inTransaction(pool, (client) => enterCredits(client, appid, grants));
  let given = 0;
  const taken = await Promise.all(
    Array.from({ length: 6 }, async (_, sender) => {
      // Each in another order of people; the locks are taken in one.
      const wishes = openids.map((openid, i) => ({ ...wish, no: 6_000_000 + sender * 100 + i, openid }));
      if (sender % 2 === 1) wishes.reverse();
      const denied = await inTransaction(pool, (client) => useCredits(client, { ...step, uses: [], wishes }));
      given += wishes.length - denied.length;
      return denied;
    }),
  );
  assert.equal(taken.length, 6);
  assert.equal(
    given,
    grants.reduce((sum, one) => sum + (one.sets ?? 0), 0),
  );
  for (const openid of openids) assert.equal((await balance(openid)).left, 0);
});
