import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { errorCode } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { claimChunk } from '../../src/store/campaigns/chunks.ts';
import { type Flush, flushChunk } from '../../src/store/campaigns/flush.ts';
import { explainDatabaseError } from '../../src/store/database/explain.ts';
import { openJobs } from '../../src/store/database/jobs.ts';
import { removeNode, takeNodeLease } from '../../src/store/database/nodes.ts';
import { createPool, inTransaction } from '../../src/store/database/pool.ts';
import { insertMessages } from '../../src/store/messages/messages.ts';
import { claimMessages } from '../../src/store/messages/open-messages.ts';
import { lookAt } from '../../src/store/restore/look.ts';
import { RestoreGuard } from '../../src/store/restore/restore-guard.ts';
import { openStore } from '../../src/store/store.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { manualClock } from '../support/manual-clock.ts';
import { createTestDatabase } from '../support/postgres.ts';

/** What a guard says of restores: why, by whom it was noticed. */
function listen(): { why: string[]; logger: typeof silentLogger } {
  const why: string[] = [];
  const error = (fields: object): void => {
    if ('why' in fields) why.push(String(fields.why));
  };
  return { why, logger: { ...silentLogger, error } };
}

async function assertHeld(scene: Scene, id: number): Promise<void> {
  const { state, stateReason } = await scene.find(id);
  assert.deepEqual([state, stateReason], ['paused', 'restored']);
}

test('a node that does not find its own renewals again has them forgotten with everything else', async () => {
  const scene = await makeScene('mp-subscribe');
  const { why, logger } = listen();
  const { env } = scene.site.cli;
  const store = await openStore({
    connection: { connectionString: env.HONGYAN_DATABASE_URL },
    sealer: scene.site.store.sealer,
    logger,
  });
  const clients = new AccountClients({ store, logger });
  const engine = await startEngine({ store, clients, logger, role: 'serve', version: '0' });
  try {
    const beat = async (): Promise<number> =>
      (await scene.pool.query<{ beat: number }>('select beat from nodes where id = $1', [engine.nodeId]))
        .rows[0]?.beat ?? 0;
    await until('its lease was renewed', async () => (await beat()) > 0);
    // As in a copy of before it, in a cluster whose log has gone on.
    await scene.pool.query('update nodes set beat = beat - 1');
    await until('it is noticed', async () => why.length > 0);
    assert.deepEqual(why, ['beat']);
    await until('it goes on', async () => (await beat()) > 0);
    await until('… and is content', async () => {
      await store.installation.guard.glance();
      return true;
    });
    assert.deepEqual(why, ['beat'], 'once');
  } finally {
    await engine.stop();
    await clients.close();
    await store.close();
  }
});

test('a renewal is missing only in the history that it was made in', async () => {
  const { site } = await makeScene('mp-subscribe');
  const client = new pg.Client(site.database.connection);
  await client.connect();
  try {
    const lost = async (history: string): Promise<boolean | undefined> => {
      const beats = [{ nodeId: randomUUID(), beat: 5, history }];
      return (await lookAt(client, { beats, acknowledged: null }))?.lostBeat;
    };
    const { history } = site.store.installation.guard;
    assert.deepEqual([await lost(history), await lost(randomUUID())], [true, false]);
  } finally {
    await client.end();
  }
});

test('a row of a node that others took for dead, because it slept for a day, was not forgotten by the database', async () => {
  const scene = await makeScene('mp-subscribe');
  const { pool } = scene;
  const { why, logger } = listen();
  const clock = manualClock();
  const guard = new RestoreGuard(logger, null, clock);
  const looking = createPool({ ...scene.site.database.connection }, { guard, max: 1 });
  await guard.start(looking);
  try {
    const node = { id: randomUUID(), role: 'serve', version: '0' } as const;
    const { beat } = await takeNodeLease(pool, node, 1, 10_000);
    guard.sawBeat({ nodeId: node.id, beat, history: guard.history });
    await guard.glance();
    // The lid is closed on a Friday; on Saturday another node ends, and removes the rows of the dead.
    await pool.query("update nodes set seen_at = seen_at - interval '25 hours'");
    await removeNode(pool, randomUUID());
    assert.equal((await pool.query('select 1 from nodes where id = $1', [node.id])).rows.length, 0);
    clock.suspend(25 * 3_600_000);
    await guard.glance();
    assert.deepEqual(why, []);
    // One that was awake is right.
    guard.sawBeat({ nodeId: node.id, beat, history: guard.history });
    await guard.glance();
    assert.deepEqual(why, ['beat']);
  } finally {
    await looking.end();
  }
});

test('the same copy put back twice is noticed twice, and a new history is taken over by the other processes', async () => {
  const scene = await makeScene('mp-subscribe');
  const { pool } = scene;
  const connection = { ...scene.site.database.connection };
  const guards = ['first', 'second'].map(() => {
    const { why, logger } = listen();
    return { why, guard: new RestoreGuard(logger, null) };
  });
  const [first, second] = guards;
  assert.ok(first !== undefined && second !== undefined);
  const pools = guards.map(({ guard }) => createPool(connection, { guard, max: 2 }));
  for (const [i, { guard }] of guards.entries()) await guard.start(pools[i] ?? pool);
  try {
    const { rows } = await pool.query(
      'select history_id, history_at, system_identifier, timeline from installation',
    );
    const { history_id, history_at, system_identifier, timeline } = rows[0] ?? {};
    const putBack = async (): Promise<void> => {
      await pool.query(
        'update installation set history_id = $1, history_at = $2, system_identifier = $3, timeline = $4',
        [history_id, history_at, system_identifier, timeline],
      );
    };
    await pool.query('update installation set timeline = timeline - 1');
    await first.guard.glance();
    assert.deepEqual(first.why, ['timeline']);
    const id = await scene.campaign(5);
    await second.guard.glance();
    assert.deepEqual(second.why, [], 'it was dealt with');
    assert.equal((await scene.find(id)).state, 'running', 'and what began since goes on');
    assert.equal(second.guard.history, first.guard.history);

    for (const times of [1, 2]) {
      await putBack();
      await second.guard.glance();
      assert.equal(second.why.filter((one) => one === 'history').length, times);
      await assertHeld(scene, id);
      await scene.resume(id);
      await first.guard.glance();
      assert.equal((await scene.find(id)).state, 'running');
    }
    assert.deepEqual(first.why, ['timeline']);
  } finally {
    for (const one of pools) await one.end();
  }
});

test('what comes first through a new connection finds everything held', async () => {
  const scene = await makeScene('mp-subscribe');
  const { why, logger } = listen();
  const guard = new RestoreGuard(logger, null);
  const pool = createPool({ ...scene.site.database.connection }, { guard, max: 1 });
  await guard.start(pool);
  const id = await scene.campaign(5);
  try {
    await scene.pool.query('update installation set timeline = timeline - 1');
    await pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
    const { rows } = await pool.query('select state, state_reason as reason from campaigns where id = $1', [
      id,
    ]);
    assert.deepEqual(rows, [{ state: 'paused', reason: 'restored' }]);
    assert.deepEqual(why, ['timeline']);
  } finally {
    await pool.end();
  }
});

test('a session that nobody has looked through claims nothing and releases nothing, and is replaced', async () => {
  const scene = await makeScene('mp-subscribe');
  const id = await scene.campaign(5);
  const { guard } = scene.site.store.installation;
  // As if a proxy had another server behind it since this connection was made: nobody hears of that.
  let looks = 0;
  const pool = createPool(
    { ...scene.site.database.connection },
    { max: 1, guard: { look: async (client) => (++looks % 2 === 1 ? undefined : await guard.look(client)) } },
  );
  const owner = randomUUID();
  const isUnchecked = (error: unknown): boolean => {
    assert.equal(errorCode(error), '57H01');
    assert.equal(errorCode(explainDatabaseError(error)), 'DATABASE_SESSION');
    return true;
  };
  const claim = (): Promise<unknown> => claimChunk(pool, id, owner, 60_000, 0, []);
  const insert = (): Promise<unknown> =>
    inTransaction(pool, async () => {}).then(() =>
      insertMessages(pool, { owner, epoch: 1, batch: 1, history: guard.history }, [messageOf(scene)]),
    );
  try {
    await assert.rejects(claim, isUnchecked);
    assert.equal((await scene.chunks(id))[0]?.epoch, 0);
    assert.notEqual(await claim(), null, 'through the next connection');
    // The same for a statement in a transaction, whose connection would go back to the pool.
    await pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
    const inside = (): Promise<unknown> =>
      inTransaction(pool, (client) => client.query('select on_checked_session()'));
    await assert.rejects(inside, isUnchecked);
    await inside();
    await pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
    await assert.rejects(insert, isUnchecked);
    assert.equal((await scene.pool.query('select 1 from messages')).rows.length, 0);
    await insert();
    assert.equal(looks, 6);
    // What only releases: a flush of a chunk, and a claim of what waits.
    const chunk = await claimChunk(scene.pool, await scene.campaign(5), owner, 60_000, 0, []);
    assert.ok(chunk !== null);
    const flush = (): Promise<unknown> => flushChunk(pool, { ...emptyFlush, claim: chunk });
    await pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
    await assert.rejects(flush, isUnchecked);
    assert.equal((await scene.chunks(chunk.campaignId))[0]?.watermark, 0);
    await flush();
    assert.equal((await scene.chunks(chunk.campaignId))[0]?.watermark, 5);
    await scene.pool.query('update open_messages set owner = null');
    await scene.pool.query(
      "insert into nodes (id, host, pid, role, version) values ($1, '', 0, 'serve', '')",
      [owner],
    );
    await pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
    const take = { owner, epoch: 1, batch: 2 };
    await assert.rejects(claimMessages(pool, take, scene.account.appid, 'kf', 1), isUnchecked);
    assert.equal((await claimMessages(pool, take, scene.account.appid, 'kf', 1)).messages.length, 1);
  } finally {
    await pool.end();
  }
});

const emptyFlush: Omit<Flush, 'claim'> = {
  ...{ group: 1, facts: [], watermark: 5, recount: false, end: 'keep', notBeforeMs: null },
  counts: {
    accepted: 0,
    rejected: 0,
    unknown: 0,
    held: 0,
    outcomes: { rejected: {}, unknown: {}, unsent: {} },
  },
  ...{ leaseMs: 1_000, now: { monotonic: 0, wall: 0 }, doubtFrom: { monotonic: 0, wall: 0 } },
};

function messageOf({ account }: Scene): Parameters<typeof insertMessages>[2][number] {
  return {
    ...{ uuid: randomUUID(), appid: account.appid, channel: 'kf', openid: account.openid(0) },
    ...{
      templateId: null,
      key: null,
      ref: null,
      alternatives: null,
      fingerprint: 'aa',
      body: '{}',
      validUntil: null,
    },
    ...{ includeNoCredit: false, claim: true },
  };
}

test('a database that is not the one that it was is not used: an empty one, or another installation’s', async () => {
  const scene = await makeScene('mp-subscribe');
  const { guard } = scene.site.store.installation;
  const isAnother = (error: unknown): boolean =>
    errorCode(explainDatabaseError(error)) === 'DATABASE_EXCHANGED';
  const empty = createPool({ ...(await createTestDatabase()).connection }, { guard });
  await assert.rejects(empty.query('select 1'), isAnother);
  await empty.end();
  const other = await makeScene('mp-subscribe');
  await other.pool.query('update installation set uuid = gen_random_uuid()'); // those of the tests are copies
  const strange = createPool({ ...other.site.database.connection }, { guard });
  await assert.rejects(strange.query('select 1'), isAnother);
  await strange.end();
});

test('the connections of background jobs are looked at too', async () => {
  const scene = await makeScene('mp-subscribe');
  let looks = 0;
  const jobs = await openJobs({ ...scene.site.database.connection }, silentLogger, {
    look: async () => {
      looks++;
    },
  });
  await jobs.stop(1_000);
  assert.ok(looks > 0);
});
