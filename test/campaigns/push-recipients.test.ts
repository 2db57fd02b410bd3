import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { textRow, workbook } from '../support/audience/xlsx-file.ts';
import { makeSite } from '../support/campaign.ts';
import type { RunOptions } from '../support/cli.ts';
import { bodiesOf, callsOf, received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
// One account for each test, so that they can run side by side.
const wechat = await startWechat({
  followers: 300,
  accounts: [
    { kind: 'service', tags: [{ name: 'vip', share: 0.2 }] },
    { kind: 'service' },
    { kind: 'service' },
    { kind: 'service' },
    { kind: 'miniprogram' },
    { kind: 'service' },
    { kind: 'service' },
  ],
});
const [all, files, stdin, dedupe, mini, people, encoded] = wechat.accounts.map((account) => ({
  account,
  appid: account.appid,
  openid: (index: number) => account.openid(index),
}));
assert.ok(all && files && stdin && dedupe && mini && people && encoded);

type Sender = NonNullable<typeof all>;

before(async () => {
  for (const account of wechat.accounts) await site.add(wechat, account);
});

/** A push of the tutorials' message, with what is said about it on the command line. */
function push(
  from: Sender,
  to: string,
  more: readonly string[] = [],
  data: readonly string[] = tutorialData,
) {
  const template = templateOf(from.account, '消息通知');
  const args = ['push', '--account', from.appid, '--channel', 'oa-template', '--template', template];
  return [...args, ...data, '--to', to, ...more];
}

function sent(from: Sender, to: string, more: readonly string[], data?: readonly string[], run?: RunOptions) {
  return site.cli.json(push(from, to, ['--yes', '--wait', '--json', '--again', ...more], data), run);
}

/** `keyword2` of the last message that a person got, and its url. */
function lastOf(from: Sender, index: number): [unknown, unknown] {
  const body = bodiesOf(from.account, from.openid(index)).at(-1);
  const data = (body?.data ?? {}) as Record<string, { value: string }>; // as --data wrote it
  return [data.keyword2?.value, body?.url];
}

const named = ['--data', 'keyword1=标题', '--data', 'keyword2={{姓名}}', '--data', 'keyword3={{openid}}'];

describe('push --to', { concurrency: 3 }, () => {
  test('all: the stored followers, with their age; a tag; a list', async () => {
    assert.ok(all);
    const never = await site.cli.fails(1, push(all, 'all', ['--yes']));
    assert.match(never, /were never synced.*\[NEVER_SYNCED\].*add --sync/s);

    const synced = await site.cli.ok(push(all, 'all', ['--sync', '--yes']));
    assert.match(synced, /Syncing takes about \d+ of the 500 user\/get calls a day \(0 used today\)/);
    assert.match(synced, /300 followers: 300 new, 0 left/);
    assert.match(synced, /accepted by WeChat +300/);
    const calls = callsOf(all.account, '/cgi-bin/user/get');

    const stored = await site.cli.ok(push(all, 'all', ['--dry-run']));
    assert.match(
      stored,
      /Recipients: 300 stored followers of wx\w+, last synced \d+ (?:seconds?|minutes?) ago/,
    );
    assert.match(stored, /Dry run: nobody was messaged/);
    assert.equal(callsOf(all.account, '/cgi-bin/user/get'), calls, 'without --sync nothing is fetched');
    assert.equal((await received(wechat, all.appid)).size, 300);

    // Where there is no file, a row's place in the audience stands for its line.
    const followers = Array.from({ length: 300 }, (_, index) => all.openid(index)).sort();
    await site.cli.ok(['suppress', 'add', all.appid, followers[41] ?? '']);
    const without = await site.cli.ok(push(all, 'all', ['--dry-run']));
    assert.match(without, /^Left out \(1 of 1 shown\):\n {2}line 42: suppressed /m);
    await site.cli.ok(['suppress', 'remove', all.appid, followers[41] ?? '']);

    const tagged = await sent(all, 'tag:100', []);
    const planned = Number(tagged.planned);
    assert.ok(planned > 20 && planned < 120, `${planned} of 300 have the tag`);
    assert.equal(tagged.accepted, planned);

    // Without variables the openid decides.
    const list = `${all.openid(1)},${all.openid(2)},${all.openid(1)}`;
    const { audience, duplicate, accepted } = await sent(all, list, []);
    assert.deepEqual({ audience, duplicate, accepted }, { audience: 3, duplicate: 1, accepted: 2 });
  });

  test('files: CSV, XLSX, NDJSON and what Chinese Excel saves, with their columns as variables', async () => {
    assert.ok(files);
    const id = files.openid;
    const url = ['--url', 'https://example.com/?q={{姓名}}&n={{no}}#x'];
    const rows = [
      [id(0), '张三', 'A&1'],
      [id(1), '𠮷野 😀', 'B=2'],
    ] as const;
    const check = (what: string): void => {
      for (const [index, [, name, no]] of rows.entries()) {
        const link = `https://example.com/?q=${encodeURIComponent(name)}&n=${encodeURIComponent(no)}#x`;
        assert.deepEqual(lastOf(files, index), [name, link], what);
      }
    };
    const csv = `\ufeffopenid,姓名,no\r\n${rows.map((row) => row.join(',')).join('\r\n')}\r\n`;
    const lines = rows.map(([openid, 姓名, no]) => JSON.stringify({ openid, 姓名, no })).join('\n');
    const sheet = workbook({
      sheets: {
        Tabelle1: [['openid', '姓名', 'no'], ...rows].map((row, i) => textRow(i + 1, row)).join(''),
      },
    });
    for (const [name, content] of [
      ['a.csv.gz', gzipSync(csv)],
      ['b.xlsx', sheet],
      ['c.ndjson', lines],
    ] as const) {
      files.account.clearReceived();
      const file = await site.file(name, content);
      const report = await sent(files, `@${file}`, url, named);
      assert.deepEqual([report.planned, report.accepted], [2, 2], name);
      check(name);
    }

    const gb = Buffer.concat([
      Buffer.from(`openid,`),
      Buffer.from('d0d5c3fb', 'hex'), // 姓名
      Buffer.from(`\r\n${id(3)},`),
      Buffer.from('d5c5c8fd', 'hex'), // 张三
      Buffer.from('\r\n'),
    ]);
    await sent(files, `@${await site.file('excel.csv', gb)}`, [], named);
    assert.equal(lastOf(files, 3)[0], '张三');
  });

  test('columns called like members of every object are columns, and are missing where they are missing', async () => {
    const rows = [
      `{"openid":"${stdin.openid(20)}","__proto__":"甲","constructor":"乙"}`,
      `{"openid":"${stdin.openid(21)}","__proto__":"丙"}`,
      `{"openid":"${stdin.openid(22)}","constructor":"丁"}`,
    ];
    const data = ['keyword1={{__proto__}}', 'keyword2={{constructor}}', 'keyword3=x'];
    const fields = data.flatMap((one) => ['--data', one]);
    const read = ['--format', 'ndjson', '--dedupe', 'constructor'];
    const report = await sent(stdin, '-', read, fields, { input: rows.join('\n') });
    assert.deepEqual([report.audience, report.planned, report.invalid], [3, 1, 2]);
    const body = bodiesOf(stdin.account, stdin.openid(20)).at(-1);
    assert.deepEqual(body?.data, {
      keyword1: { value: '甲' },
      keyword2: { value: '乙' },
      keyword3: { value: 'x' },
    });
    const csv = `openid,__proto__,constructor\n${stdin.openid(23)},甲,乙\n`;
    const table = await sent(stdin, '-', ['--format', 'csv'], fields, { input: csv });
    assert.deepEqual([table.planned, table.accepted], [1, 1]);
    const second = bodiesOf(stdin.account, stdin.openid(23)).at(-1);
    assert.deepEqual(second?.data, body?.data);
  });

  test('standard input as mysql -B writes it', async () => {
    assert.ok(stdin);
    const id = stdin.openid;
    const input = `openid\t姓名\tno\n${id(0)}\tO'Neil\\\\x\t1\n${id(1)}\tNULL\t2\n${id(2)}\t李 四\t3\nshifted\n`;
    const report = await sent(stdin, '-', ['--url', 'https://example.com/{{no}}'], named, { input });
    const { audience, planned, invalid } = report;
    assert.deepEqual({ audience, planned, invalid }, { audience: 4, planned: 2, invalid: 2 });
    assert.deepEqual(lastOf(stdin, 0), ["O'Neil\\x", 'https://example.com/1']);
    assert.deepEqual(lastOf(stdin, 2)[0], '李 四');
    const dropped = await site.cli.ok(['campaigns', 'export', String(report.campaign), '--dropped']);
    assert.match(dropped, /\n3,o.*,invalid,variable-empty,"empty, and .*",姓名\r/, 'NULL is empty');
    assert.match(dropped, /\n5,,invalid,column-count,.*,\r/);
    const friend = ['--data', 'keyword1=x', '--data', 'keyword2={{姓名|顾客}}', '--data', 'keyword3=x'];
    const again = await sent(stdin, '-', [], friend, { input });
    assert.deepEqual([again.planned, again.invalid], [3, 1]);
    assert.deepEqual([lastOf(stdin, 1)[0], lastOf(stdin, 2)[0]], ['顾客', '李 四']);
    const empty = await site.cli.fails(1, push(stdin, '-', ['--yes']), { input: '' });
    assert.match(empty, /stdin is empty/);
  });

  test('a workbook as people have them: a title, a hidden row, columns that nobody uses; what was read is said', async () => {
    const id = people.openid;
    const broken = `<row r="4"><c t="inlineStr"><is><t>李四</t></is></c><c t="inlineStr"><is><t>${id(11)}`;
    const file = await site.file(
      'people.xlsx',
      workbook({
        sheets: {
          说明: textRow(1, ['请勿修改']),
          名单:
            textRow(1, ['三月会员名单']) +
            textRow(2, ['姓名', 'openid', '状态']) +
            textRow(3, ['张三', id(10), '正常']) +
            `${broken}</t></is></c><c t="e"><v>#N/A</v></c></row>` +
            textRow(5, ['王五', id(12), '']).replace('<row ', '<row hidden="1" '),
        },
      }),
    );
    const seen = await site.cli.ok(push(people, `@${file}`, ['--dry-run'], named));
    assert.match(seen, /the sheet "名单", openids in the column "openid"\./);
    assert.match(seen, /The names of the columns are in row 2; 1 above it left out\./);
    assert.match(seen, /1 rows of the sheet are hidden .* --visible-only/);
    const report = await sent(people, `@${file}`, ['--visible-only'], named);
    assert.deepEqual([report.planned, report.invalid], [2, 0]);
    assert.deepEqual([lastOf(people, 10)[0], lastOf(people, 11)[0]], ['张三', '李四']);
    const state = named.map((one) => one.replace('{{姓名}}', '{{状态|无}}'));
    const bad = await site.cli.ok(push(people, `@${file}`, ['--dry-run'], state));
    assert.match(bad, /line 4, column "状态": cell-error – the cell shows the error #N\/A/);
    const asked = await sent(people, `@${file}`, ['--header-row', '2', '--sheet', '名单'], named);
    assert.equal(asked.planned, 3);
    const row = await site.cli.fails(2, push(people, `@${file}`, ['--header-row', 'x', '--yes'], named));
    assert.match(row, /--header-row takes the number of a row, or none/);
  });

  test('--encoding reads what the bytes do not say, and a guess is never read in silence', async () => {
    const big5 = Buffer.concat([
      Buffer.from('openid,'),
      Buffer.from('a96da657', 'hex'), // 姓名
      Buffer.from(`\r\n${encoded.openid(20)},`),
      Buffer.from('a4fda470a9fa', 'hex'), // 王小明
      Buffer.from('\r\n'),
    ]);
    const file = await site.file('big5.csv', big5);
    const refused = await site.cli.fails(1, push(encoded, `@${file}`, ['--yes'], named));
    assert.match(refused, /looks like Big5.*RECIPIENT_ENCODING_UNKNOWN.*--encoding big5/s);
    const report = await sent(encoded, `@${file}`, ['--encoding', 'Big5'], named);
    assert.deepEqual([report.planned, lastOf(encoded, 20)[0]], [1, '王小明']);
    const unknown = await site.cli.fails(2, push(encoded, `@${file}`, ['--encoding', 'x', '--yes'], named));
    assert.match(unknown, /--encoding takes utf-8, gb18030, big5/);
  });

  test('suppress and credits read their files as push does, and only the columns that they use count', async () => {
    assert.ok(files && mini);
    const big5 = (openid: string, more = ''): Buffer =>
      Buffer.concat([
        Buffer.from(`openid,${more === '' ? '' : 'count,at,'}`),
        Buffer.from('a96da657', 'hex'), // 姓名
        Buffer.from(`\r\n${openid},${more}`),
        Buffer.from('a4fda470a9fa', 'hex'), // 王小明
        Buffer.from('\r\n'),
      ]);
    const { appid } = files;
    const list = await site.file('complaints.csv', big5(files.openid(30)));
    const refused = await site.cli.fails(1, ['suppress', 'add', appid, `@${list}`]);
    assert.match(refused, /looks like Big5/);
    await site.cli.ok(['suppress', 'add', appid, `@${list}`, '--encoding', 'big5']);
    assert.match(await site.cli.ok(['suppress', 'list', appid]), new RegExp(files.openid(30)));
    await site.cli.ok(['suppress', 'remove', appid, `@${list}`, '--encoding', 'big5', '--header-row', '1']);
    assert.equal(await site.cli.ok(['suppress', 'list', appid]), '');

    const template = templateOf(mini.account, '洗衣机故障提醒');
    const credits = await site.file('credits.csv', big5(mini.openid(0), '9,2026-01-01 00:00,'));
    const args = ['credits', 'import', mini.appid, credits, '--template', template, '--json'];
    const imported = await site.cli.json([...args, '--encoding', 'big5']);
    assert.deepEqual([imported.rows, imported.added, imported.bad], [1, 1, 0]);
    const noted = await site.file(
      'noted.csv',
      `openid,count,at,note\n${mini.openid(1)},9,2026-01-01 00:00,a\u0007b\n`,
    );
    const unused = await site.cli.json([
      'credits',
      'import',
      mini.appid,
      noted,
      '--template',
      template,
      '--json',
    ]);
    assert.deepEqual([unused.added, unused.bad], [1, 0]);
  });

  test('--dedupe says what a duplicate is; the first row wins', async () => {
    assert.ok(dedupe);
    const id = dedupe.openid;
    const file = await site.file(
      'dup.csv',
      [
        'openid,姓名,order',
        `${id(0)},first,1`,
        `${id(0)},second,2`,
        `${id(0)},first,1`,
        `${id(1)},other,1`,
        `${id(2)},none,`,
        `${id(3)},none,`,
        '',
      ].join('\n'),
    );
    for (const [how, planned, names] of [
      ['order', 4, ['first', 'second']],
      ['none', 6, ['first', 'second', 'first']],
      [undefined, 5, ['first', 'second']],
    ] as const) {
      dedupe.account.clearReceived();
      const report = await sent(dedupe, `@${file}`, how === undefined ? [] : ['--dedupe', how], named);
      assert.deepEqual([report.planned, report.duplicate], [planned, 6 - planned], how ?? 'default');
      const got: string[] = bodiesOf(dedupe.account, id(0)).map(
        ({ data }) => (data as { keyword2: { value: string } }).keyword2.value, // as --data wrote it
      );
      assert.deepEqual(got.sort(), [...names].sort(), how ?? 'default');
    }
    const wrong = await site.cli.fails(1, push(dedupe, `@${file}`, ['--dedupe', 'no', '--yes'], named));
    assert.match(
      wrong,
      /no column "no" to find duplicates by.*use openid, row, none or one of: 姓名, order/s,
    );
    const [first, second] = [textRow(2, [id(4), 'same', '']), textRow(3, [id(4), 'same'])];
    const sheets = { S: textRow(1, ['openid', '姓名', 'order']) + first + second };
    const excel = await site.file('dup.xlsx', workbook({ sheets }));
    const { planned, duplicate } = await sent(dedupe, `@${excel}`, ['--dedupe', 'row'], named);
    assert.deepEqual([planned, duplicate], [1, 1], 'Excel may leave out empty last cells');
  });

  test('all on a Mini Program: the contacts that were imported or messaged', async () => {
    assert.ok(mini);
    const args = [
      'push',
      '--account',
      mini.appid,
      '--channel',
      'subscribe',
      '--page',
      'pages/i?o={{openid}}',
    ];
    const message = [
      '--template',
      templateOf(mini.account, '洗衣机故障提醒'),
      '--data',
      'time1=2026-11-22 12:00',
      '--data',
      'enum_string2=客厅',
      '--data',
      'enum_string3=洗涤完成',
    ];
    const file = await site.file('mini.txt', [0, 1, 2].map((i) => mini.openid(i)).join('\n'));
    const first = await site.cli.json([...args, ...message, '--to', `@${file}`, '--yes', '--wait', '--json']);
    assert.equal(first.accepted, 3);
    assert.equal(bodiesOf(mini.account, mini.openid(0))[0]?.page, `pages/i?o=${mini.openid(0)}`);

    const second = await site.cli.ok([...args, ...message, '--to', 'all', '--yes']);
    assert.match(second, /Recipients: 3 contacts of the Mini Program .* no list of its users/);
    assert.match(second, /accepted by WeChat +3/);
    const sync = await site.cli.fails(1, [...args, ...message, '--to', 'all', '--sync', '--yes']);
    assert.match(sync, /is a Mini Program, and WeChat has no list/);
  });
});
