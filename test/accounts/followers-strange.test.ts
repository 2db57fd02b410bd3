/** Follower lists, details and tags while WeChat, or something in its place, answers strangely: nobody is lost by that. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { type Loss, syncFollowers } from '../../src/engine/audience/followers.ts';
import { prepareCampaign } from '../../src/engine/campaigns/campaigns.ts';
import { planCampaign } from '../../src/engine/campaigns/plan.ts';
import { runSchedule } from '../../src/engine/campaigns/schedules.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { countContacts, storeFollowChanges } from '../../src/store/accounts/contacts.ts';
import {
  type Audience,
  type Exclusion,
  listCampaigns,
  startPlanning,
} from '../../src/store/campaigns/campaigns.ts';
import { listSchedules, storeRun } from '../../src/store/campaigns/schedules.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { makeSite, setBaseUrl } from '../support/campaign.ts';
import { type GatewayCall, startGateway } from '../support/wechat/gateway.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const { cli } = site;
const { pool } = site.store;
const wechat = await startWechat({
  accounts: [
    { kind: 'service', followers: 25_000 },
    { kind: 'service', followers: 300, tags: [{ name: 'vip', share: 0.5 }] },
  ],
});
const [many, few] = wechat.accounts;
assert.ok(many && few);
const gateway = await startGateway(wechat.url);
const clients = new AccountClients({ store: site.store, logger: silentLogger });
const deps = { store: site.store, clients, logger: silentLogger };
for (const account of wechat.accounts) await site.add(wechat, account);
for (const { appid } of wechat.accounts) await setBaseUrl(site, appid, gateway.url);
for (const { appid } of wechat.accounts) await cli.ok(['followers', 'sync', appid]);
after(async () => {
  await clients.close();
  await gateway[Symbol.asyncDispose]();
});
beforeEach(() => {
  gateway.instead = () => undefined;
  gateway.change = (_call, answer) => answer;
  gateway.calls.length = 0;
});

const listPath = '/cgi-bin/user/get';
const detailsPath = '/cgi-bin/user/info/batchget';
const membersPath = '/cgi-bin/user/tag/get';
const sync = (appid: string, ...more: string[]): string[] => ['followers', 'sync', appid, ...more];
const following = async (appid: string): Promise<number> => (await countContacts(pool, appid)).following;
const push = (appid: string, template: string): string[] => [
  ...['push', '--account', appid, '--channel', 'template', '--template', template],
  ...tutorialData,
];

/** A list of which WeChat gives only so many people, and counts no more. */
const shrunk = (to: number) => (call: GatewayCall, answer: string) => {
  if (call.path !== listPath) return answer;
  const page: { total: number; count: number; data?: { openid: string[] }; next_openid: string } =
    JSON.parse(answer);
  const openid = page.data?.openid.slice(0, to) ?? [];
  return JSON.stringify({
    ...page,
    ...{ total: to, count: openid.length, data: { openid }, next_openid: '' },
  });
};

describe('a follower list that cannot be relied on', () => {
  const { appid } = many;

  test('one whose pages hold fewer than it counts fails, and marks nobody as left', async () => {
    // The second page is empty although 15,000 are to come.
    gateway.instead = (call) =>
      call.path === listPath && call.query.has('next_openid')
        ? { total: 25_000, count: 0, next_openid: '' }
        : undefined;
    const error = await cli.fails(1, sync(appid));
    assert.match(error, /counts 25,000 people, and its pages ended after 10,000\..*\[WECHAT_PAGES_SHORT\]/s);
    assert.equal(await following(appid), 25_000);

    // It goes on from there, and comes to the same end; so the one after that begins anew.
    gateway.calls.length = 0;
    assert.match(await cli.fails(1, sync(appid)), /WECHAT_PAGES_SHORT/);
    assert.equal(gateway.calls.filter((one) => one === listPath).length, 1);
    gateway.instead = () => undefined;
    const again = await cli.json(sync(appid, '--json'));
    assert.deepEqual(
      [again.resumed, again.seen, again.added, again.gone, again.missing],
      [false, 25_000, 0, 0, 0],
    );
    assert.equal(await following(appid), 25_000);
  });

  test('one that has lost over 5 % needs a word, from whoever runs it, and marks nobody without', async () => {
    gateway.change = shrunk(9_000);
    const error = await cli.fails(1, sync(appid));
    assert.match(
      error,
      /16,000 of the 25,000 known followers .* \(64 %\) are none any more.*\[FOLLOWER_LOSS\].*--accept-loss/s,
    );
    await cli.fails(1, sync(appid, '--json'));
    assert.equal(await following(appid), 25_000);
    // It is not continued from where it ended: the next one asks for the list again.
    gateway.calls.length = 0;
    const asked: Loss[] = [];
    const acceptLoss = async (loss: Loss): Promise<boolean> => asked.push(loss) > 1;
    await assert.rejects(syncFollowers(deps, appid, { acceptLoss }), { code: 'FOLLOWER_LOSS' });
    assert.ok(gateway.calls.includes(listPath));
    assert.equal(await following(appid), 25_000);
    assert.equal((await syncFollowers(deps, appid, { acceptLoss })).gone, 16_000);
    assert.deepEqual(asked, [
      { gone: 16_000, known: 25_000 },
      { gone: 16_000, known: 25_000 },
    ]);
    assert.equal(await following(appid), 9_000);

    // Back, and lost again with the flag; 5 % need none.
    gateway.change = (_call, answer) => answer;
    await cli.ok(sync(appid));
    gateway.change = shrunk(9_000);
    assert.match(await cli.ok(sync(appid, '--accept-loss')), /9,000 followers: 0 new, 16,000 left/);
    gateway.change = shrunk(8_550);
    assert.match(await cli.ok(sync(appid)), /8,550 followers: 0 new, 450 left/);
    gateway.change = (_call, answer) => answer;
    await cli.ok(sync(appid));
  });

  test('one that is a few people short is stored, and marks nobody as left', async () => {
    many.unfollow(many.openid(3));
    gateway.change = (call, answer) =>
      call.path === listPath ? answer.replace('"total":24999', '"total":25003') : answer;
    const out = await cli.ok(sync(appid));
    assert.match(out, /24,999 followers: 0 new, 0 left/);
    assert.match(out, /WeChat counts 4 more than its list has, so nobody was marked/);
    gateway.change = (_call, answer) => answer;
    assert.match(await cli.ok(sync(appid)), /24,999 followers: 0 new, 1 left/);
    many.follow(many.openid(3));
    await cli.ok(sync(appid));
  });

  test('a push that syncs first sends to nobody, --yes or not, until it is told to', async () => {
    const { appid } = few;
    const template = templateOf(few, '消息通知');
    const toAll = [...push(appid, template), '--to', 'all', '--sync', '--again', '--yes', '--wait', '--json'];
    gateway.change = shrunk(100);
    assert.match(await cli.fails(1, toAll), /200 of the 300 known followers.*\[FOLLOWER_LOSS\]/s);
    assert.equal(await following(appid), 300);
    assert.equal((await received(wechat, appid)).size, 0);
    for (const wrong of [
      ['--cron', '0 9 * * 1'],
      ['--to', few.openid(1)],
    ])
      assert.match(
        await cli.fails(2, [...push(appid, template), '--to', 'all', '--accept-loss', ...wrong]),
        /--accept-loss goes with --sync/,
      );
    const report = await cli.json([...toAll, '--accept-loss']);
    assert.deepEqual([report.planned, report.accepted], [100, 100]);
    gateway.change = (_call, answer) => answer;
    await cli.ok(sync(appid));
    assert.equal(await following(appid), 300);
  });

  test('a scheduled push fails, says so and marks nobody', async () => {
    const { appid } = few;
    few.clearReceived();
    const template = templateOf(few, '消息通知');
    await cli.ok([...push(appid, template), '--to', 'all', '--sync', '--cron', '0 9 * * 1']);
    const [schedule] = await listSchedules(pool);
    assert.ok(schedule);
    gateway.change = shrunk(100);
    const run = { local: 'monday', at: Date.now(), state: 'started' } as const;
    await inTransaction(pool, (client) => storeRun(client, schedule.id, run));
    await runSchedule(deps, schedule.id, run.local, new AbortController().signal);
    const [campaign] = await listCampaigns(pool, appid, 1);
    assert.deepEqual([campaign?.state, campaign?.stateReason], ['failed', 'FOLLOWER_LOSS']);
    const id = String(campaign?.id);
    assert.match(await cli.ok(['schedules', 'list']), new RegExp(`${id} failed`));
    const shown = await cli.ok(['--lang', 'zh', 'campaigns', 'show', id]);
    assert.match(shown, /FOLLOWER_LOSS，关注者列表一次减少了 5% 以上.*200 of the 300/);
    assert.equal(await following(appid), 300);
    assert.equal((await received(wechat, appid)).size, 0);
    await cli.ok(['schedules', 'remove', String(schedule.id)]);
  });
});

describe('details that cannot be relied on', () => {
  const { appid } = few;
  const bad = few.openid(149);

  test('one openid that WeChat calls invalid is found and named, and all others get their details', async () => {
    gateway.instead = (call) =>
      call.path === detailsPath && call.body.includes(bad)
        ? { errcode: 40003, errmsg: 'invalid openid hint: [abc]' }
        : undefined;
    const out = await cli.ok(sync(appid, '--details'));
    assert.match(out, /Details of 299 followers stored\./);
    assert.match(out, new RegExp(`WeChat calls 1 openids invalid \\(40003\\).*: ${bad}\n`));
    const { rows } = await pool.query<{ openid: string }>(
      'select openid from contacts where appid = $1 and detailed_at is null',
      [appid],
    );
    assert.deepEqual(rows, [{ openid: bad }]);
    // 3 groups, and the halves of one: 100, 50, 25, 13, 7, 4, 2, 1.
    const calls = gateway.calls.filter((one) => one === detailsPath).length;
    assert.ok(calls <= 3 + 14, `${calls} calls`);
    // It is asked about again, and takes nobody along.
    const again = await cli.json(sync(appid, '--details', '--json'));
    assert.deepEqual([again.detailed, again.invalid], [0, [bad]]);
    assert.equal(await following(appid), 300);
  });

  test('an answer by which hardly anybody follows marks nobody', async () => {
    await pool.query('update contacts set detailed_at = null where appid = $1', [appid]);
    gateway.change = (call, answer) =>
      call.path === detailsPath ? answer.replaceAll('"subscribe":1', '"subscribe":0') : answer;
    assert.match(await cli.fails(1, sync(appid, '--details')), /100 of the 300 .*\[FOLLOWER_LOSS\]/s);
    assert.equal(await following(appid), 300);
    gateway.change = (call, answer) => (call.path === detailsPath ? '{"user_info_list":[{}]}' : answer);
    assert.match(await cli.fails(1, sync(appid, '--details')), /\[WECHAT_NO_ANSWER\]/);
    assert.equal(await following(appid), 300);
    // A few of them may have left since the list was fetched.
    const left = [1, 2, 3, 4].map((index) => few.openid(index));
    gateway.change = (call, answer) =>
      call.path === detailsPath
        ? answer.replaceAll(/"subscribe":1,("openid":"[^"]+")/g, (whole, openid: string) =>
            left.some((one) => openid.includes(one)) ? `"subscribe":0,${openid}` : whole,
          )
        : answer;
    const out = await cli.json(sync(appid, '--details', '--json'));
    assert.deepEqual([out.gone, await following(appid)], [4, 296]);
    gateway.change = (_call, answer) => answer;
    await cli.ok(sync(appid));
    assert.equal(await following(appid), 300);
  });

  test('whoever comes back while the details of others are asked for is not marked as gone', async () => {
    await pool.query('update contacts set detailed_at = null where appid = $1', [appid]);
    const back = few.openid(7);
    const gone = few.openid(8);
    gateway.change = async (call, answer) => {
      if (call.path !== detailsPath || !answer.includes(back)) return answer;
      // It leaves WeChat before the event of the one who follows again.
      const at = Math.floor(Date.now() / 1000);
      const change = { appid, openid: back, follows: true, followedAt: at, at };
      await inTransaction(pool, (client) => storeFollowChanges(client, [change]));
      return answer.replaceAll(
        /"subscribe":1,("openid":"([^"]+)")/g,
        (whole, rest: string, openid: string) =>
          openid === back || openid === gone ? `"subscribe":0,${rest}` : whole,
      );
    };
    const result = await syncFollowers(deps, appid, { details: true });
    assert.equal(result.gone, 1);
    const { rows } = await pool.query<{ openid: string }>(
      'select openid from contacts where appid = $1 and not follows',
      [appid],
    );
    assert.deepEqual(rows, [{ openid: gone }]);
    gateway.change = (_call, answer) => answer;
    await cli.ok(sync(appid));
    assert.equal(await following(appid), 300);
  });
});

describe('a tag whose list ends too soon', () => {
  const { appid } = few;
  const tagId = 100;
  const template = templateOf(few, '消息通知');
  const short = (call: GatewayCall): unknown =>
    call.path === membersPath ? { count: 0, next_openid: '' } : undefined;

  /** A campaign that is to be planned. */
  async function planning(audience: Audience, exclusions: Exclusion[]): Promise<number> {
    const data = { keyword1: { value: '标题' }, keyword2: { value: '内容' }, keyword3: { value: '今天' } };
    const prepared = await prepareCampaign(deps, {
      ...{ appid, channel: 'template', message: { body: { template_id: template, data } } },
      ...{
        audience,
        audienceName: '',
        columns: null,
        onInvalid: 'reject',
        exclusions,
        again: true,
        lang: 'en',
      },
    });
    assert.ok(prepared.kind === 'created' && (await startPlanning(pool, prepared.campaign.id)));
    return prepared.campaign.id;
  }

  test('is no audience and no exclusion: the plan waits for the whole list', async () => {
    await cli.ok(sync(appid));
    gateway.instead = (call) => short(call);
    const audience = await planning({ kind: 'tag', tagId }, []);
    await assert.rejects(planCampaign(deps, audience), { code: 'WECHAT_PAGES_SHORT' });
    const leftOut = await planning({ kind: 'all' }, [{ kind: 'tag', tagId }]);
    await assert.rejects(planCampaign(deps, leftOut), { code: 'WECHAT_PAGES_SHORT' });
    gateway.instead = () => undefined;
    await planCampaign(deps, audience);
    await planCampaign(deps, leftOut);
    const [second, first] = await listCampaigns(pool, appid, 2);
    assert.deepEqual([first?.state, second?.state], ['planned', 'planned']);
    assert.ok(first && first.plannedCount > 100);
    assert.equal(second?.plannedCount, 300 - first.plannedCount);
    assert.equal(second.excludedCount, first.plannedCount);
  });
});
