import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { pruneEvents } from '../../src/engine/events/retention.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import type { CallbackSettings } from '../../src/store/events/callbacks.ts';
import { maintainEventPartitions } from '../../src/store/events/event-partitions.ts';
import { setEventDays } from '../../src/store/events/event-terms.ts';
import { maintainReceiptPartitions } from '../../src/store/events/receipt-partitions.ts';
import { addCallbackAccount } from '../support/callback/site.ts';
import { makeSite } from '../support/campaign.ts';
import { lastJson, until } from '../support/cli.ts';
import { makeEvent, makePush, send } from '../support/push.ts';

const site = await makeSite();
const { cli, store } = site;
const { pool } = store;
const [short, long, other] = ['wx00000000000000d1', 'wx00000000000000d2', 'wx00000000000000d3'] as const;
for (const appid of [short, long, other])
  await saveAccount(pool, store.sealer, {
    ...{ appid, kind: 'service', name: '', secret: null, baseUrl: null, proxy: null },
    tokenSource: 'none',
  });

/** An event and a receipt of each account of so many days ago. */
async function happened(...days: number[]): Promise<void> {
  await pool.query(
    `insert into events (appid, created_at, key, type, openid, fields, received_at)
     select appid, t, 'k' || days, 'message', 'o', '{}', t from accounts, unnest($1::integer[]) as days,
       lateral (select date_trunc('second', clock_timestamp()) - make_interval(days => days) as t)`,
    [days],
  );
  await pool.query(
    `insert into receipts (appid, created_at, msgid, status, openid, received_at)
     select appid, t, days, 1, 'o', t from accounts, unnest($1::integer[]) as days,
       lateral (select date_trunc('second', clock_timestamp()) - make_interval(days => days) as t)`,
    [days],
  );
}

/** The ages of what is left, by account. */
async function left(table: 'events' | 'receipts', appid: string): Promise<number[]> {
  const { rows } = await pool.query<{ days: number }>(
    `select round(extract(epoch from clock_timestamp() - created_at) / 86400)::integer as days from ${table}
     where appid = $1 order by 1`,
    [appid],
  );
  return rows.map(({ days }) => days);
}

test('an account keeps its events and receipts as long as it says, and the others as the installation', async () => {
  const rules = async (appid: string, ...flags: string[]): Promise<Record<string, unknown>> =>
    lastJson(await cli.ok(['accounts', 'rules', appid, ...flags, '--json']));
  assert.equal((await rules(short, '--keep-events', '10')).keepEventDays, 10);
  await rules(long, '--keep-events', '200');
  assert.equal((await rules(long, '--keep-audit', '184')).keepAuditDays, 184);
  assert.match(await cli.ok(['accounts', 'rules', other]), /keep events +as the installation/);
  assert.match(await cli.fails(2, ['accounts', 'rules', long, '--keep-audit', '183']), /--keep-audit.*184/);
  await rules(long, '--keep-audit', 'off');
  await setEventDays(pool, 30);
  await happened(1, 9, 12, 29, 40, 199, 300);
  // In the first moment of its day and of its month.
  await pool.query(
    `with first as (select date_trunc('month', now() - interval '3 months', 'UTC') as at),
       event as (insert into events (appid, created_at, key, type, openid, fields, received_at)
         select $1, at, 'first', 'message', 'o', '{}', at from first)
     insert into receipts (appid, created_at, msgid, status, openid, received_at) select $1, at, 1000, 1, 'o', at from first`,
    [short],
  );
  for (const work of [maintainEventPartitions, maintainReceiptPartitions]) await work(pool);
  // Another one's longer term keeps nothing of theirs.
  assert.ok((await pruneEvents({ pool, logger: silentLogger })) > 0);
  for (const table of ['events', 'receipts'] as const) {
    assert.deepEqual(await left(table, short), [1, 9], table);
    assert.deepEqual(await left(table, other), [1, 9, 12, 29], table);
    assert.deepEqual((await left(table, long)).slice(0, 6), [1, 9, 12, 29, 40, 199], table);
  }
  assert.equal(await pruneEvents({ pool, logger: silentLogger }), 0);
  await pool.query('delete from events');
  await pool.query('delete from receipts');
});

test('an event of which a webhook is still to be told stays, however old it is, until that is given up', async () => {
  await happened(50);
  await pool.query(`update events set pending = '{webhooks}', tries = 3 where appid = $1`, [short]);
  await pruneEvents({ pool, logger: silentLogger });
  assert.deepEqual([await left('events', short), await left('events', other)], [[50], []]);
  // Nodes that stood still for months come back: its partition, or the default one, is as old as any.
  const { rows } = await pool.query<{ day: string }>(
    `select to_char(created_at at time zone 'UTC', 'YYYYMMDD') as day from events where appid = $1`,
    [short],
  );
  await pool.query(`update accounts set keep_event_days = null where appid = $1`, [long]);
  await maintainEventPartitions(pool);
  assert.deepEqual(await left('events', short), [50]);
  const day = rows[0]?.day ?? '';
  await pool.query(`create table moved as table events with data`);
  await pool.query('delete from events');
  await pool.query(
    `create table events_${day} partition of events for values from ('${day} 00:00Z') to (timestamptz '${day} 00:00Z' + interval '1 day')`,
  );
  await pool.query(
    `insert into events (appid, created_at, key, received_at, type, openid, fields, pending, tries)
     select appid, created_at, key, received_at, type, openid, fields, pending, tries from moved`,
  );
  await maintainEventPartitions(pool);
  assert.deepEqual(await left('events', short), [50]);
  await pool.query('update events set tries = 10');
  assert.equal((await maintainEventPartitions(pool)).dropped, 1);
  assert.deepEqual(await left('events', short), []);
  await pool.query('drop table moved');
  await pool.query('delete from receipts');
});

test('a node removes them by itself', async () => {
  await happened(5, 20);
  const clients = new AccountClients({ store, logger: silentLogger });
  const engine = await startEngine({ store, clients, logger: silentLogger, role: 'serve', version: '0' });
  try {
    await (await store.jobs()).send(pool, 'prune', {}, randomUUID());
    await until('it is gone', async () => (await left('events', short)).length === 1);
  } finally {
    await engine.stop();
    await clients.close();
  }
  assert.deepEqual([await left('events', short), await left('events', other)], [[5], [5, 20]]);
});

test('an event whose CreateTime is invented is kept for as long as it lies here', async () => {
  await pool.query(
    `insert into events (appid, created_at, key, type, openid, fields) values ($1, '1971-01-01T00:00:00Z', 'old', 'message', 'o', '{}')`,
    [short],
  );
  await pruneEvents({ pool, logger: silentLogger });
  const { rows } = await pool.query(`select key from events where appid = $1 and key = 'old'`, [short]);
  assert.equal(rows.length, 1);
});

test('a push that is older than its account keeps is not taken: it could not be known again', async () => {
  const serve = cli.start(['serve'], { env: { HONGYAN_LISTEN: '127.0.0.1:0' } });
  const [, url = ''] = await serve.printed(/Listening on (http:\S+)/);
  const daysAgo = (days: number): number => Math.floor(Date.now() / 1000) - days * 86_400;
  const [brief, usual] = [
    await addCallbackAccount(site, 'service'),
    await addCallbackAccount(site, 'service'),
  ];
  const taken = async (one: CallbackSettings, days: number): Promise<boolean> => {
    const event = { ...makeEvent('SCAN', { EventKey: 'a' }), CreateTime: daysAgo(days) };
    return (await send(url, one.appid, makePush(one, event, daysAgo(days)))).body === 'success';
  };
  for (const one of [brief, usual]) await until('it is known', () => taken(one, 3));
  await cli.ok(['accounts', 'rules', brief.appid, '--keep-events', '2']);
  // A change is seen within some seconds.
  await until('its own term holds', async () => !(await taken(brief, 3)));
  assert.deepEqual(
    [await taken(brief, 1), await taken(usual, 3), await taken(usual, 31)],
    [true, true, false],
  );
  assert.equal((await serve.kill('SIGTERM')).code, 0);
});
