import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockTeller, takeMessageOutcomes, untoldOutcomes } from '../../src/store/webhooks/outbox.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/in-time.ts';
import { startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({ followers: 10, kind: 'service' });
const account = wechat.account();
const { appid } = account;
await site.add(wechat, account);

test('the column ref of a file is told with each recipient, and found again; one that is none spoils its row', async () => {
  const { pool } = site.store;
  const path = await site.file(
    'orders.csv',
    `openid,ref\n${account.openid(0)},订单-1\n${account.openid(1)},\n${account.openid(2)},${'9'.repeat(65)}\n`,
  );
  const args = ['push', '--account', appid, '--channel', 'oa-template', ...tutorialData];
  const template = ['--template', templateOf(account, '消息通知')];
  const done = await site.cli.json([...args, ...template, '--to', `@${path}`, '--yes', '--wait', '--json']);
  const id = Number(done.campaign);
  const dropped = await site.cli.ok(['campaigns', 'export', String(id), '--dropped']);
  assert.match(dropped, /\n4,.*ref-invalid/);
  const exported = await site.cli.ok(['campaigns', 'export', String(id)]);
  assert.match(exported, new RegExp(`${account.openid(0)},订单-1,accepted`));
  assert.match(exported, new RegExp(`${account.openid(1)},,accepted`));
  const { data } = JSON.parse(await site.cli.ok(['deliveries', '--ref', '订单-1', '--json']));
  assert.deepEqual(
    data.map((one: Record<string, unknown>) => [one.campaignId, one.touser, one.state, one.ref]),
    [[id, account.openid(0), 'accepted', '订单-1']],
  );
  const told = await untoldOutcomes(pool, id, 1);
  assert.deepEqual(told.map(({ ref }) => ref).sort(), ['订单-1', null].sort());
  await pool.query(
    `insert into webhooks (appid, url_sealed, host, secret_sealed, topics) values ($1, '', 'h', '', '{outcome.accepted}')`,
    [appid],
  );
  const to = ['--to', account.openid(5), '--ref', 'r5'];
  const client = await pool.connect();
  try {
    // Else the sending process, while it lives, may take the outcome for its webhook.
    await client.query('begin; set local idle_in_transaction_session_timeout = 0');
    await until('nobody else tells of outcomes', () => lockTeller(client));
    const send = ['send', '--account', appid, '--channel', 'oa-template'];
    await site.cli.ok([...send, ...template, ...tutorialData, ...to]);
    assert.deepEqual(
      (await takeMessageOutcomes(client, 10)).map(({ ref }) => ref),
      ['r5'],
    );
    await client.query('rollback');
  } finally {
    client.release(true);
  }
});
