import assert from 'node:assert/strict';
import { test } from 'node:test';
import { robotKeyword, robotSecret, startRobot } from '../support/alerts/stand-ins.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';

const site = await makeSite();
site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
site.cli.env.HONGYAN_PUBLIC_URL = 'https://push.example.com/';
site.cli.env.HONGYAN_LANG = 'zh';
const { cli, store } = site;
const { pool } = store;

test('a channel is added, tested, told by a worker, and removed; its key is in a file and nowhere else', async () => {
  const robot = await startRobot('feishu', { signs: true, keyword: true });
  const url = await site.file('robot-url', `${robot.target.url}\n`);
  const secret = await site.file('robot-secret', robotSecret);
  const refused = await cli.run(['alerts', 'add', 'wecom', `${robot.target.url}?key=1`]);
  assert.equal(refused.code, 2, 'others see a command line');
  assert.match(refused.stderr, /--url-file/);
  const unknown = await cli.run(['alerts', 'add', 'pager', '--url-file', url]);
  assert.equal(unknown.code, 2);
  const missing = await cli.run([
    'alerts',
    'add',
    'email',
    '--server',
    'smtp.example.com',
    '--from',
    'a@example.com',
  ]);
  assert.match(missing.stderr, /--to/);

  const options = ['--url-file', url, '--secret-file', secret, '--keyword', robotKeyword, '--name', '值班群'];
  const added = await cli.ok(['alerts', 'add', 'feishu', ...options]);
  const [, id = ''] = /告警渠道 (\d+)/.exec(added) ?? [];
  assert.match(await cli.ok(['alerts', 'test', id]), /已收下测试/);
  assert.match(robot.texts[0] ?? '', /https:\/\/push\.example\.com\/alerts/);
  for (const shown of [await cli.ok(['alerts', 'list']), await cli.ok(['alerts', 'show', id])]) {
    assert.match(shown, /值班群.*飞书机器人.*127\.0\.0\.1/);
    assert.doesNotMatch(shown, /id-of-the-group|this is secret/);
  }
  assert.match(await cli.ok(['alerts', 'incidents']), /没有需要人工处理的事/);

  await pool.query(
    `insert into accounts (appid, kind, token_source) values ('wx00000000000000a1', 'service', 'none')`,
  );
  await pool.query(
    `insert into campaigns (appid, channel, state, state_reason, fingerprint, audience, message, variables, dedupe, on_invalid, finished_at)
     values ('wx00000000000000a1', 'oa-template', 'failed', 'nobody', '', '{}', '{}', '{}', 'openid', 'skip', clock_timestamp())`,
  );
  const worker = cli.start(['worker']);
  await until('it is told', async () => robot.texts.length > 1);
  await worker.kill('SIGTERM');
  assert.match(robot.texts[1] ?? '', /🔴 推送任务 1 失败[\s\S]*https:\/\/push\.example\.com\/campaigns\/1/);
  assert.match(
    await cli.ok(['alerts', 'incidents', '--state', 'open']),
    /推送任务 1 失败.*没有可推送的接收人/,
  );

  assert.match(await cli.ok(['alerts', 'pause', id]), /已暂停/);
  assert.match(await cli.ok(['alerts', 'resume', id]), /已恢复/);
  assert.match(await cli.ok(['alerts', 'remove', id, '--yes']), /已删除/);
  const gone = await cli.run(['alerts', 'test', id]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /没有编号为 \d+ 的告警渠道/);
});
