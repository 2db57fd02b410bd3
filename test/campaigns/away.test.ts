import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { makeSite } from '../support/campaign.ts';
import { lastJson, type RunningCli, until } from '../support/cli.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

/** Where a command's connection is cut: what it is about to write there is not written. */
const places = {
  excludes: 'insert on exclusions for each row',
  'is handed over': `update on campaigns for each row when (old.state = 'staging' and new.state = 'planning')`,
  'begins a node': 'insert on nodes for each row',
  confirms:
    'update on campaigns for each row when (old.confirmed_by is null and new.confirmed_by is not null)',
  /** The campaign runs by then: to the command it is as if the answer to its confirmation were lost. */
  'has confirmed': `insert on audit for each row when (new.action = 'campaigns.confirm' and new.outcome = 'done')`,
  discards: `update on campaigns for each row when (old.state <> 'cancelled' and new.state = 'cancelled')`,
};
type Place = keyof typeof places;
/** Any number that no advisory lock of ours has. */
const heldLock = 424_242;

const site = await makeSite();
const people = 100;
const wechat = await startWechat({ followers: people, accounts: [{ kind: 'service' }] });
const [account] = wechat.accounts;
assert.ok(account);
const { appid } = account;
let holder: pg.PoolClient;

before(async () => {
  const { pool } = site.store;
  await site.add(wechat, account);
  holder = await pool.connect();
  await holder.query(`select pg_advisory_lock(${heldLock})`);
  await pool.query(`create function hongyan.wait_once() returns trigger language plpgsql as $$ begin
    if nextval(tg_argv[0]::regclass) = 1 then perform pg_advisory_xact_lock_shared(${heldLock}); end if;
    return new; end $$`);
  for (const [i, when] of Object.values(places).entries())
    await pool.query(`create sequence hongyan.place_${i} start 2;
      create trigger place_${i} before ${when} execute function hongyan.wait_once('hongyan.place_${i}')`);
});

/** From now on the next one there waits until this test has cut its connection. */
async function arm(...armed: Place[]): Promise<void> {
  for (const place of armed)
    await holder.query('select setval($1, 1, false)', [
      `hongyan.place_${Object.keys(places).indexOf(place)}`,
    ]);
}

/** The server's process behind the connection that waits there. */
async function reached(running: RunningCli, place: Place): Promise<number> {
  return await until(`it ${place}`, async () => {
    const { rows } = await holder.query<{ pid: number }>(
      `select pid from pg_locks join pg_stat_activity using (pid)
       where locktype = 'advisory' and objid = ${heldLock} and not granted and datname = current_database()`,
    );
    if (rows[0] === undefined && running.child.exitCode !== null)
      assert.fail(`it ended before it ${place}:\n${running.stdout}\n${running.stderr}`);
    return rows[0]?.pid;
  });
}

async function cut(pid: number): Promise<void> {
  await holder.query('select pg_terminate_backend($1)', [pid]);
  await until('it is cut', async () => {
    const { rows } = await holder.query('select from pg_stat_activity where pid = $1', [pid]);
    return rows.length === 0;
  });
}

/** Runs a command whose connection is cut at each of these, in this order; gives the JSON of its last line. */
async function cutAt(order: Place[], args: string[]): Promise<Record<string, unknown>> {
  await arm(...order);
  const running = site.cli.start([...args, '--json']);
  for (const place of order) await cut(await reached(running, place));
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 0, stdout + stderr);
  assert.match(stderr, /The database cannot be reached\..*goes on/);
  return lastJson(stdout);
}

/** People of the account, each of whom is in one test. */
async function push(from: number, to: number): Promise<string[]> {
  const openids = Array.from({ length: to - from }, (_, i) => account!.openid(from + i));
  const file = await site.file(`${from}.txt`, openids.join('\n'));
  const message = ['--template', templateOf(account!, '消息通知'), ...tutorialData];
  return ['push', '--account', appid, '--channel', 'oa-template', ...message, '--to', `@${file}`, '--yes'];
}

async function times(from: number, to: number): Promise<number[]> {
  const seen = await received(wechat, appid);
  return Array.from({ length: to - from }, (_, i) => seen.get(account!.openid(from + i)) ?? 0);
}

async function newest(): Promise<string> {
  const { rows } = await holder.query<{ id: string }>('select max(id)::text as id from campaigns');
  return rows[0]!.id;
}

describe('a database that goes away for a moment', () => {
  after(() => holder.release(true));

  test('a database that goes away between the last row and the first message is waited for', async () => {
    const left = await site.file('left.txt', [8, 9].map((i) => account.openid(i)).join('\n'));
    const order: Place[] = ['excludes', 'is handed over', 'begins a node', 'confirms', 'has confirmed'];
    const report = await cutAt(order, [...(await push(0, 10)), '--exclude', `@${left}`]);
    assert.deepEqual([report.state, report.accepted, report.excluded], ['done', 8, 2]);
    assert.deepEqual(await times(0, 10), [...Array<number>(8).fill(1), 0, 0]);
  });

  test('a dry run ends its campaign when the database is back', async () => {
    const report = await cutAt(['discards'], [...(await push(10, 15)), '--dry-run']);
    assert.deepEqual([report.state, report.planned, report.dryRun], ['cancelled', 5, true]);
  });

  test('a planned campaign that is confirmed is sent, although no node could begin at first', async () => {
    await arm('confirms');
    const left = site.cli.start(await push(20, 25));
    const pid = await reached(left, 'confirms');
    await left.kill('SIGKILL');
    await cut(pid);
    const confirm = ['campaigns', 'confirm', await newest(), '--count', '5'];
    const report = await cutAt(['begins a node'], confirm);
    assert.deepEqual([report.state, report.accepted], ['done', 5]);
    assert.deepEqual(await times(20, 25), Array(5).fill(1));
  });

  test('a campaign that is resumed is sent, although no node could begin at first', async () => {
    await site.cli.ok(['rate', appid, '1']);
    const parked = site.cli.start(await push(30, people));
    await until('one has it', async () => (await times(30, people)).includes(1));
    await parked.kill('SIGINT');
    await site.cli.ok(['rate', appid, '500']);
    const report = await cutAt(['begins a node'], ['campaigns', 'resume', await newest()]);
    assert.deepEqual([report.state, report.accepted], ['done', people - 30]);
    assert.deepEqual(await times(30, people), Array(people - 30).fill(1));
  });
});
