import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite, ndjson } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({ followers: 1_500, latencyMs: 20, kind: 'service' });
const account = wechat.account();

test('push hands over to a running serve; list, show and export tell what became of it', async (t) => {
  const appid = await site.add(wechat, account);
  const openids = Array.from({ length: 1_500 }, (_, i) => account.openid(i));
  const file = await site.file(
    'all.csv',
    `openid,note\n${openids.map((one) => `${one},"=1+1, ""x"""`).join('\n')}\nnobody,x\n`,
  );
  const push = [
    ...[
      'push',
      '--account',
      appid,
      '--channel',
      'oa-template',
      '--template',
      templateOf(account, '消息通知'),
    ],
    ...tutorialData,
  ];
  const serve = site.cli.start(['serve']);
  await serve.printed(/is working \(node /);

  let id = '';
  await t.test('push returns at once and names the command to follow it with', async () => {
    const text = await site.cli.ok([...push, '--to', `@${file}`, '--yes']);
    id = /Campaign (\d+) runs on 1 node.*hongyan campaigns show \1/.exec(text)?.[1] ?? '';
    assert.notEqual(id, '', text);
    const report = await until('it is done', async () => {
      const shown = await site.cli.json(['campaigns', 'show', id, '--json']);
      return shown.state === 'done' && shown;
    });
    assert.deepEqual([report.accepted, report.invalid, report.unsent], [1_500, 1, 0]);
    assert.equal((await received(wechat, appid)).size, 1_500);
  });

  await t.test('push --wait --json waits for the same worker', async () => {
    const to = openids.slice(0, 3).join(',');
    const report = await site.cli.json([...push, '--to', to, '--yes', '--wait', '--json']);
    assert.deepEqual([report.state, report.accepted], ['done', 3]);
  });

  await t.test('list and show', async () => {
    const list = await site.cli.ok(['campaigns', 'list', '--limit', '5']);
    assert.match(list, /^id +account +channel +audience +planned +state +created\n/);
    assert.match(list, new RegExp(`\\n${id} +${appid} +template message +\\S+all\\.csv +1,500 +done`));
    assert.match(list, /3 openids +3 +done/);
    assert.match(await site.cli.ok(['--lang', 'zh', 'campaigns', 'show', id]), /微信已受理 +1,500/);
  });

  await t.test('export', async () => {
    const csv = await site.cli.ok(['campaigns', 'export', id]);
    const [head, ...rows] = csv.trimEnd().split('\r\n');
    assert.equal(
      head,
      '\ufeffno,openid,ref,outcome,errcode,reason,msgid,attempts,at,receipt,receiptAt,maybeTwice,line',
    );
    assert.equal(rows.length, 1_500);
    assert.match(
      rows[0] ?? '',
      /^1,o[\w-]{27},,accepted,,,"=""\d{15,20}""",1,2\d{3}-[^,]+Z,[^,]*,[^,]*,false,\d+$/,
    );
    assert.deepEqual(new Set(rows.map((row) => row.split(',')[1])), new Set(openids));
    const lines = ndjson<{ openid: string; msgid: string }>(
      await site.cli.ok(['campaigns', 'export', id, '--format', 'ndjson']),
    );
    assert.equal(lines.length, 1_500);
    const sent = new Map(account.messages().map((one) => [one.msgid, one.openid]));
    const known = lines.filter((line) => sent.has(line.msgid));
    assert.ok(
      known.length > 500 && known.every((line) => sent.get(line.msgid) === line.openid),
      'msgids are whole',
    );
    const dropped = await site.cli.ok(['campaigns', 'export', id, '--dropped']);
    assert.match(
      dropped,
      /^\ufeffline,openid,reason,code,detail,column\r\n1502,,invalid,openid-malformed,"""nobody"" is not/,
    );
  });

  await t.test('pause stops the worker, resume hands it back to it', async () => {
    account.clearReceived();
    // It cannot come to its end before the next commands, however long they take.
    await site.cli.ok(['rate', appid, '1']);
    const started = await site.cli.json([...push, '--to', `@${file}`, '--yes', '--again', '--json']);
    assert.equal(started.state, 'running');
    const next = String(started.campaign);
    await site.cli.ok(['campaigns', 'pause', next]);
    const shown = await site.cli.ok(['campaigns', 'show', next]);
    assert.match(shown, /· paused[\s\S]*Parked\. Resume with: hongyan campaigns resume/);
    const cancelRunning = await site.cli.fails(1, ['campaigns', 'pause', next]);
    assert.match(cancelRunning, /is paused; only a running one can be paused/);
    await site.cli.ok(['rate', appid, '100000']);
    assert.match(await site.cli.ok(['campaigns', 'resume', next]), /runs again/);
    await until('it is done', async () => {
      return (await site.cli.json(['campaigns', 'show', next, '--json'])).state === 'done';
    });
    const seen = await received(wechat, appid);
    assert.deepEqual([seen.size, Math.max(...seen.values())], [1_500, 1]);
  });

  const { code, stderr } = await serve.kill('SIGTERM');
  assert.equal(code, 0);
  assert.match(stderr, /Stopped; nothing is lost\.\n$/);
});
