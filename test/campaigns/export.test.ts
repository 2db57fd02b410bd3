import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { openRecipientFile } from '../../src/engine/audience/recipient-file.ts';
import { makeSite } from '../support/campaign.ts';
import { startWechat, templateOf } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({ followers: 400, accounts: [{ kind: 'service' }] });
const [account] = wechat.accounts;
assert.ok(account);
const id = (index: number): string => account.openid(index);
const template = templateOf(account, '消息通知');
const push = (to: string, more: string[] = []) =>
  site.cli.json([
    ...['push', '--account', account.appid, '--channel', 'oa-template', '--template', template],
    ...['--data', 'keyword1={{姓名|顾客}}', '--data', 'keyword2=x', '--data', 'keyword3=x'],
    ...['--to', to, '--yes', '--wait', '--json', '--again', ...more],
  ]);
const exported = (campaign: unknown, more: string[] = []): Promise<string> =>
  site.cli.ok(['campaigns', 'export', String(campaign), ...more]);
const table = (csv: string): string[][] => parse(csv, { bom: true });

before(() => site.add(wechat, account));

describe('an export', { concurrency: 2 }, () => {
  test('has the line of each row, and with its columns it is the file with the results beside it, in its order', async () => {
    // Far more rows than a bucket has, so that their order is that of no bucket.
    const rows = Array.from({ length: 300 }, (_, i) => [id(i), `顾客${i}`, `备注 ${i}`, `${i}`]);
    rows[7] = [id(7), '', 'no name', '7'];
    rows[9] = ['nobody', '无效', 'bad openid', '9'];
    rows[11] = rows[10]!;
    const file = await site.file(
      'rows.csv',
      `三月名单\nopenid,姓名,备注,no\n${rows.map((row) => row.join(',')).join('\n')}\n`,
    );
    const { campaign, planned, invalid, duplicate } = await push(`@${file}`);
    assert.deepEqual([planned, invalid, duplicate], [298, 1, 1]);

    const [names, ...plain] = table(await exported(campaign));
    assert.equal(names?.at(-1), 'line');
    const lineOf = new Map(plain.map((row) => [row[1], Number(row.at(-1))]));
    assert.deepEqual([lineOf.get(id(0)), lineOf.get(id(299))], [3, 302]);

    const [head, ...beside] = table(await exported(campaign, ['--with-columns']));
    assert.deepEqual(head?.slice(-5), ['line', 'file.openid', '姓名', '备注', 'file.no']);
    const expected = rows.flatMap((row, i) => (i === 9 || i === 11 ? [] : [[String(i + 3), ...row]]));
    assert.deepEqual(
      beside.map((row) => row.slice(-5)),
      expected,
    );
    assert.ok(beside.every((row) => row[3] === 'accepted' && row[1] === row.at(-4)));

    const left = table(await exported(campaign, ['--dropped', '--with-columns']));
    assert.deepEqual(
      left.slice(1).map((row) => [row[0], row[3], row.at(-2)]),
      [
        ['12', 'openid-malformed', 'bad openid'],
        ['14', 'duplicate', '备注 10'],
      ],
    );
    const json = (await exported(campaign, ['--with-columns', '--format', 'ndjson'])).split('\n', 1)[0] ?? '';
    const { line, columns } = JSON.parse(json);
    assert.deepEqual([line, columns], [3, { openid: id(0), 姓名: '顾客0', 备注: '备注 0', no: '0' }]);
  });

  test('keeps what a spreadsheet program would round, cut or calculate', async () => {
    const odd = [
      '=HYPERLINK("http://x","y")',
      '+1-2',
      '-5.20',
      '@SUM(A1)',
      '12345678901234567890',
      '007',
      '\t=1',
      '1,5',
    ];
    const csv = odd.map((value, i) =>
      [id(i), value].map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
    );
    const file = await site.file('odd.csv', `openid,值\n${csv.join('\n')}\n`);
    const { campaign } = await site.cli.json([
      ...['push', '--account', account.appid, '--channel', 'oa-template', '--template', template, '--again'],
      ...['--data', 'keyword1=x', '--data', 'keyword2=x', '--data', 'keyword3=x'],
      ...['--to', `@${file}`, '--yes', '--wait', '--json'],
    ]);
    const text = await exported(campaign, ['--with-columns']);
    const shown = table(text).slice(1);
    assert.deepEqual(
      shown.map((row) => row.at(-1)),
      [
        ...[
          `'${odd[0]}`,
          `'${odd[1]}`,
          '-5.20',
          `'${odd[3]}`,
          '="12345678901234567890"',
          '="007"',
          `'\t=1`,
          '1,5',
        ],
      ],
    );
    assert.match(shown[0]?.[6] ?? '', /^="\d{12,}"$/, 'msgid');
    const plain = table(await exported(campaign, ['--with-columns', '--plain'])).slice(1);
    assert.deepEqual(
      plain.map((row) => row.at(-1)),
      odd,
    );
    // Read again, by us, a protected number is what it was.
    const again = await openRecipientFile({ path: await site.file('again.csv', text) });
    again.select(['值', 'msgid']);
    for await (const batch of again.batches)
      assert.deepEqual(
        batch.flatMap((row) => (row.kind === 'row' ? [row.vars.msgid, row.vars.值] : [])).slice(8, 12),
        [plain[4]?.[6], odd[4], plain[5]?.[6], odd[5]],
      );
  });

  test('as a workbook is read as it was written, long numbers and formulas too', async () => {
    const odd = ['=1+1', '12345678901234567890', '007', ' a ', '<&>"_x0041_', '𠮷😀', 'line\r\nbreak', ''];
    const file = await site.file(
      'odd.ndjson',
      odd.map((值, i) => JSON.stringify({ openid: id(i), 姓名: '王', 值 })).join('\n'),
    );
    const { campaign } = await push(`@${file}`);
    const path = join(site.directory, 'outcomes.xlsx');
    assert.equal(await exported(campaign, ['--with-columns', '--format', 'xlsx', '--out', path]), '');
    const nowhere = join(path, 'outcomes.csv');
    assert.match(
      await site.cli.fails(1, ['campaigns', 'export', String(campaign), '--out', nowhere]),
      /cannot use .*outcomes\.csv \(a part of the path is no directory, ENOTDIR\) \[FILE_UNUSABLE\]/,
    );
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const book = await openRecipientFile({ path });
    assert.deepEqual([book.openidColumn, book.columns.slice(-3)], ['openid', ['file.openid', '姓名', '值']]);
    const rows: Record<string, string>[] = [];
    for await (const batch of book.batches)
      for (const row of batch) rows.push(row.kind === 'row' ? row.vars : { bad: row.reason });
    assert.deepEqual(
      rows.map(({ 值, line, outcome }) => [值, line, outcome]),
      odd.map((value, i) => [value, String(i + 1), 'accepted']),
    );
    assert.match(String(rows[0]?.msgid), /^\d{12,}$/);
  });

  test('has no columns where none were kept, and says so', async () => {
    const file = await site.file('few.csv', `openid,姓名\n${id(0)},王\n`);
    const { campaign } = await push(`@${file}`, ['--no-keep-columns']);
    const refused = await site.cli.fails(1, ['campaigns', 'export', String(campaign), '--with-columns']);
    assert.match(refused, /COLUMNS_NOT_KEPT/);
    const [, row] = table(await exported(campaign));
    assert.equal(row?.at(-1), '2');
    const { rows } = await site.store.pool.query('select 1 from source_pages where campaign_id = $1', [
      campaign,
    ]);
    assert.equal(rows.length, 0);
  });
});
