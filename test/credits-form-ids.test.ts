import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { silentLogger } from '../src/base/logger.ts';
import { AccountClients } from '../src/engine/account-clients.ts';
import { reportFormIds } from '../src/engine/credits/report-form-ids.ts';
import { removeExpiredFormIds, settleLeftFormIds } from '../src/engine/credits/use-form-ids.ts';
import { ChunkFormIds } from '../src/engine/deliver/form-ids.ts';
import { startEngine } from '../src/engine/engine.ts';
import { startServer } from '../src/server/server.ts';
import { removeAccount } from '../src/store/accounts.ts';
import { cancelStarted } from '../src/store/campaigns.ts';
import type { ChunkRecipient } from '../src/store/chunks.ts';
import { type Fact, factKind } from '../src/store/flush.ts';
import { type FormIdKind, formCreditsOf } from '../src/store/form-credits.ts';
import { inTransaction } from '../src/store/pool.ts';
import { until } from './support/cli.ts';
import { linkDatabase } from './support/database-link.ts';
import { makeScene, signal } from './support/deliver.ts';
import { bodiesOf, templateOf, tutorialData } from './support/wechat.ts';

const scene = await makeScene('mp-form', { latencyMs: 3 });
const { account, pool, site } = scene;
const { appid } = account;
const day = 86_400_000;

/** Refusals before the test. */
let before = { invalid: 0, used: 0 };

/** Nobody has a form_id that we know of, and nobody a message. */
async function fresh(): Promise<void> {
  await pool.query('truncate form_credits, form_reservations');
  account.clearReceived();
  scene.simulator.clearFaults();
  before = { invalid: 0, used: 0 };
  before = refusals();
}

/** A form_id that WeChat takes, reported as made some days ago. */
async function give(person: number, kind: FormIdKind = 'form', daysAgo = 0): Promise<string> {
  const formId = account.issueFormId(account.openid(person), kind);
  await know(person, formId, kind, daysAgo);
  return formId;
}

async function know(person: number, formId: string, kind: FormIdKind = 'form', daysAgo = 0): Promise<void> {
  const at = new Date(Date.now() - daysAgo * day);
  await reportFormIds(pool, { appid, openid: account.openid(person), formIds: [{ formId, kind, at }] });
}

/** The form_ids with which a person was sent messages, oldest first. */
function sentWith(person: number): unknown[] {
  return bodiesOf(account, account.openid(person)).map((body) => body.form_id);
}

async function held(campaignId: number): Promise<Map<number, string>> {
  const result = await pool.query<{ no: number; form_id: string }>(
    'select no, form_id from form_reservations where campaign_id = $1',
    [campaignId],
  );
  return new Map(result.rows.map((row) => [row.no, row.form_id]));
}

/** Messages that the ledger thinks may still be sent to a person, and those it has set aside. */
async function left(person: number): Promise<[left: number, reserved: number]> {
  const all = await formCreditsOf(pool, appid, account.openid(person));
  return [all.reduce((sum, one) => sum + one.left, 0), all.reduce((sum, one) => sum + one.reserved, 0)];
}

async function outcomes(campaignId: number): Promise<(string | number | null)[][]> {
  const all = await scene.outcomes(campaignId);
  const report = await scene.report(campaignId);
  const { accepted, rejected, unknown, unsent, campaign } = report;
  assert.equal(accepted + rejected + unknown + unsent, campaign.plannedCount);
  for (const [outcome, n] of Object.entries({ accepted, rejected, unknown, unsent }))
    assert.equal(all.filter((one) => one.outcome === outcome).length, n, outcome);
  return all.map(({ outcome, errcode, reason }) => [outcome, errcode ?? reason]);
}

/** Refused form_ids since the test began. */
function refusals(): typeof before {
  const { '41028': invalid = 0, '41029': used = 0 } = account.summary().byErrcode;
  return { invalid: invalid - before.invalid, used: used - before.used };
}

/** The HTTP API, until the test ends. */
async function startApi(t: TestContext): Promise<(openid: string, body?: object) => Promise<Response>> {
  const { store } = site;
  const token = 'f'.repeat(32);
  const clients = new AccountClients({ store, logger: silentLogger });
  const engine = await startEngine({ store, clients, logger: silentLogger, role: 'serve', version: 'test' });
  const server = await startServer({
    ...{ store, clients, engine, logger: silentLogger, version: 'test', apiToken: token },
    listen: { host: '127.0.0.1', port: 0 },
  });
  t.after(async () => {
    await server.close();
    await engine.stop();
    await clients.close();
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (openid, body) =>
    fetch(`${server.url}/v1/contacts/${openid}/credits${body === undefined ? `?appid=${appid}` : ''}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify({ appid, key: 'submit-1', ...body }) }),
    });
}

test('whoever submitted a form or paid gets the message with that form_id, and nobody else is tried', async (t) => {
  await fresh();
  const call = await startApi(t);
  const [submitted, paid, neither] = [account.openid(0), account.openid(1), account.openid(2)];
  const formId = account.issueFormId(submitted);
  const prepayId = account.issueFormId(paid, 'prepay');
  const old = new Date(Date.now() - 7 * day + 60_000).toISOString();
  const report = {
    formIds: [
      { formId },
      { formId },
      { formId: 'the formId is a mock one' },
      { formId: 'requestFormId:fail timeout' },
      { formId: 'a'.repeat(32), at: old },
    ],
  };
  const effects = async (answer: Response): Promise<unknown> => {
    assert.equal(answer.status, 200);
    const text = await answer.text();
    assert.ok(!text.includes(formId) && !text.includes(prepayId), 'a whole form_id is a right to send');
    const { formIds } = JSON.parse(text) as { formIds: Record<string, unknown>[] }; // the contract's answer
    return formIds.map(({ effect, why, left: n }) => [effect, why, n]);
  };
  assert.deepEqual(await effects(await call(submitted, report)), [
    ['counted', null, 1],
    ['repeated', null, 1],
    ['ignored', 'mock', 0],
    ['ignored', 'malformed', 0],
    ['ignored', 'expired', 0],
  ]);
  const package_ = { prepayIds: [{ formId: `prepay_id=${prepayId}` }] };
  assert.deepEqual(await effects(await call(paid, package_)), [['counted', null, 3]]);
  assert.deepEqual(await effects(await call(paid, package_)), [['repeated', null, 3]]);
  assert.deepEqual(await effects(await call(neither, { formIds: [{ formId }] })), [
    ['ignored', 'other-person', 0],
  ]);
  const future = await call(submitted, { formIds: [{ formId: 'x', at: '2999-01-01T00:00:00Z' }] });
  assert.equal(future.status, 400);
  assert.match(await future.text(), /CREDIT_REPORT_INVALID.*future/);

  const push = ['push', '--account', appid, '--channel', 'mp-form', '--page', 'pages/index/index'];
  const message = ['--template', templateOf(account, '消息通知'), ...tutorialData];
  const to = ['--to', [submitted, paid, neither].join(',')];
  const counts = await site.cli.json([...push, ...message, ...to, '--yes', '--wait', '--json']);
  assert.deepEqual([counts.planned, counts.noCredit, counts.accepted], [2, 1, 2]);
  assert.deepEqual(counts.credits, { reachable: 2, unknown: 0, noCredit: 1, of: 3 });
  assert.deepEqual([sentWith(0), sentWith(1), sentWith(2)], [[formId], [prepayId], []]);

  const shown = await site.cli.ok(['credits', 'show', appid, paid]);
  assert.match(shown, new RegExp(`prepay_id …${prepayId.slice(-6)}: 2 left, 0 reserved, until `));
  assert.ok(!shown.includes(prepayId));
  const asked = await call(paid);
  assert.match(
    await asked.text(),
    new RegExp(`"formIds":\\[{"formId":"…${prepayId.slice(-6)}","kind":"prepay"`),
  );

  // The hourly job of any node removes what has expired.
  await pool.query('update form_credits set expires_at = clock_timestamp() where openid = $1', [paid]);
  await (await site.store.jobs()).send(pool, 'prune', {}, randomUUID());
  await until('it is removed', async () => {
    const rows = await pool.query('select 1 from form_credits where openid = $1', [paid]);
    return rows.rowCount === 0;
  });

  // Nothing says who a single message would be taken from, so it brings its own.
  const test_ = await site.cli.fails(1, [...push, ...message, '--test-to', paid, '--to', paid]);
  assert.match(test_, /a single message on mp-form brings its form_id.*\[MESSAGE_INVALID\]/s);
  const single = ['send', '--account', appid, '--channel', 'mp-form', '--to', paid, ...message];
  assert.match(await site.cli.fails(1, single), /brings its form_id.*\[MESSAGE_INVALID\]/s);
});

test('the form_id that expires first goes first, and a prepay_id is good for three', async () => {
  await fresh();
  const young = await give(0);
  const old = await give(0, 'form', 5);
  const middle = await give(0, 'form', 3);
  const prepay = await give(1, 'prepay');
  const node = await scene.node();
  for (let round = 0; round < 4; round++) {
    await scene.done(await scene.campaign(2));
  }
  assert.deepEqual(sentWith(0), [old, middle, young]);
  assert.deepEqual(sentWith(1), [prepay, prepay, prepay]);
  assert.deepEqual(refusals(), { invalid: 0, used: 0 });
  assert.deepEqual(
    [await left(0), await left(1)],
    [
      [0, 0],
      [0, 0],
    ],
  );
  await node.stop();
});

test('a dead form_id is discarded and the next one tried; without another one nothing was sent', async () => {
  await fresh();
  await know(0, 'deadbeef00000001', 'form', 5);
  await know(0, 'deadbeef00000002', 'form', 4);
  const good = await give(0);
  await know(1, 'deadbeef00000003', 'prepay');
  const own = await give(2);
  const id = await scene.campaign(3);
  const node = await scene.node();
  await scene.done(id);
  assert.deepEqual(await outcomes(id), [
    ['accepted', null],
    ['unsent', 'no-credit'],
    ['accepted', null],
  ]);
  assert.deepEqual([sentWith(0), sentWith(1), sentWith(2)], [[good], [], [own]]);
  assert.deepEqual(refusals(), { invalid: 3, used: 0 });
  const facts = await scene.facts(id, 2);
  // The attempt that was begun and not made has an outcome: after a crash nobody takes it for sent.
  assert.deepEqual(
    facts.map(({ attempt, kind, errcode, reason }) => [attempt, kind, errcode ?? reason]),
    [
      [1, 'retry', 41028],
      [2, 'started', null],
      [2, 'retry', 'no-credit'],
    ],
  );
  assert.deepEqual(
    [await left(0), await left(1)],
    [
      [0, 0],
      [0, 0],
    ],
  );
  assert.equal((await held(id)).size, 0);
  await node.stop();
});

test('a form_id that an attempt of ours may have used is not replaced: nobody is messaged twice', async () => {
  await fresh();
  const first = await give(0, 'form', 5);
  await give(0);
  // WeChat takes the message, and its gateway says that it was too busy.
  scene.simulator.addFault({ kind: 503, at: [1], accepted: true, path: scene.path });
  const id = await scene.campaign(1);
  const node = await scene.node();
  await scene.done(id);
  assert.deepEqual(await outcomes(id), [['unknown', 41029]]);
  assert.deepEqual(sentWith(0), [first]);
  assert.deepEqual(await left(0), [1, 0], 'the other one is there for the next message');
  await node.stop();
});

test('after kill -9 the next process sends with the form_ids that were reserved, or nobody knows', async () => {
  await fresh();
  const people = 60;
  for (let person = 0; person < people; person++) {
    await give(person, 'form', 2);
    await give(person);
  }
  // Refused before it was read, so that these wait for another attempt with the same form_id.
  scene.simulator.addFault({ kind: 503, next: 10, path: scene.path });
  const id = await scene.campaign(people);
  const child = scene.child({ after: { point: 'answer', no: 30, attempt: 1 }, window: 4, signal: 'SIGKILL' });
  await child.killed();
  const reserved = await held(id);
  const waiting = (await scene.facts(id)).filter((fact) => fact.kind === 'retry').map((fact) => fact.no);
  assert.ok(waiting.length > 0, 'somebody waits for a second attempt');
  const node = await scene.node();
  await scene.done(id);
  const result = await outcomes(id);
  const unknown = result.flatMap(([outcome], i) => (outcome === 'unknown' ? [i + 1] : []));
  assert.ok(unknown.length > 0, 'the kill left somebody in doubt');
  for (let no = 1; no <= people; no++) {
    const used = sentWith(no - 1);
    assert.ok(used.length <= 1, `no. ${no}`);
    const its = reserved.get(no);
    if (its !== undefined) for (const formId of used) assert.equal(formId, its, `no. ${no}`);
    // Of two one is left: the unknown one counts as used.
    assert.deepEqual(await left(no - 1), [1, 0], `no. ${no}`);
  }
  assert.ok(
    waiting.some((no) => sentWith(no - 1).length === 1 && reserved.has(no)),
    'one of them was sent to',
  );
  assert.deepEqual(refusals(), { invalid: 0, used: 0 });
  assert.equal((await held(id)).size, 0);
  await node.stop();
});

test('an attempt that is handed back before it was made keeps the form_id that it was given', async () => {
  await fresh();
  const openid = account.openid(0);
  await know(0, 'deadbeef00000001', 'form', 5);
  const next = await give(0);
  const campaign = { id: 999_999, appid };
  const formIds = new ChunkFormIds(campaign, scene.path, [{ no: 1, openid, vars: null }]);
  const base = { no: 1, errcode: null, msgid: null, reason: null, waitMs: null, at: 0 };
  const flush = (facts: Fact[], wishes: ChunkRecipient[] = []): Promise<number[]> =>
    inTransaction(pool, (client) =>
      formIds.flush(
        client,
        {
          ...{ claim: { campaignId: campaign.id, firstNo: 1, epoch: 1 }, group: 1, facts, watermark: 1 },
          counts: {
            accepted: 0,
            rejected: 0,
            unknown: 0,
            outcomes: { rejected: {}, unknown: {}, unsent: {} },
          },
          ...{ recount: false, leaseMs: 1_000, now: 0, doubtFrom: 0, end: 'keep', notBeforeMs: null },
          credits: { wishes, handedBack: [] },
        },
        true,
      ),
    );
  assert.deepEqual(await flush([], [{ no: 1, openid, vars: null }]), []);
  const refused = { ...base, attempt: 1, kind: factKind.retry, errcode: 41028, waitMs: 0 };
  const started = { ...base, attempt: 2, kind: factKind.started };
  assert.deepEqual(await flush([{ ...refused, startedAt: 0 }, started]), []);
  assert.deepEqual([...(await held(campaign.id)).values()], [next]);
  // It bears the errcode of the attempt before, which is not its own.
  await flush([{ ...refused, attempt: 2, reason: 'handed-back' }]);
  assert.deepEqual([...(await held(campaign.id)).values()], [next]);
  assert.equal(formIds.render('{"touser":"x"}', 1), `{"form_id":"${next}","touser":"x"}`);
});

test('two campaigns on two nodes at once never use one form_id twice', async () => {
  await fresh();
  const people = 120;
  for (let person = 0; person < people; person++) await give(person, person % 3 === 0 ? 'prepay' : 'form');
  const ids = [
    await scene.campaign(people, { chunkSize: 30 }),
    await scene.campaign(people, { chunkSize: 40 }),
  ];
  const options = { window: 16, leaseMs: 10_000, answerTimeoutMs: 10_000 };
  const nodes = [await scene.node(options), await scene.node(options)];
  for (const id of ids) await scene.done(id);
  const all = (await Promise.all(ids.map(outcomes))).flat();
  const count = (outcome: string): number => all.filter(([one]) => one === outcome).length;
  // The third of them who paid get both, the others one of the two.
  assert.deepEqual([count('accepted'), count('unsent')], [people + people / 3, people - people / 3]);
  assert.deepEqual(refusals(), { invalid: 0, used: 0 }, 'WeChat refused nobody');
  for (let person = 0; person < people; person++)
    assert.deepEqual(await left(person), [person % 3 === 0 ? 1 : 0, 0]);
  for (const node of nodes) await node.stop();
});

test('a commit whose acknowledgement is lost reserves, uses and discards once', async () => {
  await fresh();
  const people = 80;
  for (let person = 0; person < people; person++) {
    if (person < 20) await know(person, `deadbeef${person}`, 'form', 5);
    await give(person);
  }
  const link = await linkDatabase(site.database);
  const id = await scene.campaign(people + 10);
  const cuts = [signal(), signal(), signal()];
  let flushes = 0;
  const node = await scene.node({
    connection: link.connection,
    window: 4,
    hooks: {
      reached(point, run) {
        if (point !== 'flush' || run.claim.campaignId !== id) return;
        const cut = cuts[[1, 3, 5].indexOf(++flushes)];
        if (cut !== undefined) void link.cutNext('commit', 'after-commit').then(() => cut.give());
      },
    },
  });
  await Promise.all(cuts.map((one) => one.promise));
  await scene.done(id);
  const all = await outcomes(id);
  assert.ok(all.slice(0, people).every(([outcome]) => outcome === 'accepted'));
  assert.ok(all.slice(people).every(([outcome, why]) => outcome === 'unsent' && why === 'no-credit'));
  for (let person = 0; person < people; person++) {
    assert.equal(sentWith(person).length, 1);
    assert.deepEqual(await left(person), [0, 0]);
  }
  assert.deepEqual(refusals(), { invalid: 20, used: 0 });
  await node.stop();
});

test('a pause, a refusal and a cancellation give form_ids back', async () => {
  await fresh();
  const people = 100;
  for (let person = 0; person < people; person++) await give(person);
  // This recipient's fault, and not the form_id's.
  scene.simulator.addFault({ kind: 40003, at: [1], path: scene.path });
  const id = await scene.campaign(people);
  const reached = signal();
  const node = await scene.node({
    window: 2,
    hooks: {
      reached(point, _run, item) {
        if (point === 'dispatch' && item?.no === 30) void scene.pause(id).then(() => reached.give());
      },
    },
  });
  await reached.promise;
  await until('the chunk is handed back', async () => (await scene.chunks(id))[0]?.owner === null);
  const mark = (await scene.chunks(id))[0]?.watermark ?? 0;
  assert.ok(mark >= 30 && mark < people);
  assert.equal((await held(id)).size, 0);
  for (let no = 1; no <= people; no++)
    assert.deepEqual(await left(no - 1), [no === 1 || no > mark ? 1 : 0, 0], `no. ${no}`);

  // Those behind the mark are refused before they are read, wait with their form_ids, and the campaign is cancelled.
  scene.simulator.clearFaults();
  scene.simulator.addFault({ kind: 503, rate: 1, path: scene.path });
  await scene.resume(id);
  await until('somebody waits', async () => (await scene.facts(id)).some((fact) => fact.kind === 'retry'));
  assert.ok((await held(id)).size > 0);
  await cancelStarted(pool, id, 'operator');
  await until('the chunk is handed back', async () => (await scene.chunks(id))[0]?.owner === null);
  await settleLeftFormIds(pool);
  assert.equal((await held(id)).size, 0);
  for (let no = mark + 1; no <= people; no++) assert.deepEqual(await left(no - 1), [1, 0], `no. ${no}`);
  await node.stop();
});

test('what a campaign held that was cancelled after its process was killed counts as used', async () => {
  await fresh();
  for (let person = 0; person < 60; person++) await give(person);
  const id = await scene.campaign(60);
  const child = scene.child({
    after: { point: 'dispatch', no: 20, attempt: 1 },
    window: 4,
    signal: 'SIGKILL',
  });
  await child.killed();
  await cancelStarted(pool, id, 'operator');
  const holders = [...(await held(id)).keys()];
  assert.ok(holders.length > 0);
  await until('its lease is over', async () => (await settleLeftFormIds(pool)) > 0);
  assert.equal((await held(id)).size, 0);
  for (const no of holders) assert.deepEqual(await left(no - 1), [0, 0]);
  assert.equal(await settleLeftFormIds(pool), 0);
});

test('an expired form_id is neither planned with nor sent with, and the upkeep removes it', async () => {
  await fresh();
  await give(0);
  await give(1);
  await pool.query(
    `update form_credits set expires_at = clock_timestamp() - interval '1 second' where openid = $1`,
    [account.openid(0)],
  );
  const id = await scene.campaign(2);
  const node = await scene.node();
  await scene.done(id);
  assert.deepEqual(await outcomes(id), [
    ['unsent', 'no-credit'],
    ['accepted', null],
  ]);
  await node.stop();
  const push = ['push', '--account', appid, '--channel', 'mp-form', '--dry-run', '--json', ...tutorialData];
  const to = ['--template', templateOf(account, '消息通知'), '--to', account.openid(0)];
  await give(0);
  const soon = new Date(Date.now() + 8 * day).toISOString();
  assert.equal((await site.cli.json([...push, ...to])).planned, 1);
  assert.equal(
    (await site.cli.json([...push, ...to, '--at', soon])).planned,
    0,
    'it will have expired by then',
  );
  assert.equal(await removeExpiredFormIds(pool), 1);
  assert.equal(await removeExpiredFormIds(pool), 0);
  assert.deepEqual(await left(0), [1, 0]);
});

test('imports form_ids once, and lists the rows that cannot be used', async () => {
  await fresh();
  const now = new Date().toISOString();
  const openid = account.openid(0);
  const rows = [
    `${openid},${'a'.repeat(32)},form,${now}`,
    `${openid},wx${'b'.repeat(34)},prepay,${now}`,
    `${openid},${'a'.repeat(32)},form,${now}`,
    `${account.openid(1)},${'a'.repeat(32)},,${now}`,
    `${openid},the formId is a mock one,form,${now}`,
    `${openid},${'c'.repeat(32)},form,2020-01-01 09:00`,
    `${openid},${'d'.repeat(32)},card,${now}`,
    `${openid},${'e'.repeat(32)},form,2999-01-01 09:00`,
  ];
  const file = await site.file('form-ids.csv', `openid,form_id,kind,at\n${rows.join('\n')}\n`);
  const result = await site.cli.run(['credits', 'import', appid, file]);
  assert.equal(result.code, 1);
  assert.match(result.stdout, /8 rows: 2 form_ids entered, 1 known before, 5 not usable/);
  for (const line of [
    '5: form-id-other-person',
    '6: form-id-mock',
    '7: form-id-expired',
    '8: kind-invalid',
    '9: time-future',
  ])
    assert.ok(result.stdout.includes(`line ${line}`), line);
  assert.deepEqual(await left(0), [4, 0]);
  const lacking = await site.file('form-ids-no-time.csv', `openid,form_id\n${openid},${'f'.repeat(32)}\n`);
  assert.match(await site.cli.fails(1, ['credits', 'import', appid, lacking]), /\[CREDIT_COLUMN_MISSING\]/);

  await pool.query("update accounts set kind = 'service' where appid = $1", [appid]);
  const notMine = await site.cli.fails(1, ['credits', 'import', appid, file]);
  assert.match(notMine, /form_ids are of Mini Programs.*\[CREDIT_REPORT_INVALID\]/);
  await assert.rejects(know(0, 'a'.repeat(32)), { code: 'CREDIT_REPORT_INVALID' });
  await pool.query("update accounts set kind = 'miniprogram' where appid = $1", [appid]);
});

test('an account that is removed takes its form_ids with it', async () => {
  await fresh();
  await give(0);
  const id = await scene.campaign(1);
  await scene.pause(id);
  await pool.query(
    "insert into form_reservations (campaign_id, no, appid, openid, form_id) values ($1, 1, $2, 'o', 'f')",
    [id, appid],
  );
  assert.ok(await removeAccount(pool, appid));
  const rows = await pool.query('select 1 from form_credits union all select 1 from form_reservations');
  assert.equal(rows.rowCount, 0);
});
