import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import type { RunningCli, RunOptions } from '../support/cli.ts';
import { until, untilMoved } from '../support/in-time.ts';
import { addHook, endLeases, isSigned, type Post, startReceiver, tellFollows } from '../support/webhooks.ts';
import { startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
site.cli.env.HONGYAN_LOG_LEVEL = 'warn';
const wechat = await startWechat({ followers: 1_200, accounts: [{ kind: 'service' }] });
const account = wechat.account();
const appid = await site.add(wechat, account);
const { pool } = site.store;

let serving: RunningCli | undefined;
function startServe(options: RunOptions = {}): RunningCli {
  serving = site.cli.start(['serve'], options);
  return serving;
}

// One that failed leaves the next one neither a server nor what it was still to tell.
afterEach(async () => {
  await serving?.kill('SIGKILL');
  await pool.query('delete from webhooks');
});

const add = (url: string, topics: string) => addHook(site, appid, url, topics);
const follow = (openid: string) => tellFollows(pool, appid, [[openid, '']]);

async function stateOf(id: string, field: string): Promise<unknown> {
  const rows: Record<string, unknown>[] = JSON.parse(await site.cli.ok(['webhooks', 'list', '--json']));
  return rows.find((row) => String(row.id) === id)?.[field];
}

test('tells a campaign and every outcome of it once, signed, and survives a kill -9 in the middle', async () => {
  const hook = await startReceiver();
  hook.status = 503;
  const { id, secret } = await add(hook.url, 'outcome,campaign');
  wechat.addFault({ kind: 'cut', rate: 0.02, path: '/cgi-bin/message/template/send' });
  const push = [
    'push',
    '--account',
    appid,
    '--channel',
    'template',
    '--to',
    'all',
    '--sync',
    ...tutorialData,
  ];
  await site.cli.json([...push, '--template', templateOf(account, '消息通知'), '--yes', '--wait', '--json']);
  wechat.clearFaults();

  const first = startServe();
  await until('a delivery was refused', async () => hook.posts.length > 0);
  await first.kill('SIGKILL');
  hook.status = 204;
  await endLeases(pool);
  const second = startServe();
  // A POST of the dead one's may still come, and be taken: that is told again.
  const ids = new Set<string>();
  const rows: Post[] = [];
  const numbers = () => rows.flatMap((post) => post.items.flatMap((item) => item.no ?? []));
  await untilMoved('everything is told', async () => {
    for (const post of hook.posts)
      if (post.status === 204 && !ids.has(post.id)) {
        ids.add(post.id);
        rows.push(post);
      }
    const told = numbers();
    const done = rows.some((post) => post.items.some((item) => item.state === 'done'));
    return new Set(told).size === 1_200 && done && (await stateOf(id, 'waiting')) === 0
      ? null
      : `${told.length} told, ${done ? 'and' : 'not'} that it is done`;
  });
  assert.equal(numbers().length, 1_200, 'each once');
  await second.kill('SIGTERM');
  assert.ok(
    rows.every((post) => isSigned(post, secret)),
    'each POST is signed with the secret that was printed',
  );
  const outcomes = new Map(
    rows.flatMap((post) =>
      post.items.flatMap((item) => (item.no === undefined ? [] : [[item.no, item] as const])),
    ),
  );
  const exported = (await site.cli.ok(['campaigns', 'export', '1', '--format', 'ndjson']))
    .trim()
    .split('\n')
    .map((line): { no: number; openid: string; outcome: string } => JSON.parse(line));
  for (const row of exported)
    assert.deepEqual(
      [outcomes.get(row.no)?.topic, outcomes.get(row.no)?.openid],
      [`outcome.${row.outcome}`, row.openid],
    );
  const states = rows.flatMap((post) =>
    post.items.filter((item) => item.topic === 'campaign').map((item) => item.state),
  );
  assert.deepEqual([...new Set(states)].sort(), ['done', 'planned', 'planning', 'running']);
  assert.equal(await stateOf(id, 'lastError'), null);
  await site.cli.ok(['webhooks', 'remove', id, '--yes']);
});

test('tells what became of each single message: accepted, refused, and never sent', async () => {
  const hook = await startReceiver();
  const { id } = await add(hook.url, 'outcome');
  const left = account.openid(7);
  account.unfollow(left);
  const message = ['send', '--account', appid, '--channel', 'template', ...tutorialData];
  const template = templateOf(account, '消息通知');
  for (const [to, key] of [
    [account.openid(5), 'order-1'],
    [left, 'order-2'],
  ])
    await site.cli.run([...message, '--template', template, '--to', to ?? '', '--key', key ?? '']);
  // Too late when somebody could send it.
  await pool.query(
    `with made as (
       insert into messages (uuid, appid, channel, openid, template_id, key, fingerprint, body)
       values (gen_random_uuid(), $1, 'oa-template', 'oLate', 'T', 'order-3', '', '{}') returning id)
     insert into open_messages (message_id, appid, channel, valid_until)
     select id, $1, 'oa-template', clock_timestamp() from made`,
    [appid],
  );
  const serve = startServe();
  const items = await until('all three are told', async () => {
    const told = hook.posts.flatMap((post) => post.items);
    return told.length === 3 && told;
  });
  await serve.kill('SIGTERM');
  assert.deepEqual(
    items.map(({ topic, openid, key, errcode, reason }) => [key, topic, openid, errcode ?? reason]).sort(),
    [
      ['order-1', 'outcome.accepted', account.openid(5), null],
      ['order-2', 'outcome.rejected', left, 43004],
      ['order-3', 'outcome.unsent', 'oLate', 'expired'],
    ],
  );
  const shown = JSON.parse(await site.cli.ok(['messages', 'show', String(items[0]?.messageId), '--json']));
  assert.equal(shown.key, items[0]?.key);
  await site.cli.ok(['webhooks', 'remove', id, '--yes']);
});

test('a delivery that is refused every time is dead, and a replay brings it under its old id', async () => {
  const hook = await startReceiver();
  hook.status = 500;
  const { id } = await add(hook.url, 'follow');
  await follow('oDead');
  const serve = startServe();
  await until('it is refused', async () => hook.posts.length === 1);
  // The last attempt now instead of in a day.
  await until('it waits for its next attempt', async () => {
    const moved = await pool.query(
      `update webhook_deliveries set next_at = now(), attempts = 15, first_tried_at = now() - interval '23.5 hours'
       where state = 'pending' and owner is null`,
    );
    return moved.rowCount === 1;
  });
  await until('it is dead', async () => (await stateOf(id, 'dead')) === 1);
  // The second one may have come by itself before its time was set.
  const tried = hook.posts.length;
  assert.ok(tried >= 2);
  assert.match(await site.cli.ok(['webhooks', 'deliveries', id, '--state', 'dead']), /HTTP 500/);

  hook.status = 200;
  assert.match(await site.cli.ok(['webhooks', 'replay', id]), /1 deliveries/);
  await until('it is taken', async () => hook.posts.at(-1)?.status === 200);
  await until('it is recorded', async () => (await stateOf(id, 'dead')) === 0);
  await serve.kill('SIGTERM');
  assert.equal(hook.posts.length, tried + 1, 'once');
  assert.deepEqual(new Set(hook.posts.map((post) => post.id)).size, 1);
  assert.deepEqual(
    new Set(hook.posts.map((post) => post.items.map((item) => item.openid).join())),
    new Set(['oDead']),
  );
});

test('what a paused webhook is to be told is kept, 410 pauses it, and a redirect is not followed', async () => {
  const hook = await startReceiver();
  const { id } = await add(hook.url, 'follow');
  await site.cli.ok(['webhooks', 'pause', id]);
  await follow('oPaused');
  const serve = startServe();
  const other = await startReceiver();
  const { id: otherId } = await add(other.url, 'follow');
  await follow('oBoth');
  await until('the other one is told', async () => other.posts.length === 1);
  assert.equal(hook.posts.length, 0);
  await site.cli.ok(['webhooks', 'resume', id]);
  const told = (): (string | undefined)[] =>
    hook.posts.flatMap((post) => post.items.map((item) => item.openid));
  await until('the resumed one is told', async () => told().length === 2);
  assert.deepEqual(told(), ['oPaused', 'oBoth']);

  other.status = 410;
  await follow('oGone');
  await until('it is paused', async () => (await stateOf(otherId, 'state')) === 'paused');
  hook.status = 302;
  await follow('oMoved');
  await until('the redirect is an error', async () => (await stateOf(id, 'lastError')) === 'HTTP 302');
  // It may have been tried again by then.
  assert.ok(hook.posts.every(({ path }) => path.startsWith('/hook?')));
  const result = await serve.kill('SIGTERM');
  assert.doesNotMatch(result.stderr + result.stdout, /hidden/, 'the query of the URL is nobody’s business');
  await site.cli.ok(['webhooks', 'remove', id, '--yes']);
  await site.cli.ok(['webhooks', 'remove', otherId, '--yes']);
});

test('nothing is sent to an address that is not public, however it is named', async () => {
  const hook = await startReceiver();
  const { env } = site.cli;
  const closed = { ...env, HONGYAN_WEBHOOK_ALLOW: '' };
  const port = new URL(hook.url).port;
  assert.match(
    await site.cli.fails(1, ['webhooks', 'add', appid, new URL(hook.url).origin, '--topics', 'follow'], {
      env: closed,
    }),
    /WEBHOOK_ADDRESS_REFUSED/,
  );
  const shown = await site.cli.fails(2, ['webhooks', 'add', appid, hook.url, '--topics', 'follow']);
  assert.match(shown, /--url-file/);
  assert.doesNotMatch(shown, /hidden/, 'the query of the URL is nobody’s business');
  // A name passes when it is added, and is caught when connecting: its address may change.
  const out = await site.cli.ok([
    'webhooks',
    'add',
    appid,
    `http://localhost:${port}/`,
    '--topics',
    'follow',
  ]);
  const id = /webhook (\d+)/.exec(out)?.[1] ?? '';
  assert.match(
    await site.cli.fails(1, ['webhooks', 'test', id], { env: closed }),
    /WEBHOOK_ADDRESS_REFUSED.*HONGYAN_WEBHOOK_ALLOW/s,
  );
  await follow('oPrivate');
  const serve = startServe({ env: closed });
  await until('it is refused', async () => (await stateOf(id, 'lastError')) === 'WEBHOOK_ADDRESS_REFUSED');
  await serve.kill('SIGTERM');
  assert.equal(hook.posts.length, 0);
  assert.match(
    await site.cli.fails(2, ['webhooks', 'list'], { env: { ...env, HONGYAN_WEBHOOK_ALLOW: 'example.com' } }),
    /CONFIG_INVALID/,
  );
});

test('wrong use is told what to do', async () => {
  const bad = async (code: 1 | 2, args: string[], pattern: RegExp): Promise<void> =>
    assert.match(await site.cli.fails(code, ['webhooks', ...args]), pattern);
  await bad(2, ['add', appid, 'https://example.com/', '--topics', 'follows'], /--topics takes receipt/);
  await bad(1, ['add', 'wxnobody', 'https://example.com/', '--topics', 'all'], /ACCOUNT_NOT_FOUND/);
  await bad(1, ['add', appid, 'example.com', '--topics', 'all'], /WEBHOOK_URL_INVALID/);
  await bad(1, ['test', '99'], /WEBHOOK_NOT_FOUND/);
  await bad(1, ['pause', 'x'], /WEBHOOK_NOT_FOUND/);
  await bad(2, ['deliveries', '99', '--limit', '0'], /--limit/);
  await bad(2, ['deliveries', '99', '--state', 'lost'], /--state/);
  const { id } = await add('http://127.0.0.1:9/', 'follow');
  await bad(2, ['replay', id, 'x'], /hongyan webhooks deliveries/);
  const never = '00000000-0000-4000-8000-000000000000';
  await bad(1, ['replay', id, never], /WEBHOOK_DELIVERY_NOT_FOUND/);
});
