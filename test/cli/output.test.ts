import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { setRate } from '../../src/store/accounts/pace.ts';
import { makeSite } from '../support/campaign.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({ followers: 2_000, latencyMs: 40 });
const [account] = wechat.accounts;
assert.ok(account);

before(async () => {
  await site.add(wechat, account);
  // Slow enough that the campaign still runs when its reader has gone away.
  await setRate(site.store.pool, account.appid, 100);
});

describe('what is printed', { concurrency: 2 }, () => {
  test('obeys no control character of a name, and repeats no mistyped secret', async () => {
    const secret = await site.file('secret.txt', '0'.repeat(32));
    const add = ['accounts', 'add', '--appid', 'wx00000000000000ab', '--kind', 'service', '--no-check'];
    await site.cli.ok([...add, '--secret-file', secret, '--name', 'shop\u001b]0;owned\u0007\u009b2J']);
    const list = await site.cli.ok(['accounts', 'list']);
    assert.match(list, /shop\\u001b\]0;owned\\u0007\\u009b2J/);
    const accounts: unknown = JSON.parse(await site.cli.ok(['accounts', 'list', '--json']));
    assert.ok(JSON.stringify(accounts).includes('\\u001b]0;owned\\u0007\u009b2J'), 'JSON means the same');

    for (const wrong of ['--secret=geheim', '-sgeheim', 'geheim']) {
      const text = await site.cli.fails(2, [...add, wrong]);
      assert.match(text, /unknown option|too many arguments/);
      assert.doesNotMatch(text, /geheim/);
    }
    // Without a secret: what is wrong anyway is said before anybody is asked for one.
    const address = await site.cli.fails(2, [...add, '--base-url', 'https://me:geheim@example.com']);
    assert.match(address, /--base-url.*without user and password/);
    assert.doesNotMatch(address, /geheim/);
    assert.match(await site.cli.fails(2, [...add, '--name', 'x'.repeat(65)]), /ACCOUNT_INVALID/);
    assert.match(await site.cli.fails(2, [...add, '--rate', '0']), /ACCOUNT_INVALID/);
    const proxy = await site.file('proxy', 'socks://10.0.0.1');
    assert.match(await site.cli.fails(2, [...add, '--proxy-file', proxy]), /ACCOUNT_INVALID/);
  });

  test('to a reader that goes away parks the campaign like ctrl-C, with nobody in doubt', async () => {
    const { appid } = account;
    const openids = Array.from({ length: account.followers }, (_, i) => account.openid(i));
    const file = await site.file('all.txt', openids.join('\n'));
    const template = ['--template', templateOf(account, '消息通知'), ...tutorialData];
    const running = site.cli.start([
      ...['push', '--account', appid, '--channel', 'oa-template', ...template, '--to', `@${file}`, '--yes'],
    ]);
    const id = (await running.printed(/Campaign (\d+) /))[1];
    assert.ok(id !== undefined);
    running.child.stdout?.destroy();
    const { code, stderr } = await running.ended;
    // On a busy machine it says how far the plan is, and what it still does at its end.
    const said = stderr.split('\n').filter((line) => !/^(?:planning: |Stopping: |$)/.test(line));
    assert.deepEqual([code, said], [1, []]);

    const report = await site.cli.json(['campaigns', 'show', id, '--json']);
    assert.deepEqual([report.state, report.reason, report.unknown], ['paused', 'interrupted', 0]);
    assert.equal(report.accepted, (await received(wechat, appid)).size, 'what was in flight was waited for');
    assert.ok(Number(report.unsent) > 0);
  });

  test('to a full disk is an error, also when the command was over by then', {
    skip: existsSync('/dev/full') ? false : 'there is no /dev/full',
  }, () => {
    for (const args of [['--help'], ['campaigns', 'list', '--json'], ['accounts', 'list']]) {
      const line = `${site.cli.commandLine(['--lang', 'zh', ...args])} >/dev/full`;
      const { status, stderr } = spawnSync('/bin/sh', ['-c', line], {
        env: site.cli.environment,
        encoding: 'utf8',
      });
      assert.equal(status, 1, args.join(' '));
      assert.match(stderr, /^错误：无法写入标准输出（ENOSPC）\[INTERRUPTED\]\n/, args.join(' '));
    }
  });
});
