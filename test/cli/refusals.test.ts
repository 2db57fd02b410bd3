import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({
  followers: 50,
  accounts: [{ kind: 'service' }, { kind: 'service' }, { kind: 'service' }],
});
const [account, added, blocked] = wechat.accounts;
assert.ok(account && added && blocked);
const { appid } = account;
const order = templateOf(account, '订单发货通知');
const orderData = [
  ...['--data', 'character_string1=SF-1', '--data', 'thing2=毛笔', '--data', 'time3=2026-11-22 12:00'],
  ...['--data', 'amount4=￥8.00', '--data', 'const5=已发货'],
];

before(async () => {
  await site.add(wechat, account);
  await site.add(wechat, blocked);
});

function push(template: string, data: readonly string[], to: string, more: readonly string[] = ['--yes']) {
  const args = ['push', '--account', appid, '--channel', 'oa-template', '--template', template];
  return [...args, ...data, '--to', to, ...more];
}

const someone = account.openid(0);

describe('a refused command says what is wrong and what to do', { concurrency: 3 }, () => {
  test('accounts: wrong secret, address not allowed, unknown account', async () => {
    const wrong = await site.file('wrong.txt', `${'0'.repeat(32)}\n`);
    const add = ['accounts', 'add', '--appid', added.appid, '--kind', 'service', '--base-url', wechat.url];
    const secret = await site.cli.fails(1, [...add, '--secret-file', wrong]);
    assert.match(secret, /40125.*invalid appsecret/s);
    assert.doesNotMatch(secret, /0{32}/, 'the secret itself is not shown');
    const kept = await site.cli.ok(['accounts', 'list', '--json']);
    assert.ok(!kept.includes(added.appid), 'a wrong account is not stored');

    const file = await site.file('right.txt', `${added.secret}\n`);
    const text = await site.cli.ok([...add, '--secret-file', file]);
    assert.match(text, /WeChat accepts the credentials.*Added the account/s);

    blocked.setIpWhitelist(['203.0.113.7']);
    const check = await site.cli.fails(1, ['accounts', 'check', blocked.appid]);
    assert.match(check, /40164/);
    assert.match(check, /127\.0\.0\.1/, 'says which address to allow');

    const unknown = await site.cli.fails(1, ['followers', 'sync', 'wx00000000000000ff']);
    assert.match(unknown, /there is no account wx00000000000000ff.*hongyan accounts list/s);
    assert.ok(!unknown.includes(appid), 'names no other account');
    const kind = await site.cli.fails(2, ['accounts', 'add', '--appid', 'gh_123', '--kind', 'service']);
    assert.match(kind, /"gh_123" is not an AppID.*it starts with wx/s);
  });

  test('templates: of another kind, of nobody', async () => {
    for (const [id, words] of [
      ['TM00015', /TM00015 is the number of a template in WeChat’s library/],
      ['OPENTM207498902', /OPENTM207498902 is the number of a template in WeChat’s library/],
      ['1234', /1234 is the number of a template title \(tid\)/],
      [
        'x'.repeat(43),
        new RegExp(`${appid} has no template x{43} for the channel oa-template; it has: .*消息通知`),
      ],
    ] as const) {
      const text = await site.cli.fails(1, push(id, tutorialData, someone));
      assert.match(text, words);
      assert.match(text, /\[TEMPLATE_NOT_FOUND\]\n$/);
    }
    const chinese = await site.cli.fails(1, ['--lang', 'zh', ...push('TM00015', tutorialData, someone)]);
    assert.match(chinese, /TM00015 是模板库中的编号/);
  });

  test('messages: a key missing, a key too many, a field over its limit', async () => {
    const missing = await site.cli.fails(1, push(order, orderData.slice(2), someone));
    assert.match(
      missing,
      /no value for character_string1; the template "订单发货通知" wants: character_string1 \(订单编号\)/,
    );
    const unknown = await site.cli.fails(1, push(order, [...orderData, '--data', 'remark=x'], someone));
    assert.match(unknown, /has no field remark; it has: character_string1/);
    const long = orderData.map((part) => (part === 'thing2=毛笔' ? `thing2=${'毛'.repeat(21)}` : part));
    const limit = await site.cli.fails(1, push(order, long, someone));
    assert.match(limit, /thing2 \(thing\) has 21 characters; at most 20 are allowed.*\[FIELD_INVALID\]/);
    const variable = await site.cli.fails(
      1,
      push(order, [...orderData, '--url', 'https://x.cn/{{no}}'], someone),
    );
    assert.match(
      variable,
      /uses \{\{no\}\}, but these recipients bring no columns.*variables need a file: --to @file/s,
    );
    const channel = await site.cli.fails(1, [
      'push',
      '--account',
      appid,
      '--channel',
      'sms',
      '--to',
      someone,
      '--yes',
    ]);
    assert.match(channel, /no channel "sms".*can use oa-template/);
  });

  test('recipients: no such file, not readable, no openids, an encoding that is none', async () => {
    const to = (file: string, more = ['--yes']): string[] => push(order, orderData, file, more);
    assert.match(await site.cli.fails(1, to('@nowhere.csv')), /no recipient file nowhere\.csv/);
    assert.match(await site.cli.fails(1, to(`@${site.directory}`)), /is a directory/);
    const locked = await site.file('locked.csv', 'openid\n');
    await chmod(locked, 0);
    const text = await site.cli.run(to(`@${locked}`));
    // Root may read everything; it then finds a file without rows.
    if (process.getuid?.() !== 0) assert.match(text.stderr, /cannot be read: permission denied/);
    assert.notEqual(text.code, 0);
    const broken = await site.file(
      'broken.csv',
      Buffer.from(`openid,name\n${someone},\xff\xfe\x80\x80\n`, 'latin1'),
    );
    const encoding = await site.cli.fails(1, to(`@${broken}`));
    assert.match(encoding, /neither UTF-8 nor GB18030|encoding/i);
    const names = await site.file('names.csv', 'name,city\n张三,北京\n李四,上海\n');
    assert.match(await site.cli.fails(1, to(`@${names}`)), /openid/);
    const noAt = await site.cli.fails(2, to('users.csv'));
    assert.match(noAt, /--to users\.csv looks like a file; a file is written with an @: --to @users\.csv/);
    const existing = await site.file('people', `${someone}\n`);
    assert.ok((await site.cli.fails(2, to(existing))).includes(`--to @${existing}`));
    assert.match(await site.cli.fails(2, to('everybody')), /"everybody" is none of them/);
  });

  test('usage: nobody to ask, unknown options, campaigns that are not there', async () => {
    const nobody = await site.cli.fails(2, push(order, orderData, someone, []));
    assert.match(nobody, /there is nobody to ask \[USAGE\]\n {2}run it in a terminal, or add --yes/);
    // Whoever went to a terminal for it would be refused there again.
    const elsewhere = push(order, orderData, someone, []).map((one) =>
      one === 'oa-template' ? 'nope' : one,
    );
    assert.match(await site.cli.fails(1, elsewhere), /\[CHANNEL_UNKNOWN\]/);
    for (const more of [
      ['--at', 'tomorrow'],
      ['--exclude', 'nobody'],
    ])
      assert.match(await site.cli.fails(2, push(order, orderData, someone, more)), new RegExp(`${more[1]}`));
    assert.match(
      await site.cli.fails(1, ['campaigns', 'resend', '999', '--what', 'failed']),
      /\[CAMPAIGN_NOT_FOUND\]/,
    );
    assert.match(
      await site.cli.fails(2, ['accounts', 'list', '--bogus']),
      /unknown option '--bogus'.*--help/s,
    );
    assert.match(
      await site.cli.fails(2, ['push', '--channel', 'kf']),
      /the option '--account <appid>' is missing/,
    );
    assert.match(await site.cli.fails(2, ['nonsense']), /unknown command 'nonsense'/);
    const inChinese = await site.cli.run(['accounts', 'list', '--bogus', '--json', '--lang', 'zh']);
    assert.equal(inChinese.code, 2);
    assert.match(inChinese.stderr, /^错误：没有选项 --bogus \[USAGE\]\n/);
    assert.deepEqual(JSON.parse(inChinese.stdout), {
      error: { code: 'USAGE', message: '没有选项 --bogus；用 hongyan accounts list --help 查看选项和示例。' },
    });
    assert.match(await site.cli.ok(['serve', '--help', '--lang', 'zh']), /^用法：hongyan serve \[选项\]/);
    assert.match(await site.cli.fails(2, ['campaigns', 'show', 'abc']), /"abc" is not a campaign's number/);
    assert.match(
      await site.cli.fails(1, ['campaigns', 'show', '999']),
      /no campaign 999 .*see: hongyan campaigns list/s,
    );
    const json = await site.cli.run(['campaigns', 'show', '999', '--json']);
    assert.equal(JSON.parse(json.stdout).error.code, 'CAMPAIGN_NOT_FOUND');
    const misspelt = await site.cli.fails(2, ['accounts', 'list'], { env: { HONGYAN_DATABSE_URL: 'x' } });
    assert.match(misspelt, /unknown environment variable HONGYAN_DATABSE_URL/);
    // Also by commands that do not listen: a server would be told of it at its next start only.
    for (const listen of ['127.0.0.1:70000', '[::zz]:8790', '127.0.0.1:http'])
      assert.match(
        await site.cli.fails(2, ['accounts', 'list'], { env: { HONGYAN_LISTEN: listen } }),
        /listen must be HOST:PORT .*65535.* \[CONFIG_INVALID\]/,
      );
  });

  test('the database: not there, not ours', async () => {
    const gone = 'postgresql://hongyan:geheim@127.0.0.1:1/x';
    const text = await site.cli.fails(1, ['accounts', 'list'], { env: { HONGYAN_DATABASE_URL: gone } });
    assert.match(text, /database cannot be reached \(ECONNREFUSED\)/);
    assert.doesNotMatch(text, /geheim/);
    const key = { HONGYAN_SECRET_KEY: Buffer.alloc(32, 8).toString('base64') };
    assert.match(
      await site.cli.fails(1, ['accounts', 'list'], { env: key }),
      /was set up with the secret key/,
    );
  });
});

test('a push in the foreground that cannot be planned says so once, in the reader’s language', async () => {
  const push = ['push', '--account', appid, '--channel', 'oa-template', '--template', order, ...orderData];
  const { code, stderr } = await site.cli.run([...push, '--to', 'tag:999', '--yes', '--lang', 'zh']);
  assert.equal(code, 1);
  assert.match(stderr, /^错误：/m);
  assert.doesNotMatch(stderr, /^(?:error|warning): /m, 'a line of the log beside it');
});

test('nobody was messaged by a refused push', async () => {
  assert.equal((await received(wechat, appid)).size, 0);
});

test('help of every command shows an example', async () => {
  const commands = [
    ...['accounts add', 'accounts list', 'accounts check', 'accounts remove'],
    ...['followers sync', 'followers count', 'templates sync', 'templates list', 'templates show'],
    ...[
      'push',
      'campaigns list',
      'campaigns show',
      'campaigns export',
      'campaigns resume',
      'campaigns pause',
    ],
    ...['campaigns cancel', 'campaigns resend', 'campaigns approve', 'schedules list', 'schedules remove'],
    ...['suppress add', 'suppress remove', 'suppress list', 'accounts rules', 'accounts resume'],
    ...['rate', 'quota show', 'quota set', 'quota clear'],
    ...['simulate', 'serve', 'worker', 'doctor', 'demo'],
  ];
  const queue = [...commands];
  const worker = async (): Promise<void> => {
    for (let command = queue.shift(); command !== undefined; command = queue.shift()) {
      const help = await site.cli.ok([...command.split(' '), '--help']);
      assert.match(help, new RegExp(`Examples?:\\n {2}\\$ hongyan ${command}`), command);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
});
