import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { received, startWechat, tutorialData } from '../support/wechat.ts';

const people = 10_500;
const site = await makeSite();
const simulator = await startWechat({ kind: 'service', followers: people });
const account = simulator.account();
const appid = await site.add(simulator, account);
const template =
  account.templates().find((one) => one.content.includes('{{keyword3.DATA}}'))?.template_id ?? '';
const audience = await site.file(
  'all.csv',
  `openid\n${Array.from({ length: people }, (_, i) => account.openid(i)).join('\n')}\n`,
);
const push = [
  'push',
  '--account',
  appid,
  '--channel',
  'template',
  '--template',
  template,
  ...tutorialData,
  '--to',
  `@${audience}`,
  '--yes',
  '--again',
  '--wait',
];

test('a large template campaign stops after its first thousand when WeChat intercepts some of them', async () => {
  account.clearReceived();
  account.intercept(template, 0.01);
  const stopped = await site.cli.run([...push, '--json']);
  const report = JSON.parse(stopped.stdout.trim().split('\n').at(-1) ?? '{}');
  assert.equal(report.state, 'paused');
  assert.equal(report.reason, 'intercepted');
  assert.equal(report.accepted, 1_000);
  assert.equal((await received(simulator, appid)).size, 1_000);

  // A person looked at it and goes on.
  const resumed = JSON.parse(
    (await site.cli.ok(['campaigns', 'resume', String(report.campaign), '--wait', '--json']))
      .trim()
      .split('\n')
      .at(-1) ?? '{}',
  );
  assert.equal(resumed.accepted, people);
  const got = await received(simulator, appid);
  assert.equal(got.size, people);
  assert.deepEqual([...new Set(got.values())], [1]);
});

test('it says so before, and opens by itself when nothing was intercepted', async () => {
  account.clearReceived();
  account.intercept(template, 0);
  // Interceptions of the campaign before are of another second.
  simulator.advance(2_000);
  const out = await site.cli.ok(push);
  assert.match(out, /first 1,000 go alone/);
  assert.equal((await received(simulator, appid)).size, people);
});
