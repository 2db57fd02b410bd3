import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addSuppressions, listSuppressions } from '../../src/app/accounts/suppressions.ts';
import { action } from '../../src/app/action.ts';
import { type Actor, terminalActor } from '../../src/app/actor.ts';
import type { App } from '../../src/app/app.ts';
import { failure } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { pruneAudit } from '../../src/engine/access/retention.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { listAudit } from '../../src/store/access/audit.ts';
import { removeOldAudit } from '../../src/store/access/audit-removal.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { makeSite } from '../support/campaign.ts';
import { signal } from '../support/in-time.ts';

const appid = 'wx00000000000000aa';
const other = 'wx00000000000000bb';
const openids = ['oAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'oBBBBBBBBBBBBBBBBBBBBBBBBBBB'];

// At the top: what it closes at the end of the file belongs to the file.
const site = await makeSite();

describe('an action', () => {
  const { store } = site;
  const clients = new AccountClients({ store, logger: silentLogger });
  const app: App = { store, clients, logger: silentLogger };
  before(async () => {
    for (const one of [appid, other])
      await saveAccount(store.pool, store.sealer, {
        appid: one,
        kind: 'service',
        name: '',
        tokenSource: 'none',
        secret: null,
        baseUrl: null,
        proxy: null,
      });
  });
  after(() => clients.close());

  const terminal = terminalActor('ming', 'office', 'en');
  const limited: Actor = {
    ...terminal,
    kind: 'key',
    id: 'k1',
    name: 'reporting',
    permissions: new Set(['contact.read']),
    accounts: new Set([appid]),
  };
  const trail = async (name: string) =>
    await listAudit(app.store.pool, {
      ...{ appid: null, action: name, who: null, outcome: null, from: null, to: null },
      ...{ before: null, limit: 10, accounts: null },
    });
  const removals = () => trail('audit.remove');

  test('of somebody who may: is done, and is one entry with what came of it and no openid', async () => {
    const input = { appid, pages: pages(openids), note: 'asked' };
    assert.deepEqual(await addSuppressions(app, terminal, input), { added: 2 });
    const [entry, ...rest] = await trail('suppressions.add');
    assert.equal(rest.length, 0);
    assert.equal(entry?.outcome, 'done');
    assert.equal(entry?.actorName, 'ming');
    assert.equal(entry?.appid, appid);
    assert.deepEqual(entry?.input, { note: 'asked' });
    assert.deepEqual(entry?.after, { added: 2 });
    assert.doesNotMatch(JSON.stringify(entry), /oAAAA/);
  });

  test('without the permission: does nothing, and the refusal is an entry', async () => {
    const input = { appid: other, pages: pages(openids), note: '' };
    await assert.rejects(addSuppressions(app, { ...limited, accounts: 'all' }, input), { code: 'FORBIDDEN' });
    const { suppressions } = await listSuppressions(app, terminal, { appid: other, after: '', limit: 10 });
    assert.deepEqual(suppressions, []);
    const [entry] = await trail('suppressions.add');
    assert.deepEqual([entry?.outcome, entry?.code, entry?.actorId], ['refused', 'FORBIDDEN', 'k1']);
  });

  test('for another account: is refused, and for its own it reads', async () => {
    const page = { after: '', limit: 10 };
    await assert.rejects(listSuppressions(app, limited, { appid: other, ...page }), { code: 'FORBIDDEN' });
    const { suppressions } = await listSuppressions(app, limited, { appid, ...page });
    assert.equal(suppressions.length, 2);
  });

  test('that finds its account as it runs: asks again for that one', async () => {
    const late = action<{ of: string }, string>(
      { name: 'late.look', permission: 'contact.read', audit: 'change' },
      async (_app, { of }, context) => {
        await context.require(of);
        return of;
      },
    );
    assert.equal(await late(app, limited, { of: appid }), appid);
    await assert.rejects(late(app, limited, { of: other }), { code: 'FORBIDDEN' });
    const outcomes = (await trail('late.look')).map((one) => [one.outcome, one.appid]);
    assert.deepEqual(outcomes, [
      ['failed', other],
      ['refused', other],
      ['done', appid],
    ]);
  });

  test('that fails: keeps its error, and is an entry with its code', async () => {
    const broken = action<object, never>(
      { name: 'broken.do', permission: 'account.manage', audit: 'change' },
      () => {
        throw failure('FORBIDDEN', { actor: 'x', permission: 'y' });
      },
    );
    await assert.rejects(broken(app, terminal, {}), { code: 'FORBIDDEN' });
    const [entry] = await trail('broken.do');
    assert.deepEqual([entry?.outcome, entry?.code], ['failed', 'FORBIDDEN']);
  });

  test('whose process ends midway: is an entry that says when it began', async () => {
    const started = signal('the action has begun');
    const hanging = action<object, void>(
      { name: 'hanging.do', permission: 'account.manage', audit: 'change' },
      () => {
        started.give();
        return new Promise(() => {}); // as far as the database can tell, its process was killed
      },
    );
    hanging(app, terminal, {}).catch(() => {});
    await started.promise;
    const [entry] = await trail('hanging.do');
    assert.equal(entry?.outcome, 'began');
  });

  test('leaves rows that nobody can change, or remove before their time', async () => {
    const { pool } = app.store;
    const refused = /never changed/;
    await assert.rejects(pool.query(`update audit set actor_name = 'somebody else'`), refused);
    await assert.rejects(pool.query('delete from audit'), refused);
    await assert.rejects(pool.query('truncate audit'), refused);
    const written = (days: number, outcome: string, beganId: string | null): Promise<string> =>
      pool
        .query<{ id: string }>(
          `insert into audit (at, outcome, began_id, action, actor_kind, actor_id, actor_name, input)
           values (clock_timestamp() - make_interval(days => $1), $2, $3::bigint, 'old.do', 'terminal', 'x', 'x', '{}')
           returning id::text`,
          [days, outcome, beganId],
        )
        .then(({ rows }) => rows[0]?.id ?? '');
    const kept = async (): Promise<string[]> =>
      (
        await pool.query<{ id: string }>(
          `select id::text from audit where action = 'old.do' order by audit.id`,
        )
      ).rows.map(({ id }) => id);
    const remove = (days: number, limit: number) => removeOldAudit(pool, { appid: null, days }, limit);
    for (let i = 0; i < 3; i++) await written(367, 'done', await written(367, 'began', null));
    await written(368, 'refused', null);
    // Its outcome still has its time, so what began it stays too.
    const half = await written(367, 'began', null);
    const rest = [half, await written(364, 'done', half), await written(200, 'done', null)];
    const before = (await pool.query('select 1 from audit')).rows.length;
    assert.deepEqual([await remove(365, 3), await remove(365, 3)], [3, 1]);
    assert.deepEqual(await kept(), rest);
    assert.equal((await pool.query('select 1 from audit')).rows.length, before - 7 + 2, 'nothing else went');
    const [said] = await removals();
    assert.deepEqual(
      [
        said?.actorKind,
        said?.outcome,
        said?.input,
        (said?.after as { actions: number } | undefined)?.actions,
      ],
      ['program', 'done', { days: 365 }, 1],
    );
    await written(365, 'done', null);
    assert.equal(await remove(365, 9), 0, 'once a day, and not with every row');
    assert.equal((await removals()).length, 2);
    assert.equal(await remove(190, 9), 3, 'as long as the setting says');
    assert.deepEqual(await kept(), []);
    await written(20, 'done', null);
    await assert.rejects(remove(10, 9), refused, 'however short it is said to be');
    await written(180, 'done', null);
    await assert.rejects(remove(100, 9), refused, 'six months at least');
  });

  test('an account keeps its audit as long as it says, and the others as the installation', async () => {
    const { pool } = app.store;
    const [short, long, other] = ['wx00000000000000c1', 'wx00000000000000c2', 'wx00000000000000c3'];
    for (const [appid, days] of [
      [short, 190],
      [long, 700],
      [other, null],
    ] as const)
      await pool.query(
        `insert into accounts (appid, kind, token_source, keep_audit_days) values ($1, 'service', 'none', $2)`,
        [appid, days],
      );
    for (const appid of [short, long, other, null, 'wx00000000000000c4'])
      for (const days of [180, 192, 300, 400, 702])
        await pool.query(
          `insert into audit (at, outcome, action, actor_kind, actor_id, actor_name, appid, input)
           values (clock_timestamp() - make_interval(days => $1), 'done', 'term.do', 'terminal', 'x', 'x', $2, '{}')`,
          [days, appid],
        );
    await pruneAudit({ pool, logger: silentLogger }, 365);
    const { rows } = await pool.query<{ appid: string; days: number[] }>(
      `select coalesce(appid, 'none') as appid, array_agg(extract(day from clock_timestamp() - at)::integer order by at desc) as days
       from audit where action = 'term.do' group by 1`,
    );
    const removed = [180, 192, 300];
    assert.deepEqual(Object.fromEntries(rows.map(({ appid, days }) => [appid, days])), {
      [short]: [180],
      [long]: [180, 192, 300, 400],
      [other]: removed,
      none: removed,
      wx00000000000000c4: removed,
    });
    const said = await removals();
    assert.deepEqual(
      said.slice(0, 3).map((one) => one.appid),
      [long, short, null],
    );
  });
});

async function* pages(list: string[]): AsyncGenerator<string[]> {
  yield list;
}
