import assert from 'node:assert/strict';
import { test } from 'node:test';
import { questionNames } from '../../src/app/verify/questions.ts';
import type { AccountOptions, SimulatedAccount } from '../../src/simulator/index.ts';
import { makeSite } from '../support/campaign.ts';
import { callsOf, received, startWechat } from '../support/wechat.ts';

const site = await makeSite();
// Enough people on the blacklist for more than one page of it; the person who asks is not.
const common = { kind: 'service', followers: 2200, blacklistedShare: 0.9, record: 'full' } as const;
const other: Partial<AccountOptions> = {
  sendCheckOrder: ['openid', 'follow', 'blacklist', 'credit', 'template', 'link', 'fields'],
  duplicateClientMsgId: 40241,
  identicalWithin60s: true,
  argumentTextLimit: 0,
  refuseUnicodeEscapes: true,
  lengthUnit: 'utf16',
  lastPageNextOpenid: 'empty',
  batchgetForeignOpenid: 'skip',
  blacklistPageSize: 10_000,
  clientMsgIdMax: 64,
};
const wechat = await startWechat({
  accounts: [
    { ...common, seed: 1 },
    { ...common, ...other, seed: 2 },
    { kind: 'sandbox', followers: 3, seed: 3 },
    { kind: 'sandbox', followers: 3, seed: 4, retiredErrcode: 48009 },
    { kind: 'miniprogram', followers: 3, seed: 5 },
  ],
});
const accounts = wechat.accounts;
const [one, another, sandbox, sandbox2, miniprogram] = accounts;
assert.ok(one && another && sandbox && sandbox2 && miniprogram);
for (const account of accounts) await site.add(wechat, account);

interface Finding {
  question: string;
  verdict: string;
  observed: string;
  meaning: string;
}

/** A follower who may be sent to. */
function me(account: SimulatedAccount): string {
  const openid = account.openid(0);
  account.unblock(openid);
  return openid;
}

async function verified(account: SimulatedAccount, lang = 'en'): Promise<Map<string, Finding>> {
  const args = ['verify', account.appid, '--openid', me(account), '--yes', '--json', '--lang', lang];
  const { findings }: { findings: Finding[] } = JSON.parse(await site.cli.ok(args));
  assert.deepEqual(
    findings.map(({ question }) => question),
    questionNames,
  );
  return new Map(findings.map((found) => [found.question, found]));
}

test('each switch of the simulator, either way, is told by the verdict', async () => {
  const [usual, switched] = [await verified(one), await verified(another)];
  const verdicts = (found: Map<string, Finding>): string[] =>
    questionNames.filter((name) => name !== 'retired').map((name) => `${name}: ${found.get(name)?.verdict}`);
  assert.deepEqual(verdicts(usual), [
    'last-page: openid',
    'foreign-openid: fails-all',
    'blacklist-page: thousand',
    'order: values-first',
    'argument-text: cut',
    'emoji-length: code-points',
    'unicode-escapes: taken',
    'long-id: refused',
    'repeated-id: same-msgid',
    'identical-body: sent-again',
  ]);
  assert.deepEqual(verdicts(switched), [
    'last-page: empty',
    'foreign-openid: passed-over',
    'blacklist-page: larger',
    'order: link-first',
    'argument-text: whole',
    'emoji-length: utf-16',
    'unicode-escapes: refused',
    'long-id: taken',
    'repeated-id: refused',
    'identical-body: refused',
  ]);
  const [code, code2] = [await verified(sandbox), await verified(sandbox2, 'zh')];
  assert.match(code.get('retired')?.observed ?? '', /^45103 /);
  assert.match(code2.get('retired')?.observed ?? '', /^48009 /);
  for (const { meaning } of code2.values()) assert.match(meaning, /\p{Script=Han}/u);
  for (const found of [usual, switched, code, code2])
    for (const { meaning } of found.values()) assert.doesNotMatch(meaning, /^verdict\./, 'has its words');
});

test('sends at most 10 times, to nobody else, and the report can be shared', async () => {
  const openid = me(one);
  const before = (await received(wechat, one.appid)).get(openid) ?? 0;
  const calls = (): number =>
    callsOf(one, '/cgi-bin/message/template/send') + callsOf(one, '/cgi-bin/message/wxopen/template/send');
  const callsBefore = calls();
  const report = await site.cli.ok(['verify', one.appid, '--openid', openid, '--yes']);
  assert.ok(calls() - callsBefore <= 10, `${calls() - callsBefore} sends`);
  const reached = await received(wechat, one.appid);
  assert.deepEqual([...reached.keys()], [openid]);
  assert.ok((reached.get(openid) ?? 0) - before <= 6);
  for (const secret of [openid, one.secret, one.appid]) assert.ok(!report.includes(secret), secret);
  assert.doesNotMatch(report, /\bo[\w-]{27}/);
  assert.match(report, /10 of 11 questions are settled/);
});

test('refuses where nobody can be asked, or nothing can be', async () => {
  const before = (await received(wechat, one.appid)).size;
  const openid = me(one);
  assert.match(await site.cli.fails(2, ['verify', one.appid, '--openid', openid]), /USAGE/);
  assert.equal((await received(wechat, one.appid)).size, before);
  const none = await site.cli.fails(1, ['verify', miniprogram.appid, '--openid', openid, '--yes']);
  assert.match(none, /VERIFY_IMPOSSIBLE/);
});
