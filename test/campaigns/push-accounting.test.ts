import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExportedRecipient, makeSite, ndjson } from '../support/campaign.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();

function countBy<T>(rows: readonly T[], key: (row: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[key(row)] = (counts[key(row)] ?? 0) + 1;
  return counts;
}

async function exported(id: unknown): Promise<ExportedRecipient[]> {
  return ndjson(await site.cli.ok(['campaigns', 'export', String(id), '--format', 'ndjson']));
}

/** What the report says of each recipient against what the simulator saw. */
function compare(rows: readonly ExportedRecipient[], seen: ReadonlyMap<string, number>): void {
  for (const row of rows) {
    const times = seen.get(row.openid) ?? 0;
    const allowed = row.outcome === 'accepted' ? [1] : row.outcome === 'unknown' ? [0, 1] : [0];
    assert.ok(allowed.includes(times), `${row.openid} is ${row.outcome}, and was sent ${times} messages`);
  }
  const known = new Set(rows.map((row) => row.openid));
  const strangers = [...seen.keys()].filter((openid) => !known.has(openid));
  assert.deepEqual(strangers, [], 'nobody else was messaged');
}

test('accounts for every follower of a list exactly once, whatever goes wrong', async () => {
  const wechat = await startWechat({
    followers: 2_400,
    accounts: [{ kind: 'service' }, { kind: 'service', followers: 50 }],
  });
  const [account, foreign] = wechat.accounts;
  assert.ok(account && foreign);
  const appid = await site.add(wechat, account);
  const openid = (index: number): string => account.openid(index);

  // 30 left before a sync, and we know it; 40 leave afterwards, and we do not.
  await site.cli.ok(['followers', 'sync', appid]);
  for (let i = 0; i < 30; i++) account.unfollow(openid(i));
  await site.cli.ok(['followers', 'sync', appid]);
  for (let i = 30; i < 70; i++) account.unfollow(openid(i));

  const lines = Array.from({ length: 2_400 }, (_, i) => openid(i));
  for (let i = 100; i < 125; i++) lines.push(openid(i));
  for (let i = 0; i < 15; i++) lines.push(foreign.openid(i));
  for (let i = 0; i < 20; i++) lines.splice(200 + i * 50, 0, i % 2 === 0 ? 'nobody' : 'o 坏 的');
  const file = await site.file('list.csv', `openid\n${lines.join('\n')}\n`);

  const path = '/cgi-bin/message/template/send';
  wechat.addFault({ kind: -1, rate: 0.02, path });
  wechat.addFault({ kind: 'cut', rate: 0.01, path });
  wechat.addFault({ kind: 'reset', rate: 0.01, path });
  wechat.addFault({ kind: 503, rate: 0.01, path });
  wechat.addFault({ kind: 502, rate: 0.01, path, accepted: true });
  wechat.addFault({ kind: 'slow', rate: 0.01, path, slowMs: 150 });

  const push = ['push', '--account', appid, '--channel', 'template', '--to', `@${file}`, ...tutorialData];
  const report = await site.cli.json([
    ...push,
    '--template',
    templateOf(account, '消息通知'),
    '--yes',
    '--wait',
    '--json',
  ]);

  for (const key of 'campaign planned duplicate invalid accepted rejected unknown unsent byErrcode messagesPerSecond'.split(
    ' ',
  ))
    assert.ok(key in report, key);
  const { audience, planned, duplicate, invalid, noCredit, unfollowed, excluded } = report;
  assert.deepEqual(
    { audience, planned, duplicate, invalid, noCredit, unfollowed, excluded },
    {
      audience: 2_460,
      planned: 2_385,
      duplicate: 25,
      invalid: 20,
      noCredit: 0,
      unfollowed: 30,
      excluded: 0,
    },
  );

  const rows = await exported(report.campaign);
  // A fault may have struck one of those whom WeChat refuses; its outcome is unknown then.
  const refused: Record<string, number> = {};
  for (let i = 30; i < 70; i++) refused[openid(i)] = 43004;
  for (let i = 0; i < 15; i++) refused[foreign.openid(i)] = 40003;
  for (const row of rows) {
    if (row.outcome === 'rejected') assert.equal(row.errcode, refused[row.openid], row.openid);
    if (row.openid in refused) assert.notEqual(row.outcome, 'accepted', row.openid);
  }
  assert.deepEqual(
    report.byErrcode,
    countBy(
      rows.filter((row) => row.outcome === 'rejected'),
      (row) => String(row.errcode),
    ),
  );
  assert.equal(new Set(rows.map((row) => row.openid)).size, planned);
  const outcomes = {
    accepted: 0,
    rejected: 0,
    unknown: 0,
    unsent: 0,
    ...countBy(rows, (row) => row.outcome),
  };
  const { accepted, rejected, unknown, unsent } = report;
  assert.deepEqual({ accepted, rejected, unknown, unsent }, outcomes);
  assert.ok(Number(rejected) > 45, `${rejected} of 55`);
  assert.ok(Number(unknown) > 20, `the cut connections are unknown: ${unknown}`);
  compare(rows, await received(wechat, appid));

  const dropped = ndjson<{ line: number; openid: string; reason: string; code: string; detail: string }>(
    await site.cli.ok(['campaigns', 'export', String(report.campaign), '--format', 'ndjson', '--dropped']),
  );
  assert.deepEqual(
    countBy(dropped, (row) => row.reason),
    { duplicate: 25, invalid: 20, unfollowed: 30 },
  );
  // Header is line 1; the first bad row was put before the 201st openid.
  const bad = dropped.find((row) => row.reason === 'invalid');
  assert.deepEqual([bad?.line, bad?.code], [202, 'openid-malformed']);
  assert.ok(
    dropped.every((row) => row.detail !== ''),
    'every left-out row says why',
  );

  // Those who turned out to have left are not tried again.
  const second = await site.cli.json([
    ...push,
    '--template',
    templateOf(account, '消息通知'),
    '--dry-run',
    '--json',
  ]);
  assert.equal(second.unfollowed, 30 + rows.filter((row) => row.errcode === 43004).length);
});

test('accounts for every user of a Mini Program, where nothing can be sent twice safely', async () => {
  const wechat = await startWechat({ kind: 'miniprogram', followers: 400, creditsPerUser: 1 });
  const account = wechat.account();
  const appid = await site.add(wechat, account);
  const template = templateOf(account, '订单发货通知');
  for (let i = 0; i < 20; i++) account.revokeCredits(account.openid(i), template);
  const rows = Array.from({ length: 400 }, (_, i) => `${account.openid(i)},SF-${i},鸿雁毛笔${i}`);
  // The order number of these is not one: refused before anybody is asked.
  for (let i = 0; i < 10; i++) rows[50 + i] = `${account.openid(50 + i)},顺丰${i},鸿雁毛笔`;
  const file = await site.file('orders.csv', `\ufeff用户openid,单号,商品\r\n${rows.join('\r\n')}\r\n`);
  const path = '/cgi-bin/message/subscribe/send';
  wechat.addFault({ kind: 'cut', rate: 0.03, path });
  wechat.addFault({ kind: -1, rate: 0.01, path });
  wechat.addFault({ kind: 'reset', rate: 0.02, path });

  const report = await site.cli.json([
    'push',
    '--account',
    appid,
    '--channel',
    'mp-subscribe',
    '--template',
    template,
    '--data',
    'character_string1={{单号}}',
    '--data',
    'thing2={{商品}}',
    '--data',
    'time3=2026-11-22 12:00',
    '--data',
    'name4=张三',
    '--page',
    'pages/order?no={{单号}}',
    '--to',
    `@${file}`,
    '--yes',
    '--wait',
    '--json',
  ]);
  const { planned, invalid, accepted, rejected, unknown, unsent } = report;
  assert.deepEqual({ planned, invalid }, { planned: 390, invalid: 10 });
  assert.equal(Number(accepted) + Number(rejected) + Number(unknown) + Number(unsent), 390);
  const outcomes = await exported(report.campaign);
  compare(outcomes, await received(wechat, appid));
  const without = new Set(Array.from({ length: 20 }, (_, i) => account.openid(i)));
  for (const row of outcomes) {
    if (row.outcome === 'rejected')
      assert.deepEqual([row.errcode, without.has(row.openid)], [43101, true], row.openid);
    if (without.has(row.openid)) assert.notEqual(row.outcome, 'accepted');
    // WeChat drops no repeats of this channel: what may have arrived is never sent again. And whoever is refused for want
    // of a credit after −1 may have spent it on the message that −1 was said of.
    if (row.outcome === 'unknown' && row.errcode !== 43101) assert.equal(row.reason, 'reset');
    if (row.outcome === 'unknown' && row.errcode === 43101) assert.ok(without.has(row.openid), row.openid);
  }
});
