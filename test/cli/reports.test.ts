import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaignReport } from '../../src/engine/campaigns/report.ts';
import { makeSite } from '../support/campaign.ts';
import { startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({
  followers: 30,
  accounts: [{ kind: 'sandbox' }, { kind: 'service' }, { kind: 'service' }],
});
const [sandbox, service, quiet] = wechat.accounts;
assert.ok(sandbox && service && quiet);
for (const account of wechat.accounts) await site.add(wechat, account);

const push = (account: typeof service, more: string[]): string[] => [
  ...['push', '--account', account.appid, '--channel', 'oa-template'],
  ...['--template', templateOf(account, '消息通知'), ...tutorialData, ...more],
];
const shanghaiTime = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+08:00`;

test('the calls that a sync may take are those of the kind of account', async () => {
  const synced = await site.cli.ok(['followers', 'sync', sandbox.appid]);
  assert.match(synced, /30 followers: 30 new, 0 left\. \d of 100 daily user\/get calls\./);
  const chinese = await site.cli.ok(['--lang', 'zh', 'followers', 'sync', service.appid]);
  assert.match(chinese, /用去每天 500 次 user\/get 中的 \d 次/);
  const dry = await site.cli.ok(push(sandbox, ['--to', 'all', '--sync', '--dry-run']));
  assert.match(dry, /of the 100 user\/get calls a day/);
  // As a reader sees it, and the wire's own form for programs.
  assert.match(dry, /As it will be read \(3 shown\):\n {2}To o[\w-]{27}: \S+\n {4}标题：?: 标题\n/);
  const plan = await site.cli.json(push(sandbox, ['--to', 'all', '--dry-run', '--json']));
  const { examples, planHash } = plan as {
    planHash: string;
    examples: { body: { touser: string }; card: { lines: { value: string }[] } }[];
  };
  assert.equal(examples.length, 3);
  assert.match(examples[0]?.body.touser ?? '', /^o[\w-]{27}$/);
  assert.equal(examples[0]?.card.lines[0]?.value, '标题');
  assert.match(planHash, /^[\w-]{43}$/);
  assert.match(await site.cli.ok(['campaigns', 'list']), / dry run /);
});

test("people read times in the account's zone, programs in UTC", async () => {
  await site.cli.ok(push(service, ['--to', service.openid(0), '--yes']));
  assert.match(await site.cli.ok(['campaigns', 'list']), new RegExp(`done {2,}${shanghaiTime}`));
  const [row] = JSON.parse(await site.cli.ok(['campaigns', 'list', '--account', service.appid, '--json']));
  assert.match(row.createdAt, /Z$/);
  const followers = await site.cli.ok(['followers', 'count', service.appid]);
  assert.match(followers, new RegExp(`last full sync: ${shanghaiTime}`));
  await site.cli.ok(['accounts', 'rules', service.appid, '--time-zone', 'America/St_Johns']);
  assert.match(await site.cli.ok(['campaigns', 'list', '--account', service.appid]), / -0[23]:30\n/);
});

test("a plan that WeChat refuses says what the errcode means, in the reader's language", async () => {
  const args = push(service, ['--to', 'tag:99', '--yes']);
  const english = await site.cli.fails(1, args);
  assert.match(english, /cannot be sent: 45159 .*\n {2}The account has no such tag\..* \[PLAN_FAILED\]/);
  const chinese = await site.cli.fails(1, ['--lang', 'zh', ...args]);
  assert.match(chinese, /45159 .*\n {2}标签不存在。.*。\[PLAN_FAILED\]/);
  const [id] = (await site.cli.ok(['campaigns', 'list', '--limit', '1'])).split('\n')[1]?.split(' ') ?? [];
  assert.match(await site.cli.ok(['campaigns', 'show', id ?? '']), /Why: 45159 .*\n {2}The account has no/);
});

test('a campaign that waits says for what, in the list, in its report and while it is followed', async () => {
  const hour = Number(
    new Intl.DateTimeFormat('en', {
      timeZone: 'Asia/Shanghai',
      hour: 'numeric',
      hourCycle: 'h23',
    }).format(),
  );
  const clock = (at: number): string => `${String((at + 24) % 24).padStart(2, '0')}:30`;
  const hours = `${clock(hour - 2)}-${clock(hour + 1)}`;
  await site.cli.ok(['accounts', 'rules', quiet.appid, '--quiet', hours]);
  const running = site.cli.start(push(quiet, ['--to', quiet.openid(0), '--yes', '--key', 'quiet']));
  const [, id = ''] = await running.printed(/Campaign (\d+) /);
  const until = String.raw`\d{4}-\d\d-\d\d ${clock(hour + 1)}:00 \+08:00`;
  await running.printed(
    new RegExp(`sending: 0 / 1 · waits for the quiet hours of ${quiet.appid} to end, until ${until}`),
  );
  assert.match(await site.cli.ok(['campaigns', 'list', '--limit', '1']), /sending \(waits\)/);
  const show = ['campaigns', 'show', id];
  assert.match(await site.cli.ok(show), new RegExp(`waits for the quiet hours of .* until ${until}`));
  assert.match(
    await site.cli.ok(['--lang', 'zh', ...show]),
    new RegExp(`处于 ${quiet.appid} 的免打扰时段，等到 ${until}`),
  );
  const { waitsFor } = await site.cli.json([...show, '--json']);
  assert.equal((waitsFor as { what: string }).what, 'quiet'); // its shape is checked by the assertion

  await site.store.pool.query("update campaigns set start_at = '2099-12-31T16:00:00Z' where id = $1", [id]);
  assert.match(await site.cli.ok(show), /waits for its start, until 2100-01-01 00:00:00 \+08:00/);

  const ended = await running.kill('SIGINT');
  assert.equal(ended.code, 1);
  assert.doesNotMatch(await site.cli.ok(show), /waits/, 'a paused one waits for nothing but its resume');
});

test('a rate is told for a campaign that was sent in one go, and none for one that was interrupted', async () => {
  const done = await site.cli.json(push(sandbox, ['--to', 'all', '--yes', '--json']));
  const id = Number(done.campaign);
  assert.equal(typeof done.messagesPerSecond, 'number');
  // As a pause of an hour leaves its chunk: handed back, and claimed once more.
  await site.store.pool.query(
    "update chunks set epoch = 2, first_at = first_at - interval '1 hour' where campaign_id = $1",
    [id],
  );
  assert.equal((await campaignReport(site.store.pool, id)).messagesPerSecond, null);
  assert.doesNotMatch(await site.cli.ok(['campaigns', 'show', String(id)]), /messages\/s/);
});
