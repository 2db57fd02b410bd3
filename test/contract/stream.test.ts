import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { createClient } from '../../src/client/client.ts';
import type { StreamedEvent } from '../../src/client/events.ts';
import { eventEffects } from '../../src/engine/event-effects.ts';
import { EventTaker } from '../../src/engine/events/take-events.ts';
import { StreamHub } from '../../src/server/stream/hub.ts';
import { streamView } from '../../src/server/stream/view.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { readStreamLog, type StreamPlace, streamNow } from '../../src/store/stream/log.ts';
import { parseEvent } from '../../src/wechat/callback/parse-event.ts';
import { until } from '../support/cli.ts';
import { adminKey, contractSite, row } from '../support/contract.ts';
import { templateOf, tutorialData } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 300 });
const { pool } = site.store;
const { appid } = site.account;
const taker = new EventTaker({ pool, logger: silentLogger, effects: eventEffects });
after(() => taker.close());

let second = 1_790_000_000;
async function happen(openid: string, what: Record<string, string>): Promise<void> {
  const fields = { ToUserName: 'gh', FromUserName: openid, CreateTime: String(++second) };
  await taker.take(appid, parseEvent({ ...fields, MsgType: 'event', ...what }), 100);
}
const follow = (openid: string): Promise<void> => happen(openid, { Event: 'subscribe' });

interface Told {
  isGap?: boolean;
  campaigns: { id: number; state: string; accepted: number; planned: number }[];
  accounts: { appid: string; state: string; reason: string | null }[];
  events: { id: string; openid: string; type: string; createdAt: number }[];
}

interface Live {
  seen: { at: number; id: string; event: string; told: Told }[];
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
  close(): void;
}

function listen(url: string, input: { topics?: string; lastEventId?: string; key?: string } = {}): Live {
  const stop = new AbortController();
  const client = createClient({ baseUrl: url, key: input.key ?? adminKey });
  const seen: Live['seen'] = [];
  const read = async (): Promise<void> => {
    const query = input.topics === undefined ? {} : { topics: input.topics };
    const resumed = input.lastEventId === undefined ? {} : { lastEventId: input.lastEventId };
    const events = client.events('GET /v1/stream', { query, ...resumed, signal: stop.signal });
    for await (const { id, event, data } of events as AsyncIterable<StreamedEvent>)
      seen.push({ at: performance.now(), id: id ?? '', event, told: JSON.parse(data) });
  };
  const ended = read().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  after(() => stop.abort());
  return { seen, ended, close: () => stop.abort() };
}

const openids = (live: Live): string[] =>
  live.seen.flatMap(({ told }) => told.events.map(({ openid }) => openid));

/**
 * Waits until streams may tell what was logged of these behind a place: as long as any older transaction of the whole database
 * server is open, one of another test for example, it is kept back.
 */
async function isTellable(from: StreamPlace, ...wanted: (string | number)[]): Promise<void> {
  await until('no older transaction is open', async () => {
    const rows = (await readStreamLog(pool, from, 5_000))?.rows ?? [];
    const found = rows.map(({ topic, ref, data }) => (topic === 'campaigns' ? Number(ref) : data?.openid));
    return wanted.every((one) => found.includes(one));
  });
}

/** Another process on the same database. */
async function secondNode(): Promise<{ url: string; end(): Promise<void> }> {
  const env = { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: adminKey };
  const serve = site.cli.start(['serve'], { env });
  const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
  return { url, end: async () => void (await serve.kill('SIGTERM')) };
}

row(
  'GET /v1/stream',
  'tells campaigns, accounts and events as they happen, twice a second at most',
  async () => {
    const live = listen(site.url);
    await until('it begins', async () => live.seen.length > 0);
    assert.equal(live.seen[0]?.event, 'start');
    assert.deepEqual(live.seen[0]?.told.accounts, [{ appid, state: 'active', reason: null }]);
    await happen('oReceipt', { Event: 'TEMPLATESENDJOBFINISH', MsgID: '200163836', Status: 'success' });
    await follow('oLive');
    await until('the event is told', async () => openids(live).includes('oLive'));
    const event = live.seen.flatMap(({ told }) => told.events).find(({ openid }) => openid === 'oLive');
    assert.deepEqual([event?.type, event?.createdAt], ['follow', second]);
    assert.ok(!openids(live).includes('oReceipt'), 'receipts come by the million');
    await site.cli.ok(['rate', appid, '100']);
    const template = templateOf(site.account, '消息通知');
    const push = [
      'push',
      '--account',
      appid,
      '--channel',
      'template',
      '--template',
      template,
      ...tutorialData,
    ];
    await site.cli.ok([...push, '--to', 'all', '--sync', '--yes', '--wait']);
    const told = (): Told['campaigns'] => live.seen.flatMap((one) => one.told.campaigns);
    await until('it is done', async () => told().some(({ state }) => state === 'done'));
    assert.deepEqual(told().at(-1), {
      ...{ id: told().at(-1)?.id, appid, state: 'done', reason: null },
      ...{ planned: 300, accepted: 300, rejected: 0, unknown: 0, held: 0 },
    });
    const progress = told().filter(({ state }) => state === 'running');
    assert.ok(progress.length > 1, 'progress of 3 s is told more than once');
    assert.ok(progress.every(({ accepted }, i) => accepted >= (progress[i - 1]?.accepted ?? 0)));
    // By their number: on a busy machine two may arrive at once that left half a second apart.
    const [since, ...later] = live.seen.map(({ at }) => at);
    const seconds = ((later.at(-1) ?? 0) - (since ?? 0)) / 1000;
    assert.ok(later.length <= seconds * 2 + 2, `${later.length} in ${seconds} s`);
    await pool.query(
      `update accounts set state = 'paused', state_reason = 'errcode:48001' where appid = $1`,
      [appid],
    );
    await until('the account is told', async () =>
      live.seen.some(({ told: { accounts } }) => accounts.some(({ reason }) => reason === 'errcode:48001')),
    );
    await pool.query(`update accounts set state = 'active', state_reason = null where appid = $1`, [appid]);
    live.close();
  },
);

test('a stream goes on where it ended, on another node: nothing is missing, nothing comes twice', async () => {
  const template = templateOf(site.account, '消息通知');
  const message = ['--account', appid, '--channel', 'template', '--template', template, ...tutorialData];
  await site.cli.ok(['push', ...message, '--to', site.account.openid(0), '--yes', '--wait']);
  const first = listen(site.url, { topics: 'events,campaigns' });
  await until('it begins', async () => first.seen.length > 0);
  for (const name of ['oR1', 'oR2', 'oR3']) await follow(name);
  await until('they are told', async () => openids(first).filter((one) => one.startsWith('oR')).length === 3);
  first.close();
  const { id } = first.seen.at(-1) ?? { id: '' };
  const place = await streamNow(pool);
  for (const name of ['oR4', 'oR5']) await follow(name);
  const made = await pool.query<{ id: number }>('select max(id) as id from campaigns');
  const campaign = made.rows[0]?.id;
  await pool.query(`update campaigns set state_reason = 'looked-at' where id = $1`, [campaign]);
  await isTellable(place, 'oR4', 'oR5', campaign ?? 0);
  const node = await secondNode();
  const again = listen(node.url, { topics: 'events,campaigns', lastEventId: id });
  await until('it begins', async () => again.seen.length > 0);
  const [start] = again.seen;
  assert.deepEqual([start?.event, start?.told.isGap], ['start', false]);
  assert.deepEqual(openids(again), ['oR4', 'oR5']);
  assert.deepEqual(
    start?.told.campaigns.map((one) => one.id),
    [campaign],
  );
  await follow('oR6');
  await until('the next is told', async () => openids(again).length === 3);
  assert.deepEqual(openids(again), ['oR4', 'oR5', 'oR6']);
  await node.end();
  // One that holds up the end of its node is cut, and then this rejects.
  await again.ended;
});

test('what was begun before and committed later is not left out', async () => {
  const live = listen(site.url, { topics: 'events' });
  await until('it begins', async () => live.seen.length > 0);
  const slow = await pool.connect();
  await slow.query('begin');
  const log = `insert into stream_log (appid, topic, ref, data) values ($1, 'events', $2, $3)`;
  const entry = (openid: string) => [appid, `1-${openid}`, { type: 'follow', openid, createdAt: 1 }];
  await slow.query(log, entry('oSlow'));
  await pool.query(log, entry('oQuick'));
  const place = await streamNow(pool);
  assert.deepEqual(
    (await readStreamLog(pool, { ...place, tx: '0' }, 5_000))?.rows.filter(({ ref }) =>
      /Slow|Quick/.test(ref),
    ),
    [],
  );
  await slow.query('commit');
  slow.release();
  await until('both are told', async () => openids(live).length === 2);
  assert.deepEqual(openids(live), ['oSlow', 'oQuick']);
  live.close();
});

test('whoever was away for too long, or comes from another database, is told of a gap', async () => {
  const { at, tx } = await streamNow(pool);
  for (const [what, lastEventId] of [
    ['too long ago', `${at - 3_700_000}-${tx}-1`],
    ['another database', `${at}-${BigInt(tx) + 1_000_000n}-1`],
    ['none of ours', 'abc'],
    ['numbers that are too large', `${at}-99999999999999999999-1`],
  ] as const) {
    const live = listen(site.url, { lastEventId });
    await until(what, async () => live.seen.length > 0);
    assert.deepEqual([live.seen[0]?.event, live.seen[0]?.told.isGap], ['start', true], what);
    live.close();
  }
});

test('nobody is told of what they may not read', async () => {
  const other = listen(site.url, {
    key: await site.key(['event.read', 'account.read'], ['wx00000000000000ff']),
  });
  const viewer = listen(site.url, { key: await site.key(['event.read'], [appid]) });
  await until('both begin', async () => other.seen.length > 0 && viewer.seen.length > 0);
  await follow('oPrivate');
  await until('it is told to the one', async () => openids(viewer).includes('oPrivate'));
  assert.deepEqual([openids(other), other.seen[0]?.told.accounts], [[], []]);
  assert.deepEqual([viewer.seen[0]?.told.accounts, viewer.seen[0]?.told.campaigns], [[], []]);
  const ask = async (topics: string, key: string): Promise<number> =>
    (await fetch(`${site.url}/v1/stream${topics}`, { headers: { authorization: `Bearer ${key}` } })).status;
  assert.equal(await ask('?topics=campaigns', await site.key(['event.read'])), 403);
  assert.equal(await ask('', await site.key(['node.read'])), 403);
  assert.equal(await ask('?topics=everything', adminKey), 400);
  viewer.close();
  other.close();
});

test('a heartbeat keeps it open, and ends it for a key that was revoked', async () => {
  const made = await site.call('POST /v1/keys', { body: { name: 'short', permissions: ['event.read'] } });
  const { id, key } = made.body as { id: string; key: string };
  const stop = new AbortController();
  after(() => stop.abort());
  const open = async (bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}` };
    const answer = await fetch(`${site.url}/v1/stream`, { headers, signal: stop.signal });
    const state = { text: '', isOver: false };
    void (async () => {
      for await (const part of answer.body ?? []) state.text += Buffer.from(part).toString();
      state.isOver = true;
    })().catch(() => {});
    return state;
  };
  const [kept, revoked] = [await open(adminKey), await open(key)];
  await until('both began', async () => kept.text !== '' && revoked.text !== '');
  await site.call('DELETE /v1/keys/{id}', { params: { id } });
  await until('it has ended', async () => revoked.isOver);
  await until('the other one has its heartbeat', async () =>
    /^: heartbeat\nid: \d+-\d+-\d+\n\n/m.test(kept.text),
  );
  assert.equal(kept.isOver, false);
  stop.abort();
});

test('one caller has so many streams, and all together so many', async () => {
  const hub = new StreamHub(pool, silentLogger, { all: 3, one: 2 });
  try {
    const open = (owner: string) => hub.open(owner, streamView(['events'], 'all'), null, async () => true);
    const first = open('key:1');
    open('key:1');
    assert.deepEqual([hub.refuses('key:1'), hub.refuses('key:2')], ['own', null]);
    open('key:2');
    assert.equal(hub.refuses('key:3'), 'full');
    first.destroy();
    await until('its place is free', async () => hub.refuses('key:1') === null);
  } finally {
    await hub.close();
  }
  assert.equal(hub.refuses('key:1'), 'full', 'it is closed');
});

test('a reader that does not read holds little, and is told what it missed when it reads again', async () => {
  const hub = new StreamHub(pool, silentLogger);
  try {
    const readable = hub.open(
      'key:1',
      streamView(['events'], 'all'),
      await streamNow(pool),
      async () => true,
    );
    readable.setEncoding('utf8');
    const fill = (n: number, from: number) =>
      pool.query(
        `insert into stream_log (appid, topic, ref, data)
         select $1, 'events', '1-' || n, jsonb_build_object('type', 'message', 'openid', 'oFill' || n, 'createdAt', 1)
         from generate_series($3::integer + 1, $3::integer + $2::integer) n`,
        [appid, n, from],
      );
    await until('it began', async () => readable.readableLength > 0);
    await fill(1_500, 0);
    await until('it is full', async () => readable.readableLength >= 64 * 1024);
    const held = readable.readableLength;
    await fill(400, 1_500);
    const reader = listen(site.url, { topics: 'events' });
    await until('another one began', async () => reader.seen.length > 0);
    await fill(1, 1_900);
    // Of another hub: two of its rounds are two of the full one's.
    await until('rounds went by', async () => openids(reader).includes('oFill1901'));
    assert.equal(readable.readableLength, held, 'nothing is added for somebody who does not read');
    let text = '';
    readable.on('data', (part: string) => {
      text += part;
    });
    await until('it caught up', async () => text.includes('oFill1901"'));
    const told = [...text.matchAll(/"openid":"oFill(\d+)"/g)].map(([, n]) => Number(n));
    assert.deepEqual(
      told,
      Array.from({ length: 1_901 }, (_, i) => i + 1),
    );
    reader.close();
  } finally {
    await hub.close();
  }
});

test('many that come at once are told the same by few statements, each what it may see and missed', async () => {
  const own = createPool(site.database.connection, { max: 2 });
  let statements = 0;
  own.on('acquire', () => statements++);
  const hub = new StreamHub(own, silentLogger);
  const early = await streamNow(pool);
  await follow('oCrowd');
  await isTellable(early, 'oCrowd');
  const texts: string[] = [];
  const open = (
    view: ReturnType<typeof streamView>,
    place: Awaited<ReturnType<typeof streamNow>> | null,
  ): void => {
    const n = texts.push('') - 1;
    hub
      .open('key:crowd', view, place, async () => true)
      .setEncoding('utf8')
      .on('data', (part: string) => {
        texts[n] += part;
      });
  };
  try {
    for (let i = 0; i < 40; i++) open(streamView(['events'], 'all'), early);
    for (let i = 0; i < 40; i++) open(streamView(['events'], 'all'), null);
    open(streamView(['events'], new Set(['wx00000000000000cc'])), early);
    await until('all began', async () => texts.every((text) => text.startsWith('event: start')));
    const starts = texts.map((text) => text.split('\n\n')[0] ?? '');
    assert.deepEqual(new Set(starts.slice(0, 40)).size, 1);
    assert.match(starts[0] ?? '', /oCrowd/);
    assert.ok(starts.slice(40).every((text) => !text.includes('oCrowd')));
    assert.ok(statements < 60, `${statements} statements`);
  } finally {
    await hub.close();
    await own.end();
  }
});
