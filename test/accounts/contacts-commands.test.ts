import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
const { cli } = site;
const wechat = await startWechat({ kind: 'service', followers: 60, tags: [{ name: '会员', share: 0.5 }] });
const account = wechat.account();
const { appid } = account;
const openids = Array.from({ length: 60 }, (_, i) => account.openid(i)).sort();
await site.add(wechat, account);

test('followers are listed and exported, by tag and by whether they left, and what leaves is in the audit', async () => {
  await cli.ok(['followers', 'sync', appid, '--details']);
  const listed = (await cli.ok(['followers', 'list', appid, '--limit', '1000', '--json'])).trim().split('\n');
  assert.deepEqual(
    listed.map((line) => JSON.parse(line).openid),
    openids,
  );
  const tags = await cli.ok(['tags', 'list', appid]);
  const [, id, people] = /^(\d+)\s+会员\s+(\d+)$/m.exec(tags) ?? [];
  assert.ok(id && people, tags);
  const csv = await cli.ok(['followers', 'export', appid, '--tag', id]);
  const [head, ...rows] = csv.trimEnd().split('\r\n');
  assert.match(head ?? '', /^\ufeffopenid,unionid,follows,/);
  assert.equal(rows.length, Number(people));
  await site.store.pool.query('update contacts set follows = false where openid = $1', [openids[0]]);
  const left = await cli.ok(['followers', 'export', appid, '--unfollowed', '--format', 'ndjson']);
  assert.deepEqual(
    left
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).openid),
    [openids[0]],
  );
  const { rows: audit } = await site.store.pool.query("select 1 from audit where action = 'contacts.export'");
  assert.equal(audit.length, 2);
  assert.match(
    await cli.ok(['--lang', 'zh', 'followers', 'list', appid, '--limit', '3']),
    /以上是前 3 个|用户/,
  );
  assert.match(await cli.fails(2, ['followers', 'list', appid, '--tag', 'vip']), /--tag takes a number/);
});
