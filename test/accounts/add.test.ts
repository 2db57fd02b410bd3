import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({
  followers: 3,
  accounts: [{ kind: 'service' }, { kind: 'miniprogram' }, { kind: 'official' }, { kind: 'sandbox' }],
});
const [service, mini, official, sandbox] = wechat.accounts;
assert.ok(service && mini && official && sandbox);
const { cli } = site;

function add(account: { appid: string; secret: string }, kind: string, ...more: string[]) {
  const flags = ['--appid', account.appid, '--kind', kind, '--base-url', wechat.url, '--secret-file', '-'];
  return [['accounts', 'add', ...flags, ...more], { input: account.secret }] as const;
}

describe('accounts add', () => {
  test('of another kind than the account’s own APIs say is refused, unless one is sure', async () => {
    assert.match(
      await cli.fails(1, ...add(service, 'miniprogram')),
      /is no miniprogram account.*an Official Account.*\[ACCOUNT_KIND_WRONG\].*--no-check/s,
    );
    assert.match(await cli.fails(1, ...add(mini, 'service')), /a Mini Program.*\[ACCOUNT_KIND_WRONG\]/s);
    assert.match(
      await cli.fails(1, ...add(sandbox, 'official')),
      /a service or sandbox account.*\[ACCOUNT_KIND_WRONG\]/s,
    );
    assert.equal(await cli.ok(['accounts', 'list', '--json']), '[]\n');
    await cli.ok(...add(mini, 'service', '--no-check'));
    await cli.ok(...add(mini, 'miniprogram'));
    for (const [account, kind] of [
      [service, 'service'],
      [official, 'official'],
      [sandbox, 'sandbox'],
    ] as const)
      assert.match(await cli.ok(...add(account, kind)), /Added the account/);
  });

  test('once more says what is another than before, and never a secret', async () => {
    const again = await cli.ok(...add(service, 'service'));
    assert.match(again, /is as it was/);
    const named = await cli.ok(...add(service, 'service', '--name', '商城', '--rate', '50'));
    assert.match(named, /Changed the account .*:\n {2}name: \(none\) → 商城\n {2}rate\/s: 100 → 50\n$/s);
    await cli.ok(['accounts', 'pause', service.appid]);
    const other = { appid: service.appid, secret: 'f'.repeat(32) };
    const chinese = await cli.ok(['--lang', 'zh', ...add(other, 'service', '--no-check')[0]], {
      input: other.secret,
    });
    assert.match(chinese, /名称：商城 →（无）\n {2}状态：已暂停 → 正常\n {2}密钥已更换\n$/);
    assert.doesNotMatch(chinese, /f{32}/);
  });

  test('takes no secret from an argument', async () => {
    for (const option of ['--token-url', '--proxy', '--secret'])
      assert.match(
        await cli.fails(2, [...add(service, 'service')[0], option, 'http://me:secret@127.0.0.1:1/']),
        /unknown option.*\[USAGE\]/s,
      );
  });
});

test('an account that an operator paused is used again when it is resumed', async () => {
  const { appid } = official;
  assert.match(await cli.ok(['accounts', 'pause', appid]), /are paused/);
  assert.equal((await cli.json(['accounts', 'show', appid, '--json'])).stateReason, 'operator');
  assert.match(await cli.ok(['accounts', 'resume', appid]), /is used again/);
});
