import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { untilDayIsLong } from '../support/in-time.ts';
import { startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const path = '/cgi-bin/message/template/send';

test('rate, quota and accounts say what they did', async () => {
  await untilDayIsLong();
  const site = await makeSite();
  const wechat = await startWechat({ kind: 'service', followers: 300, quotas: { [path]: { daily: 200 } } });
  const account = wechat.account();
  const appid = await site.add(wechat, account);
  const { cli } = site;

  assert.match(await cli.ok(['rate', appid, '40']), /at most 40 messages\/s \(before: 1,000,000\)/);
  assert.deepEqual(await cli.json(['rate', appid, '--json']), {
    ...{ appid, ratePerS: 40, messageSharePercent: 20, before: 40 },
  });
  assert.match(
    await cli.fails(2, ['rate', appid, '0']),
    /the rate takes a whole number from 1 to 9999999, not "0"/,
  );
  assert.match(await cli.fails(1, ['rate', 'wx0000000000000000', '5']), /there is no account/);

  // 300 people, 200 calls a day, 5 % of them kept back.
  const preview = await cli.ok([
    ...['push', '--account', appid, '--to', 'all', '--sync', '--template', templateOf(account, '消息通知')],
    ...['--channel', 'template', ...tutorialData, '--dry-run'],
  ]);
  assert.match(preview, /At 40\/s this takes about 8 s/);
  assert.match(preview, /Calls needed: 300; left for campaigns today: 190 \(limit from WeChat\)/);
  assert.match(preview, /The last 110 wait for the next day.* from [\d-]{10} [\d:]{8} \+08:00/);

  const slow = await cli.ok([
    ...[
      'push',
      '--account',
      appid,
      '--to',
      'all',
      '--template',
      templateOf(account, '消息通知'),
      '--rate',
      '10',
    ],
    ...['--channel', 'template', ...tutorialData, '--dry-run', '--again'],
  ]);
  assert.match(slow, /At 10\/s this takes about 30 s/);
  const { rows } = await site.store.pool.query<{ id: number }>('select max(id) as id from campaigns');
  const id = String(rows[0]?.id);
  assert.match(await cli.ok(['campaigns', 'show', id]), /at most 10 messages\/s, by its own rate/);
  assert.match(await cli.ok(['campaigns', 'rate', id]), /sends at most 10 messages\/s/);
  assert.match(await cli.fails(1, ['campaigns', 'rate', id, '5']), /\[CAMPAIGN_STATE\]/);
  await site.store.pool.query("update campaigns set state = 'paused' where id = $1", [id]);
  assert.deepEqual(await cli.json(['campaigns', 'rate', id, '5', '--json']), {
    campaign: Number(id),
    ratePerS: 5,
  });
  assert.match(await cli.ok(['campaigns', 'rate', id, 'off']), /has no rate of its own/);
  assert.match(await cli.fails(2, ['campaigns', 'rate', id, '0']), /takes a whole number from 1/);
  await site.store.pool.query("update campaigns set state = 'cancelled' where id = $1", [id]);

  const shown = await cli.json(['quota', 'show', appid, '--json']);
  const apis: { path: string; limit: number; left: number; source: string }[] = Object(shown.apis);
  assert.deepEqual(
    apis
      .map(({ path: one, limit, left, source }) => ({ one, limit, left, source }))
      .find(({ one }) => one === path),
    { one: path, limit: 200, left: 190, source: 'wechat' },
  );
  assert.equal(shown.clearsLeft, 10);

  assert.match(
    await cli.ok(['quota', 'set', appid, '--channel', 'oa-template', '--daily', '1000', '--reserve', '10']),
    /template\/send\s+1,000\s+the operator\s+0\s+900/,
  );
  assert.match(await cli.fails(2, ['quota', 'set', appid]), /nothing to set/);
  assert.match(await cli.fails(2, ['quota', 'set', appid, '--daily', '5']), /belong together/);
  assert.match(await cli.fails(2, ['quota', 'clear', appid]), /--yes/);
  assert.match(await cli.ok(['quota', 'clear', appid, '--yes']), /9 are left this month/);
  for (let n = 0; n < 9; n++) await cli.ok(['quota', 'clear', appid, '--yes']);
  assert.match(await cli.fails(1, ['quota', 'clear', appid, '--yes']), /48006/);

  await site.store.pool.query("update accounts set state = 'paused', state_reason = 'errcode:50007'");
  assert.match(await cli.ok(['accounts', 'check', appid]), /is used again/);
  assert.match(await cli.ok(['accounts', 'resume', appid]), /is not paused/);
});
