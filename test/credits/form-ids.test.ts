import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { removeExpiredFormIds } from '../../src/engine/credits/use-form-ids.ts';
import { removeAccount } from '../../src/store/accounts/accounts.ts';
import { until } from '../support/cli.ts';
import { FormIds } from '../support/credits/form-ids.ts';
import { makeScene } from '../support/deliver.ts';
import { templateOf, tutorialData } from '../support/wechat.ts';

const scene = await makeScene('mp-form', { latencyMs: 3 });
const { account, pool, site } = scene;
const { appid } = account;
const formIds = new FormIds(scene);
const dayMs = 86_400_000;

test('whoever submitted a form or paid gets the message with that form_id, and nobody else is tried', async (t) => {
  await formIds.fresh();
  const call = await formIds.startApi(t);
  const [submitted, paid, neither] = [account.openid(0), account.openid(1), account.openid(2)];
  const formId = account.issueFormId(submitted);
  const prepayId = account.issueFormId(paid, 'prepay');
  const old = new Date(Date.now() - 7 * dayMs + 60_000).toISOString();
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
  assert.deepEqual(
    [formIds.sentWith(0), formIds.sentWith(1), formIds.sentWith(2)],
    [[formId], [prepayId], []],
  );

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
  await formIds.fresh();
  const young = await formIds.give(0);
  const old = await formIds.give(0, 'form', 5);
  const middle = await formIds.give(0, 'form', 3);
  const prepay = await formIds.give(1, 'prepay');
  const node = await scene.node();
  for (let round = 0; round < 4; round++) {
    await scene.done(await scene.campaign(2));
  }
  assert.deepEqual(formIds.sentWith(0), [old, middle, young]);
  assert.deepEqual(formIds.sentWith(1), [prepay, prepay, prepay]);
  assert.deepEqual(formIds.refusals(), { invalid: 0, used: 0 });
  assert.deepEqual(
    [await formIds.left(0), await formIds.left(1)],
    [
      [0, 0],
      [0, 0],
    ],
  );
  await node.stop();
});

test('a dead form_id is discarded and the next one tried; without another one nothing was sent', async () => {
  await formIds.fresh();
  await formIds.know(0, 'deadbeef00000001', 'form', 5);
  await formIds.know(0, 'deadbeef00000002', 'form', 4);
  const good = await formIds.give(0);
  await formIds.know(1, 'deadbeef00000003', 'prepay');
  const own = await formIds.give(2);
  const id = await scene.campaign(3);
  const node = await scene.node();
  await scene.done(id);
  assert.deepEqual(await formIds.outcomes(id), [
    ['accepted', null],
    ['unsent', 'no-credit'],
    ['accepted', null],
  ]);
  assert.deepEqual([formIds.sentWith(0), formIds.sentWith(1), formIds.sentWith(2)], [[good], [], [own]]);
  assert.deepEqual(formIds.refusals(), { invalid: 3, used: 0 });
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
    [await formIds.left(0), await formIds.left(1)],
    [
      [0, 0],
      [0, 0],
    ],
  );
  assert.equal((await formIds.held(id)).size, 0);
  await node.stop();
});

test('a form_id that an attempt of ours may have used is not replaced: nobody is messaged twice', async () => {
  await formIds.fresh();
  const first = await formIds.give(0, 'form', 5);
  await formIds.give(0);
  // WeChat takes the message, and its gateway says that it was too busy.
  scene.simulator.addFault({ kind: 503, at: [1], accepted: true, path: scene.path });
  const id = await scene.campaign(1);
  const node = await scene.node();
  await scene.done(id);
  assert.deepEqual(await formIds.outcomes(id), [['unknown', 41029]]);
  assert.deepEqual(formIds.sentWith(0), [first]);
  assert.deepEqual(await formIds.left(0), [1, 0], 'the other one is there for the next message');
  await node.stop();
});

test('an expired form_id is neither planned with nor sent with, and the upkeep removes it', async () => {
  await formIds.fresh();
  await formIds.give(0);
  await formIds.give(1);
  await pool.query(
    `update form_credits set expires_at = clock_timestamp() - interval '1 second' where openid = $1`,
    [account.openid(0)],
  );
  const id = await scene.campaign(2);
  const node = await scene.node();
  await scene.done(id);
  assert.deepEqual(await formIds.outcomes(id), [
    ['unsent', 'no-credit'],
    ['accepted', null],
  ]);
  await node.stop();
  // Before a command starts a node of its own, whose jobs remove it too.
  assert.equal(await removeExpiredFormIds(pool), 1);
  assert.equal(await removeExpiredFormIds(pool), 0);
  const push = ['push', '--account', appid, '--channel', 'mp-form', '--dry-run', '--json', ...tutorialData];
  const to = ['--template', templateOf(account, '消息通知'), '--to', account.openid(0)];
  await formIds.give(0);
  const soon = new Date(Date.now() + 8 * dayMs).toISOString();
  assert.equal((await site.cli.json([...push, ...to])).planned, 1);
  assert.equal(
    (await site.cli.json([...push, ...to, '--at', soon])).planned,
    0,
    'it will have expired by then',
  );
  assert.deepEqual(await formIds.left(0), [1, 0]);
});

test('imports form_ids once, and lists the rows that cannot be used', async () => {
  await formIds.fresh();
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
  assert.deepEqual(await formIds.left(0), [4, 0]);
  const lacking = await site.file('form-ids-no-time.csv', `openid,form_id\n${openid},${'f'.repeat(32)}\n`);
  assert.match(await site.cli.fails(1, ['credits', 'import', appid, lacking]), /\[CREDIT_COLUMN_MISSING\]/);

  await pool.query("update accounts set kind = 'service' where appid = $1", [appid]);
  const notMine = await site.cli.fails(1, ['credits', 'import', appid, file]);
  assert.match(notMine, /form_ids are of Mini Programs.*\[CREDIT_REPORT_INVALID\]/);
  await assert.rejects(formIds.know(0, 'a'.repeat(32)), { code: 'CREDIT_REPORT_INVALID' });
  await pool.query("update accounts set kind = 'miniprogram' where appid = $1", [appid]);
});

test('an account that is removed takes its form_ids with it', async () => {
  await formIds.fresh();
  await formIds.give(0);
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
