import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { lastJson } from '../support/cli.ts';
import { bodiesOf, received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({
  followers: 40,
  accounts: [
    { kind: 'service', kfOpenShare: 1 },
    { kind: 'miniprogram', legacy: true },
    { kind: 'service' },
    { kind: 'service' },
    { kind: 'service' },
  ],
});
const [kf, form, keyed, nightly, single] = wechat.accounts;
assert.ok(kf && form && keyed && nightly && single);
const finish = ['--yes', '--wait', '--json'];

before(async () => {
  for (const account of wechat.accounts) await site.add(wechat, account);
});

describe('push', { concurrency: 3 }, () => {
  test('--message sends any wire body, such as a kf text, with variables', async () => {
    const body = await site.file(
      'kf.json',
      JSON.stringify({
        touser: '{{openid}}',
        msgtype: 'text',
        text: { content: '您好，{{name}}："{{openid}}"' },
      }),
    );
    const list = await site.file('kf.csv', `openid,name\n${kf.openid(0)},张"三\n${kf.openid(1)},李\\四\n`);
    const base = ['push', '--account', kf.appid, '--channel', 'custom', '--message', `@${body}`];
    const report = await site.cli.json([...base, '--to', `@${list}`, ...finish]);
    assert.equal(report.accepted, 2);
    assert.deepEqual(bodiesOf(kf, kf.openid(0)), [
      { touser: kf.openid(0), msgtype: 'text', text: { content: `您好，张"三："${kf.openid(0)}"` } },
    ]);
    const mixed = await site.cli.fails(2, [...base, '--template', 'x', '--to', 'all', '--yes']);
    assert.match(mixed, /--message is the whole body: leave out --template/);
    for (const [wrong, why] of [
      ['[]', /does not hold one JSON object/],
      ['null', /does not hold one JSON object/],
      ['"text"', /does not hold one JSON object/],
      ['{', /is not JSON/],
    ] as const) {
      const file = await site.file('wrong.json', wrong);
      const said = await site.cli.fails(1, [...base.slice(0, -1), `@${file}`, '--to', kf.openid(2), '--yes']);
      assert.match(said, why, wrong);
      assert.match(said, /\[MESSAGE_INVALID\]/, wrong);
    }
  });

  test('a retired form_id message goes out with each recipient’s own form_id', async () => {
    const rows = [0, 1, 2].map((i) => `${form.openid(i)},${form.issueFormId(form.openid(i))}`);
    rows.push(`${form.openid(3)},used`);
    const list = await site.file('forms.csv', `openid,form_id\n${rows.join('\n')}\n`);
    const report = await site.cli.json([
      'push',
      ...['--account', form.appid, '--channel', 'mp-form', '--template', templateOf(form, '消息通知')],
      ...tutorialData,
      ...['--form-id', '{{form_id}}', '--page', 'pages/index/index', '--to', `@${list}`],
      ...finish,
    ]);
    assert.deepEqual([report.accepted, report.byErrcode], [3, { 41028: 1 }]);
    assert.equal((await received(wechat, form.appid)).size, 3);
  });

  test('--key: a repeat shows the campaign and sends nothing; --dry-run does not use it up', async () => {
    const to = [0, 1, 2].map((i) => keyed.openid(i)).join(',');
    const push = ['push', '--account', keyed.appid, '--channel', 'oa-template', ...tutorialData];
    const all = [...push, '--template', templateOf(keyed, '消息通知'), '--to', to];
    const dry = await site.cli.json([...all, '--key', 'daily', '--dry-run', '--json']);
    assert.deepEqual([dry.planned, dry.accepted, dry.dryRun], [3, 0, true]);
    const id = String(dry.campaign);
    const later = await site.cli.json(['campaigns', 'show', id, '--json']);
    assert.deepEqual([later.dryRun, later.byUnsent], [true, { dry_run: 3 }]);
    for (const look of [
      ['campaigns', 'show', id],
      ['campaigns', 'list', '--account', keyed.appid],
      ['deliveries', '--campaign', id],
    ]) {
      const said = await site.cli.ok(['--lang', 'zh', ...look]);
      assert.match(said, /试运行/, look.join(' '));
      assert.doesNotMatch(said, /取消/, look.join(' '));
    }
    assert.doesNotMatch(await site.cli.ok(['--lang', 'zh', 'deliveries', '--campaign', id]), /未发送/);
    const first = await site.cli.json([...all, '--key', 'daily', ...finish]);
    assert.equal(first.accepted, 3);
    const again = await site.cli.json([...all, '--key', 'daily', ...finish]);
    assert.deepEqual([again.existing, again.campaign, again.accepted], [true, first.campaign, 3]);

    // Without a key the same within 24 hours is an accident.
    const twin = await site.cli.fails(1, [...all, '--yes']);
    assert.match(
      twin,
      /campaign \d+ sent the same template to the same audience.*\[CAMPAIGN_TWIN\].*--again.*--key/s,
    );
    assert.deepEqual([...(await received(wechat, keyed.appid)).values()], [1, 1, 1]);
    assert.equal((await site.cli.json([...all, '--again', ...finish])).accepted, 3);
    assert.deepEqual([...(await received(wechat, keyed.appid)).values()], [2, 2, 2]);
  });

  test('a rerun with the same key finishes what was planned and never started, and refuses what is half read', async () => {
    const { pool } = site.store;
    const to = [10, 11].map((i) => nightly.openid(i)).join(',');
    const push = ['push', '--account', nightly.appid, '--channel', 'oa-template', ...tutorialData];
    const all = [...push, '--template', templateOf(nightly, '消息通知'), '--to', to, '--key', 'nightly'];
    await site.cli.ok([...all, '--yes']);
    // As a process leaves it that is killed between its plan and its start.
    await pool.query(
      "update campaigns set state = 'planned', confirmed_by = null, started_at = null, finished_at = null where key = 'nightly'",
    );
    await pool.query(
      "update chunks set state = 'open' where campaign_id = (select id from campaigns where key = 'nightly')",
    );
    nightly.clearReceived();
    const text = await site.cli.ok([...all, '--yes']);
    assert.match(text, /The key "nightly" has campaign \d+, which was not started yet: going on with it/);
    assert.match(text, /· done/);

    await pool.query("update campaigns set state = 'staging', started_at = null where key = 'nightly'");
    const half = await site.cli.fails(1, [...all, '--yes']);
    const id = /hongyan campaigns cancel (\d+)/.exec(half)?.[1];
    assert.ok(id !== undefined, half);
    await site.cli.ok(['campaigns', 'cancel', id]);
    const { campaign } = await site.cli.json([...all, ...finish]);
    assert.notEqual(String(campaign), id, 'the key is free again');
  });

  test('--test-to sends the first row to one openid; --on-invalid rejects, shortens or skips', async () => {
    const long = '鸿'.repeat(25);
    const list = await site.file(
      'orders.csv',
      `openid,no,goods\n${single.openid(0)},SF-1,毛笔\n${single.openid(1)},SF-2,${long}\n${single.openid(2)},顺丰,墨\n`,
    );
    const push = [
      'push',
      ...[
        '--account',
        single.appid,
        '--channel',
        'oa-template',
        '--template',
        templateOf(single, '订单发货通知'),
      ],
      ...[
        '--data',
        'character_string1={{no}}',
        '--data',
        'thing2={{goods}}',
        '--data',
        'time3=2026-11-22 12:00',
      ],
      ...['--data', 'amount4=￥8.00', '--data', 'const5=已发货', '--url', 'https://example.com/{{openid}}'],
      ...['--to', `@${list}`],
    ];
    const test = await site.cli.ok([...push, '--test-to', single.openid(9)]);
    assert.match(test, /Test message to o\S+: accepted by WeChat \(msgid \d+\)/);
    const body = bodiesOf(single, single.openid(9))[0];
    assert.equal(body?.url, `https://example.com/${single.openid(9)}`);
    const data = (body?.data ?? {}) as Record<string, unknown>; // as --data wrote it
    assert.deepEqual(data.thing2, { value: '毛笔' });

    const rejected = await site.cli.run([...push, '--on-invalid', 'reject', '--yes']);
    assert.equal(rejected.code, 1);
    assert.match(rejected.stdout, /line 3: field-too-long – thing2 \(thing\) has 25 characters; at most 20/);
    assert.match(rejected.stdout, /line 4: field-charset – character_string1/);
    assert.match(
      rejected.stderr,
      /cannot be sent: 2 rows are not valid, and the campaign was to go to nobody then/,
    );
    const chinese = await site.cli.run(['--lang', 'zh', ...push, '--on-invalid', 'reject', '--yes']);
    assert.match(chinese.stderr, /推送任务 \d+ 无法推送：有 2 行无效，按设置整批不发 \[PLAN_FAILED\]/);
    assert.equal((await received(wechat, single.appid)).size, 1, 'only the test message');

    const shortened = await site.cli.json([...push, '--on-invalid', 'truncate', ...finish]);
    assert.deepEqual([shortened.planned, shortened.invalid, shortened.accepted], [2, 1, 2]);
    const second = bodiesOf(single, single.openid(1))[0];
    const { thing2 } = (second?.data ?? {}) as Record<string, { value: string }>; // as above
    assert.equal(thing2?.value, `${'鸿'.repeat(19)}…`);

    const skipped = lastJson(await site.cli.ok([...push, '--again', ...finish]));
    assert.deepEqual([skipped.planned, skipped.invalid, skipped.accepted], [1, 2, 1]);
  });
});
