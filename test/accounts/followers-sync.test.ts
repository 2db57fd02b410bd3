import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { callsOf, startWechat } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({
  accounts: [
    { kind: 'service', followers: 25_000 },
    { kind: 'service', followers: 230, openPlatform: 'shop', tags: [{ name: 'vip', share: 0.3 }] },
    { kind: 'miniprogram' },
  ],
});
const [many, detailed, mini] = wechat.accounts;
assert.ok(many && detailed && mini);
const listPath = '/cgi-bin/user/get';

before(async () => {
  for (const account of wechat.accounts) await site.add(wechat, account);
});

interface Contact {
  openid: string;
  follows: boolean | null;
  unionid: string | null;
  tag_ids: number[] | null;
  subscribed_at: Date | null;
  subscribe_scene: string | null;
}

async function contacts(appid: string): Promise<Contact[]> {
  const result = await site.store.pool.query<Contact>(
    'select openid, follows, unionid, tag_ids, subscribed_at, subscribe_scene from contacts where appid = $1',
    [appid],
  );
  return result.rows;
}

describe('followers sync', { concurrency: 2 }, () => {
  test('goes on after kill -9 from the stored cursor, and marks those who left', async () => {
    const { appid } = many;
    // The third page does not come before it is killed.
    wechat.addFault({ kind: 'slow', slowMs: 600_000, at: [3], path: listPath, appid });
    const running = site.cli.start(['followers', 'sync', appid]);
    const cursor = await until('two pages are stored, and the third is asked for', async () => {
      const { rows } = await site.store.pool.query<{ next_openid: string }>(
        'select next_openid from follower_syncs where appid = $1 and pages > 1',
        [appid],
      );
      return callsOf(many, listPath) === 3 && rows[0]?.next_openid;
    });
    const { signal } = await running.kill('SIGKILL');
    assert.equal(signal, 'SIGKILL', 'it was killed before its end');
    assert.equal(cursor, many.openid(19_999));
    const half = await site.cli.json(['followers', 'count', appid, '--json']);
    assert.equal(half.syncedAt, null, 'half a list is not called synced');

    const callsBefore = callsOf(many, listPath);
    const text = await site.cli.ok(['followers', 'sync', appid]);
    assert.match(
      text,
      /Going on with the sync that was interrupted\.\n25,000 followers: 25,000 new, 0 left\./,
    );
    // 25,000 are 3 pages of 10,000, of which two are not fetched again; with them the short one completes the total.
    assert.equal(callsOf(many, listPath) - callsBefore, 1);

    for (let i = 0; i < 12; i++) many.unfollow(many.openid(i * 2_000));
    many.grow(3);
    const again = await site.cli.json(['followers', 'sync', appid, '--json']);
    const { resumed, seen, added, gone, calls } = again;
    assert.deepEqual(
      { resumed, seen, added, gone, calls },
      { resumed: false, seen: 24_991, added: 3, gone: 12, calls: 3 },
    );
    const left = (await contacts(appid)).filter((one) => one.follows === false).map((one) => one.openid);
    assert.deepEqual(new Set(left), new Set(Array.from({ length: 12 }, (_, i) => many.openid(i * 2_000))));

    many.follow(many.openid(0));
    const back = await site.cli.json(['followers', 'sync', appid, '--json']);
    assert.deepEqual([back.added, back.gone], [0, 0]);
    const count = await site.cli.ok(['followers', 'count', appid]);
    assert.match(count, /24,992 follow wx\w+, 11 left, 25,003 contacts in all; last full sync: 2\d{3}-/);
  });

  test('--details adds unionid, tags, time and scene, and finds those who left meanwhile', async () => {
    const { appid } = detailed;
    const text = await site.cli.ok(['followers', 'sync', appid, '--details']);
    assert.match(text, /230 followers: 230 new, 0 left\..*\nDetails of 230 followers stored\.\n$/);
    const all = await contacts(appid);
    assert.ok(all.every((one) => /^o[\w-]{27}$/.test(one.unionid ?? '')));
    assert.ok(all.every((one) => one.subscribed_at !== null && one.subscribe_scene !== null));
    const tagged = all.filter((one) => one.tag_ids?.includes(100));
    assert.ok(tagged.length > 30 && tagged.length < 120, `${tagged.length} of 230 have the tag`);
    // Details that are fresh are not fetched again.
    assert.equal((await site.cli.json(['followers', 'sync', appid, '--details', '--json'])).detailed, 0);
  });

  test('a Mini Program has no list: says so', async () => {
    const error = await site.cli.fails(1, ['followers', 'sync', mini.appid]);
    assert.match(error, /is a Mini Program, and WeChat has no list.*\[NO_FOLLOWER_LIST\]/);
    assert.equal(callsOf(mini, listPath), 0);
    assert.match(await site.cli.ok(['followers', 'count', mini.appid]), /0 contacts of the Mini Program/);
  });

  test('a list that WeChat refuses in the middle is kept up to there', async () => {
    const { appid } = detailed;
    detailed.setQuota(listPath, { daily: 0 });
    const error = await site.cli.fails(1, ['followers', 'sync', appid]);
    assert.match(error, /WeChat answered GET \/cgi-bin\/user\/get with 45009/);
    assert.equal((await contacts(appid)).length, 230);
  });
});
