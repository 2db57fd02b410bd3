import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../../src/base/logger.ts';
import { eventEffects } from '../../src/engine/event-effects.ts';
import type { NamedEffect } from '../../src/engine/events/effects.ts';
import { repeatOne } from '../../src/engine/events/repeat-effects.ts';
import { EventTaker, type EventTakerOptions } from '../../src/engine/events/take-events.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { countContacts } from '../../src/store/accounts/contacts.ts';
import { createPool, type Pool } from '../../src/store/database/pool.ts';
import { saveCallback } from '../../src/store/events/callbacks.ts';
import { maintainEventPartitions } from '../../src/store/events/event-partitions.ts';
import { setEventDays } from '../../src/store/events/event-terms.ts';
import { listEvents } from '../../src/store/events/events.ts';
import type { CallbackEvent } from '../../src/wechat/callback/event.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { callbackSettings, makeEvent, makePush, send } from '../support/push.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const site = await makeSite();
const { pool, sealer } = site.store;
const link = await linkDatabase(site.database);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  link.up();
  for (const close of closing.splice(0)) await close();
});

let serial = 0;
async function makeAccount(): Promise<string> {
  const appid = `wx${String(++serial).padStart(16, '0')}`;
  await saveAccount(pool, sealer, {
    ...{ appid, kind: 'service', name: '', secret: null, baseUrl: null, proxy: null },
    tokenSource: 'none',
  });
  return appid;
}

/** More patient than WeChat is: how fast the database takes something, or a connection comes back, is the machine's affair. */
const patienceMs = 60_000;

function makeTaker(options: Partial<EventTakerOptions> = {}): EventTaker {
  const taker = new EventTaker({
    ...{ pool, logger: silentLogger, effects: eventEffects, patienceMs },
    ...options,
  });
  closing.push(() => taker.close());
  return taker;
}

/** A pool on the line that can be cut. */
function linkedPool(): Pool {
  const linked = createPool(link.connection, { max: 4 });
  closing.push(() => linked.end());
  return linked;
}

type Kind = 'follow' | 'unfollow' | 'scan' | 'unknown';

const wireNames: Record<Kind, string> = {
  follow: 'subscribe',
  unfollow: 'unsubscribe',
  scan: 'SCAN',
  unknown: 'new',
};

function event(type: Kind, openid: string, createTime: number, mark = ''): CallbackEvent {
  const name = wireNames[type];
  const fields = {
    ...{ FromUserName: openid, CreateTime: String(createTime), MsgType: 'event' },
    ...{ Event: name, EventKey: '', mark },
  };
  const envelope = { openid, toUserName: 'gh_1', createTime, name, fields };
  if (type === 'scan') return { ...envelope, type, scene: '1' };
  return type === 'follow' ? { ...envelope, type, scene: null } : { ...envelope, type };
}

interface Contact {
  openid: string;
  follows: boolean;
  at: number;
}

async function contacts(appid: string): Promise<Contact[]> {
  const result = await pool.query<Contact>(
    'select openid, follows, extract(epoch from follow_event_at)::bigint as at from contacts where appid = $1 order by 1',
    [appid],
  );
  return result.rows;
}

test('kill -9 between the commit and the answer: the repeat is recognised by another process', async () => {
  const appid = await makeAccount();
  const settings = callbackSettings(appid);
  await saveCallback(pool, sealer, settings);
  const program = fileURLToPath(new URL('../support/callback/child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, site.database.url, site.cli.env.HONGYAN_SECRET_KEY ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(async () => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const printed = once(child.stdout.setEncoding('utf8'), 'data') as Promise<[string]>;
  const [line] = await Promise.race([
    printed,
    exited.then(() => assert.fail('the child ended at its start')),
  ]);
  const fields = makeEvent('subscribe');
  const answer = await send(line.trim(), appid, makePush(settings, fields)).catch((error: unknown) => error);
  assert.ok(answer instanceof Error, `it answered: ${JSON.stringify(answer)}`);
  assert.equal((await exited)[1], 'SIGKILL');
  assert.equal((await listEvents(pool, appid, null, 10)).length, 1);

  const serve = site.cli.start(['serve'], { env: { HONGYAN_LISTEN: '127.0.0.1:0' } });
  const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
  const again = await send(url, appid, makePush(settings, fields));
  assert.deepEqual([again.status, again.body], [200, 'success']);
  assert.equal((await serve.kill('SIGTERM')).code, 0);
  assert.equal((await listEvents(pool, appid, null, 10)).length, 1);
  const { rows } = await pool.query(
    'select kind, count from callback_counters where appid = $1 order by kind',
    [appid],
  );
  assert.deepEqual(rows, [{ kind: 'repeated', count: 1 }]);
});

test('a database that is away for a moment is waited for; one that stays away is told to WeChat', async () => {
  const appid = await makeAccount();
  const patient = makeTaker({ pool: linkedPool() });
  const taker = makeTaker({ pool: linkedPool(), patienceMs: 4_000 });
  assert.equal(await patient.take(appid, event('follow', 'o1', 100), 100), 'new');
  link.down();
  const early = patient.take(appid, event('follow', 'o2', 100), 100);
  const lost = taker.take(appid, event('follow', 'o3', 100), 100);
  await assert.rejects(lost, { code: 'EVENTS_UNAVAILABLE' });
  link.up();
  assert.equal(await early, 'new');
  // It may have been stored after that all the same, as soon as the database was back: then its repeat is known.
  assert.match(await patient.take(appid, event('follow', 'o3', 100), 100), /^(?:new|repeated)$/);
  assert.equal(await patient.take(appid, event('follow', 'o3', 100), 100), 'repeated');
  assert.equal((await listEvents(pool, appid, null, 10)).length, 3);
});

test('a commit whose acknowledgement is lost is found again, and nothing follows twice', async () => {
  const appid = await makeAccount();
  let applied = 0;
  const effects: NamedEffect[] = [
    {
      ...{ name: 'count', types: ['follow'] },
      effect: async () => {
        applied++;
      },
    },
  ];
  const taker = makeTaker({ pool: linkedPool(), effects });
  const cut = link.cutNext('commit', 'after-commit');
  const taken = taker.take(appid, event('follow', 'o1', 100), 100);
  await cut;
  assert.equal(await taken, 'repeated');
  assert.equal(applied, 1);
  assert.equal((await listEvents(pool, appid, null, 10)).length, 1);
});

test('followers are kept current in the order of CreateTime, however events arrive and group', async () => {
  const appid = await makeAccount();
  const takers = [makeTaker(), makeTaker()];
  const openids = Array.from({ length: 40 }, (_, i) => `o${i}`);
  // Each is followed, left, scanned and left again; the last word is at 400 for even, 300 for odd ones.
  const all = openids.flatMap((openid, i) => [
    event('follow', openid, 100),
    event('unfollow', openid, 200),
    event('scan', openid, 300),
    ...(i % 2 === 0 ? [event('unfollow', openid, 400)] : []),
  ]);
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 0x7fff_ffff;
    return seed / 0x7fff_ffff;
  };
  const shuffled = all
    .flatMap((one) => [one, one])
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at);
  const outcomes = await Promise.all(shuffled.map(({ one }, i) => takers[i % 2]?.take(appid, one, 100)));
  assert.equal(outcomes.filter((one) => one === 'new').length, all.length);
  assert.deepEqual(
    await contacts(appid),
    openids
      .map((openid, i) => ({ openid, follows: i % 2 === 1, at: i % 2 === 0 ? 400 : 300 }))
      .sort((a, b) => (a.openid < b.openid ? -1 : 1)),
  );
  const counts = await countContacts(pool, appid);
  assert.deepEqual([counts.following, counts.unfollowed], [20, 20]);
  // Events from long ago come late.
  await takers[0]?.take(appid, event('follow', 'o0', 50, 'old'), 100);
  assert.equal((await contacts(appid))[0]?.follows, false);
});

test('a poisoned event is stored, holds up nobody, and is tried again later', async () => {
  const appid = await makeAccount();
  let isMended = false;
  const effects: NamedEffect[] = [
    {
      ...{ name: 'picky', types: ['follow'] },
      effect: async (client, events) => {
        await client.query('select count(*) from contacts');
        if (!isMended && events.some(({ event: { openid } }) => openid === 'o13')) throw new TypeError('o13');
      },
    },
    ...eventEffects,
  ];
  const taker = makeTaker({ effects });
  const openids = Array.from({ length: 30 }, (_, i) => `o${i}`);
  const outcomes = await Promise.all(openids.map((one) => taker.take(appid, event('follow', one, 100), 100)));
  assert.deepEqual(new Set(outcomes), new Set(['new']));
  assert.equal((await contacts(appid)).length, 30, 'what follows otherwise does');
  const pending = async (): Promise<[string, string[] | null][]> =>
    (await listEvents(pool, appid, null, 100))
      .filter((one) => one.pending !== null)
      .map((one) => [one.openid, one.pending]);
  assert.deepEqual(await pending(), [['o13', ['picky']]]);
  assert.notEqual(await repeatOne(pool, effects, silentLogger), null);
  assert.deepEqual(await pending(), [['o13', ['picky']]]);
  assert.equal(await repeatOne(pool, effects, silentLogger), null, 'not again at once');
  isMended = true;
  await pool.query("update events set received_at = received_at - interval '1 h' where appid = $1", [appid]);
  await repeatOne(pool, effects, silentLogger);
  assert.deepEqual(await pending(), []);
});

test('a contact that somebody else holds does not hold up the event', async () => {
  const appid = await makeAccount();
  const taker = makeTaker();
  await taker.take(appid, event('follow', 'o1', 100), 100);
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('select 1 from contacts where appid = $1 for update', [appid]);
  try {
    assert.equal(await taker.take(appid, event('unfollow', 'o1', 200), 100), 'new');
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  assert.equal((await contacts(appid))[0]?.follows, true);
  await repeatOne(pool, eventEffects, silentLogger);
  assert.equal((await contacts(appid))[0]?.follows, false);
});

test('an event that the database refuses is refused alone, and the others of its group are stored', async () => {
  const appid = await makeAccount();
  const taker = makeTaker();
  await pool.query(`create function refuse_one() returns trigger language plpgsql as
    $$ begin if new.openid = 'refused' then raise 'no such event' using errcode = '22000'; end if; return new; end $$`);
  await pool.query(
    'create trigger refuse_one before insert on events for each row execute function refuse_one()',
  );
  try {
    const openids = ['o1', 'o2', 'refused', 'o3', 'o4'];
    const taken = await Promise.allSettled(
      openids.map((openid) => taker.take(appid, event('follow', openid, 100), 100)),
    );
    assert.deepEqual(
      taken.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.code)),
      ['new', 'new', 'EVENT_UNSTORABLE', 'new', 'new'],
    );
    assert.equal((await contacts(appid)).length, 4);
  } finally {
    await pool.query('drop function refuse_one cascade');
  }
});

test('more than the database takes is refused at once', async () => {
  const appid = await makeAccount();
  const taker = makeTaker({ pool: linkedPool() });
  link.down();
  const waiting = Array.from({ length: 8 }, (_, i) =>
    taker.take(appid, event('follow', `o${i}`, 100), 8 * 1024 * 1024),
  );
  assert.throws(() => void taker.take(appid, event('follow', 'o9', 100), 1024), { code: 'EVENTS_BUSY' });
  link.up();
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['new']));
});

test('partitions are made ahead, take over what came before them, and go with their time', async () => {
  const day = 86_400;
  const now = Math.floor(Date.now() / 1000);
  const appid = await makeAccount();
  const taker = makeTaker({ effects: [] });
  await pool.query(
    "do $$ declare t text; begin for t in select c.relname from pg_inherits join pg_class c on c.oid = inhrelid where inhparent = 'events'::regclass and c.relname <> 'events_default' loop execute 'drop table ' || t; end loop; end $$",
  );
  for (const at of [now, now + day, now - 400 * day, 0])
    await taker.take(appid, event('unknown', 'o1', at), 100);
  const where = async (): Promise<Record<string, number>> => {
    const { rows } = await pool.query<{ name: string; n: number }>(
      'select tableoid::regclass::text as name, count(*) as n from events where appid = $1 group by 1',
      [appid],
    );
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
  };
  assert.deepEqual(await where(), { events_default: 4 });
  const name = (at: number): string =>
    `events_${new Date(at * 1000).toISOString().slice(0, 10).replaceAll('-', '')}`;
  const [first, second] = await Promise.all([maintainEventPartitions(pool), maintainEventPartitions(pool)]);
  assert.equal(first.made + second.made, 9);
  assert.deepEqual(await where(), { events_default: 2, [name(now)]: 1, [name(now + day)]: 1 });
  assert.equal(await taker.take(appid, event('unknown', 'o1', now), 100), 'repeated');
  await setEventDays(pool, 30);
  // A month and some days later.
  const later = await maintainEventPartitions(pool, (now + 33 * day) * 1000);
  assert.equal(later.made, 9);
  assert.deepEqual(await where(), { events_default: 2 });
  assert.equal(await taker.take(appid, event('unknown', 'o1', now + 33 * day), 100), 'new');
  assert.equal((await where())[name(now + 33 * day)], 1);
});

test('an event on its way to the default partition while its day gets one is stored all the same', async () => {
  const appid = await makeAccount();
  const taker = makeTaker({ effects: [] });
  const at = Math.floor(Date.UTC(2031, 0, 1) / 1000);
  const maker = await pool.connect();
  try {
    await maker.query('begin');
    await maker.query('lock table events_default in access exclusive mode');
    const taken = taker.take(appid, event('unknown', 'o1', at), 100);
    await until('it waits', async () => {
      const { rows } = await pool.query(
        "select 1 from pg_locks where not granted and relation = 'events_default'::regclass",
      );
      return rows.length > 0;
    });
    await maker.query('create table events_20310101 (like events including defaults including constraints)');
    await maker.query(
      "alter table events attach partition events_20310101 for values from ('2031-01-01Z') to ('2031-01-02Z')",
    );
    await maker.query('commit');
    assert.equal(await taken, 'new');
  } finally {
    maker.release();
  }
  const { rows } = await pool.query('select tableoid::regclass::text as name from events where appid = $1', [
    appid,
  ]);
  assert.deepEqual(rows, [{ name: 'events_20310101' }]);
});

test('a sync does not undo what events said meanwhile', async () => {
  const { openFollowerSync, storeFollowerPage, finishFollowerSync } = await import(
    '../../src/store/accounts/follower-syncs.ts'
  );
  const appid = await makeAccount();
  const taker = makeTaker();
  const { sync } = await openFollowerSync(pool, appid, 12);
  const later = Math.floor(sync.startedAt.getTime() / 1000) + 1;
  await until('the second begins', async () => Date.now() / 1000 > later);
  await taker.take(appid, event('follow', 'came', later), 100);
  await taker.take(appid, event('unfollow', 'left', later), 100);
  // The page was fetched before both.
  await storeFollowerPage(pool, appid, sync, { openids: ['left', 'stays'], nextOpenid: '', total: 2 });
  await finishFollowerSync(pool, appid, sync.id);
  assert.deepEqual(
    (await contacts(appid)).map(({ openid, follows }) => [openid, follows]),
    [
      ['came', true],
      ['left', false],
      ['stays', true],
    ],
  );
});
