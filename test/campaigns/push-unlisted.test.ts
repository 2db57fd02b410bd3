import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({
  followers: 5,
  accounts: [{ kind: 'sandbox' }, { kind: 'sandbox' }, { kind: 'miniprogram' }],
});
const [sandbox, open, miniprogram] = wechat.accounts;
assert.ok(sandbox && open && miniprogram);
for (const account of wechat.accounts) await site.add(wechat, account);
for (const path of ['/cgi-bin/template/get_all_private_template', '/wxaapi/newtmpl/gettemplate'])
  for (const { appid } of [sandbox, miniprogram]) wechat.addFault({ kind: 48001, rate: 1, path, appid });

const push = (appid: string, template: string, more: string[]): string[] => [
  ...['push', '--account', appid, '--template', template, ...tutorialData],
  ...more,
];

test('a push goes out unchecked, and says so, when WeChat refuses the list of templates', async () => {
  const to = ['--channel', 'oa-template', '--to', sandbox.openid(0)];
  const args = push(sandbox.appid, templateOf(sandbox, '消息通知'), to);
  const text = await site.cli.ok([...args, '--test-to', sandbox.openid(0)]);
  assert.match(text, /Note: WeChat refused the list .*\(48001 .*\).* not checked beforehand/);
  assert.match(text, /accepted by WeChat/);

  const chinese = await site.cli.ok(['--lang', 'zh', ...args, '--yes']);
  assert.match(chinese, /提示：微信拒绝返回该账号的模板列表（48001 .*），因此推送前无法校验/);
  assert.deepEqual([...(await received(wechat, sandbox.appid)).values()], [2]);

  const json = await site.cli.run([...args, '--yes', '--json', '--again']);
  assert.equal(json.stdout.trimEnd().split('\n').length, 1, 'the notice is not on standard output');
  assert.equal(JSON.parse(json.stdout).accepted, 1);
  assert.match(json.stderr, /not checked beforehand/);
});

test('so does one of a Mini Program, whose list is another', async () => {
  const args = push(miniprogram.appid, 'x'.repeat(43), [
    ...['--channel', 'mp-subscribe', '--to', miniprogram.openid(0), '--dry-run'],
  ]);
  assert.match(await site.cli.ok(args), /not checked beforehand/);
});

test('a list that is there still decides which templates there are', async () => {
  const to = ['--channel', 'oa-template', '--to', open.openid(0), '--yes'];
  assert.match(await site.cli.fails(1, push(open.appid, 'x'.repeat(43), to)), /TEMPLATE_NOT_FOUND/);
});
