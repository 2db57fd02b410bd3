import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite, ndjson } from '../support/campaign.ts';
import { startWechat, templateOf } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({ kind: 'miniprogram', followers: 500, creditsPerUser: 1 });
const account = wechat.account();
const appid = await site.add(wechat, account);
const shipped = templateOf(account, '订单发货通知');
const data = ['character_string1=SF-1', 'thing2=毛笔', 'time3=2026年1月1日 12:00', 'name4=张三'];
const push = [
  'push',
  '--account',
  appid,
  '--channel',
  'subscribe',
  '--template',
  shipped,
  ...data.flatMap((one) => ['--data', one]),
  '--yes',
  '--wait',
  '--json',
];

function openids(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => account.openid(from + i));
}

/** Ten without, ten with two, and nobody told us of the next ten. */
const rows = [
  ...openids(0, 10).map((openid) => `${openid},${shipped},0,2026-11-01 09:00`),
  ...openids(10, 20).map((openid) => `${openid},${shipped},2,2026-11-01T09:00:00+08:00`),
];
const file = await site.file('credits.csv', `openid,template_id,count,at\n${rows.join('\n')}\n`);

test('imports balances once, and lists the rows that cannot be used', async () => {
  const first = await site.cli.json(['credits', 'import', appid, file, '--json']);
  assert.deepEqual([first.rows, first.added, first.repeated, first.bad], [20, 20, 0, 0]);
  const again = await site.cli.json(['credits', 'import', appid, file, '--json']);
  assert.deepEqual([again.rows, again.added, again.repeated, again.bad], [20, 0, 20, 0]);
  const person = account.openid(400);
  const broken = await site.file(
    'broken.ndjson',
    [
      { openid: person, template_id: shipped, count: 'many', at: '2026-11-01 09:00' },
      { openid: person, template_id: '?', count: 1, at: '2026-11-01 09:00' },
      { openid: person, template_id: shipped, count: 1, at: 'soon' },
      { openid: person, template_id: shipped, count: 1, at: '2999-01-01 00:00' },
      { openid: 'nobody', template_id: shipped, count: 1, at: '2026-11-01 09:00' },
      { openid: person, template_id: shipped, count: 3, at: '2026-11-01 09:00' },
    ]
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
  const result = await site.cli.run(['credits', 'import', appid, broken]);
  assert.equal(result.code, 1);
  assert.match(result.stdout, /6 rows: 1 balances set, 0 imported before, 5 not usable/);
  for (const line of [
    '1: count-invalid',
    '2: template-malformed',
    '3: time-invalid',
    '4: time-future',
    '5: openid-malformed',
  ])
    assert.ok(result.stdout.includes(`line ${line}`), result.stdout);
  const chinese = await site.cli.run(['--lang', 'zh', 'credits', 'import', appid, broken]);
  assert.match(chinese.stdout, /“nobody”不是 openid：应为 28 位/);
  assert.match(chinese.stdout, /“many”不是 0 到 10,000 的整数/);
  const bare = await site.file('bare.csv', `openid\n${person}\n`);
  assert.match(
    await site.cli.fails(1, ['credits', 'import', appid, bare]),
    /template_id.*count.*at.*CREDIT_COLUMN_MISSING/,
  );
  const shown = await site.cli.ok(['credits', 'show', appid, person]);
  assert.match(shown, /3 left \(3 known since 2026-11-01 09:00:00 \+08:00, 0 reserved\)/);
  assert.match(
    await site.cli.ok(['--lang', 'zh', 'credits', 'show', appid, account.openid(450)]),
    /未知，而不是 0/,
  );
});

test('a push goes to all but those known to have none, and says how many of each', async () => {
  const to = ['--to', openids(0, 30).join(',')];
  const preview = await site.cli.ok([...push.filter((one) => one !== '--json'), ...to, '--dry-run']);
  assert.match(preview, /credits: 10 reachable, 10 unknown, 10 no credit, of 30/);
  const chinese = await site.cli.ok([
    '--lang',
    'zh',
    ...push.filter((one) => one !== '--json'),
    ...to,
    '--dry-run',
  ]);
  assert.match(chinese, /订阅次数：可达 10，未知 10，无次数 10，共 30/);
  const report = await site.cli.json([...push, ...to]);
  assert.deepEqual(report.credits, { reachable: 10, unknown: 10, noCredit: 10, of: 30 });
  assert.deepEqual([report.planned, report.noCredit, report.accepted], [20, 10, 20]);
  const dropped = ndjson<{ openid: string; code: string }>(
    await site.cli.ok(['campaigns', 'export', String(report.campaign), '--dropped', '--format', 'ndjson']),
  );
  assert.deepEqual(
    dropped.map(({ openid, code }) => [openid, code]),
    openids(0, 10).map((openid) => [openid, 'no-credit']),
  );
});

test('a second row of one person needs a second credit', async () => {
  const person = account.openid(400);
  const orders = await site.file(
    'orders.csv',
    `openid,order\n${['A', 'B', 'C', 'D'].map((one) => `${person},${one}`).join('\n')}\n`,
  );
  const withOrder = push.map((one) => (one === 'thing2=毛笔' ? 'thing2={{order}}' : one));
  const report = await site.cli.json([...withOrder, '--to', `@${orders}`, '--dry-run']);
  assert.deepEqual(report.credits, { reachable: 3, unknown: 0, noCredit: 1, of: 4 });
});

test('--include-no-credit sends to them too, and what WeChat says is remembered', async () => {
  const to = ['--to', openids(0, 10).join(',')];
  account.revokeCredits(account.openid(0), shipped);
  const report = await site.cli.json([...push, ...to, '--include-no-credit']);
  assert.deepEqual(report.credits, { reachable: 0, unknown: 0, noCredit: 10, of: 10 });
  assert.deepEqual([report.planned, report.accepted, report.rejected], [10, 9, 1]);
  assert.match(await site.cli.ok(['credits', 'show', appid, account.openid(0)]), /=0 {2}43101/);
  const nobody = await site.cli.run([...push, ...to, '--again']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stdout, /"planned":0/);
});

test('sending the unknown ones again uses the credit that they hold, and refused ones need a new one', async () => {
  const to = openids(100, 110);
  const known = to.map((openid) => `${openid},${shipped},1,2026-11-02 09:00`).join('\n');
  const list = await site.file('known.csv', `openid,template_id,count,at\n${known}\n`);
  await site.cli.ok(['credits', 'import', appid, list]);
  wechat.addFault({ kind: 502, at: [1, 2, 3], path: '/cgi-bin/message/subscribe/send' });
  wechat.addFault({ kind: 40003, at: [4], path: '/cgi-bin/message/subscribe/send' });
  const report = await site.cli.json([...push, '--to', to.join(',')]);
  assert.deepEqual([report.accepted, report.unknown, report.rejected], [6, 3, 1]);
  const held = await site.cli.run([...push, '--to', to.join(','), '--again', '--dry-run']);
  assert.match(held.stdout, /"reachable":1,"unknown":0,"noCredit":9/, 'the refused one has its credit back');
  const id = String(report.campaign);
  const resend = ['campaigns', 'resend', id, '--what', 'unknown', 'failed', '--yes', '--wait', '--json'];
  const again = await site.cli.json(resend);
  assert.deepEqual([again.planned, again.accepted, again.noCredit], [4, 4, 0]);
  const left = await site.store.pool.query('select 1 from credit_reservations');
  assert.equal(left.rowCount, 0);
});
