import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { type RunningCli, until } from '../support/cli.ts';
import {
  addHook,
  endLeases,
  type Item,
  type Post,
  type Receiver,
  startReceiver,
  tellFollows,
} from '../support/webhooks.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
site.cli.env.HONGYAN_LOG_LEVEL = 'warn';
const wechat = await startWechat({ followers: 1, accounts: [{ kind: 'service' }] });
const appid = await site.add(wechat, wechat.account());
const { pool } = site.store;

let nodes: RunningCli[] = [];
async function startNode(): Promise<RunningCli> {
  const node = site.cli.start(['worker']);
  nodes.push(node);
  await node.printed(/is working/);
  return node;
}

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.kill('SIGKILL')));
  nodes = [];
  await pool.query('delete from webhooks');
});

const add = (hook: Receiver) => addHook(site, appid, hook.url, 'follow');
const person = (i: number): string => `o${i}`;

/** Each of `people` follows `times` times, in order. */
async function tell(people: number, times: number, group = 500): Promise<void> {
  const all = Array.from({ length: people * times }, (_, i): [string, string] => [
    person(i % people),
    String(Math.floor(i / people)),
  ]);
  for (let i = 0; i < all.length; i += group) await tellFollows(pool, appid, all.slice(i, i + group));
}

async function webhookRow(id: string): Promise<Record<string, unknown>> {
  const rows: Record<string, unknown>[] = JSON.parse(await site.cli.ok(['webhooks', 'list', '--json']));
  return rows.find((row) => String(row.id) === id) ?? {};
}

/**
 * Waits until nodes have looked for work so many times: what another webhook is told shows it. That one is there before: while
 * POSTs are under way nothing slow is done, for they end after 10 s.
 */
async function looked(other: Receiver, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await tellFollows(pool, appid, [[`oOther${i}`, '0']]);
    await until('a node has looked', async () => other.taken().length === i + 1);
  }
}

/** What of each person was taken is in its order, without a hole. */
function assertInOrder(items: Item[]): void {
  const next = new Map<string, number>();
  for (const { openid = '', scene } of items) {
    assert.equal(Number(scene), next.get(openid) ?? 0, openid);
    next.set(openid, Number(scene) + 1);
  }
}

/** No two POSTs with the same person were under way at once. */
function assertApart(posts: Post[]): void {
  const last = new Map<string, Post>();
  for (const post of posts)
    for (const openid of new Set(post.items.map((item) => item.openid ?? ''))) {
      const before = last.get(openid);
      assert.ok(
        before === undefined || (before.ended ?? Infinity) < post.begun,
        `${openid} in two POSTs at once`,
      );
      last.set(openid, post);
    }
}

test('many items leave 100 a POST and 8 POSTs at once, each once, whichever node sends them', async () => {
  const [hook, other] = [await startReceiver(), await startReceiver()];
  hook.status = null;
  await add(hook);
  await tell(2_000, 1);
  await add(other);
  await Promise.all([startNode(), startNode()]);
  await until('8 are under way', async () => hook.underWay() === 8);
  await looked(other, 6);
  assert.equal(hook.posts.length, 8);
  await until('all are taken', async () => {
    hook.release(204);
    return hook.taken().length === 2_006;
  });
  assert.equal(hook.most, 8);
  assert.equal(new Set(hook.posts.map((post) => post.id)).size, hook.posts.length, 'no POST came twice');
  // Of the last ones some may leave beside the last hundred, and arrive before them.
  assert.equal(hook.posts.filter((post) => post.items.length === 100).length, 20);
  assert.equal(new Set(hook.taken().map((item) => item.openid)).size, 2_006);
});

test('two nodes share the POSTs of one webhook', async () => {
  const hook = await startReceiver();
  hook.status = null;
  await add(hook);
  await Promise.all([startNode(), startNode()]);
  let told = 0;
  await until('both have some under way', async () => {
    if (hook.underWay() === 8) hook.release(204);
    await tellFollows(pool, appid, [[person(told++), '0']]);
    const owners = await pool.query(
      "select distinct owner from webhook_deliveries where state = 'pending' and owner is not null",
    );
    return owners.rowCount === 2;
  });
  await until('all are taken', async () => {
    hook.release(204);
    return hook.taken().length === told;
  });
  assert.equal(new Set(hook.posts.map((post) => post.id)).size, hook.posts.length, 'no POST came twice');
  assert.ok(hook.most <= 8);
});

test('a webhook that never answers hinders no other', async () => {
  const [slow, fast] = [await startReceiver(), await startReceiver()];
  slow.status = null;
  for (let i = 0; i < 4; i++) await add(slow);
  await add(fast);
  await startNode();
  await tell(1_500, 2);
  await until('the other one has everything', async () => fast.taken().length === 3_000);
  assertInOrder(fast.taken());
  // They end after 10 s, and may have done so by now.
  await until('each of the others has had all that it may have', async () => slow.most === 4 * 8);
});

test('what a person is told stays in order, also across a POST that failed, and others go on', async () => {
  const hook = await startReceiver();
  const { id } = await add(hook);
  const refused = person(7);
  let refusing = true;
  hook.judge = (post) => (refusing && post.items.some((item) => item.openid === refused) ? 500 : undefined);
  await Promise.all([startNode(), startNode()]);
  await tell(300, 3, 150);
  await until('all but those of the failed POST are taken', async () => {
    const failed = hook.posts.filter((post) => post.status === 500);
    const waiting = new Set(failed.flatMap((post) => post.items.map((item) => item.openid)));
    return failed.length > 0 && hook.taken().length >= 3 * (300 - waiting.size);
  });
  // A queue whose beginning is full of those that wait hides nobody behind it.
  await tellFollows(
    pool,
    appid,
    Array.from({ length: 1_200 }, (_, i) => [refused, String(i + 3)]),
  );
  await tellFollows(pool, appid, [['oBehind', '0']]);
  await until('who is behind them is told', async () =>
    hook.taken().some((item) => item.openid === 'oBehind'),
  );
  assert.ok(!hook.taken().some((item) => item.openid === refused));

  refusing = false;
  await until('everything is taken', async () => {
    // Not of one that is under way: another node would take it for one whose lease is over.
    await pool.query(
      "update webhook_deliveries set next_at = now() where state = 'pending' and owner is null and next_at > now()",
    );
    return hook.taken().length === 900 + 1_200 + 1;
  });
  assertInOrder(hook.taken());
  assertApart(hook.posts);
  const failed = hook.posts.find((post) => post.status === 500);
  const again = hook.posts.filter((post) => post.id === failed?.id);
  assert.ok(again.length >= 2, 'it was repeated under its id');
  assert.deepEqual(new Set(again.map((post) => post.body)).size, 1);
  await until('it is stored', async () => (await webhookRow(id)).waiting === 0);
});

test('a process that is killed loses no item, repeats POSTs under their ids, and keeps the order', async () => {
  const hook = await startReceiver();
  await add(hook);
  const [first, second] = await Promise.all([startNode(), startNode()]);
  const people = 40;
  let told = 0;
  const more = async (): Promise<void> => {
    for (let i = 0; i < 5; i++, told++)
      await tellFollows(
        pool,
        appid,
        Array.from({ length: people }, (_, p) => [person(p), String(told)]),
      );
  };
  await more();
  await until('something is taken', async () => hook.taken().length > 0);
  // Its POSTs have come, and their answers never will.
  hook.status = null;
  await more();
  await until('POSTs are under way', async () => hook.underWay() > 0);
  await first?.kill('SIGKILL');
  await second?.kill('SIGKILL');
  await until('they are cut', async () => hook.underWay() === 0);
  const cut = hook.posts.filter((post) => post.status === null).map((post) => post.id);
  await more();
  hook.status = 204;
  await endLeases(pool);
  await Promise.all([startNode(), startNode()]);
  await more();
  await until('everything is told', async () => hook.taken().length === told * people);
  assertInOrder(hook.taken());
  for (const id of cut) {
    const same = hook.posts.filter((post) => post.id === id);
    assert.ok(same.length >= 2, 'a POST whose answer was lost comes again');
    assert.equal(new Set(same.map((post) => post.body)).size, 1, 'with the same content');
  }
});

test('a POST of a process that is stopped past its lease is repeated by another one, and its late answer changes nothing', async () => {
  const hook = await startReceiver();
  hook.status = null;
  const { id } = await add(hook);
  const first = await startNode();
  await tell(1, 1);
  await until('it is under way', async () => hook.underWay() === 1);
  first.child.kill('SIGSTOP');
  await tell(1, 2);
  // The end of its lease.
  await pool.query('update webhook_deliveries set next_at = now()');
  hook.judge = (post) => (post === hook.posts[0] ? null : 204);
  await startNode();
  await until('the other one repeats it, and goes on', async () => hook.taken().length === 3);
  hook.release(500);
  first.child.kill('SIGCONT');
  await tell(1, 1);
  await until('all is taken', async () => (await webhookRow(id)).waiting === 0);
  assert.deepEqual(
    hook.posts.map((post) => post.id === hook.posts[0]?.id),
    [true, true, false, false],
  );
});

test('a stopping node finishes its POSTs and hands everything else to others', async () => {
  const hook = await startReceiver();
  hook.status = null;
  await add(hook);
  const first = await startNode();
  await tell(1, 1);
  await until('it is under way', async () => hook.underWay() === 1);
  const ended = first.kill('SIGTERM');
  await first.printed(/Finishing/);
  hook.release(204);
  await ended;
  const rows = await pool.query('select state, attempts from webhook_deliveries');
  assert.deepEqual(rows.rows, [{ state: 'delivered', attempts: 1 }]);
});

test('a receiver that is down is tried with one POST at a time, and gets everything at once when it is back', async (t) => {
  const [hook, other] = [await startReceiver(), await startReceiver()];
  // The first one is refused while the others are under way.
  hook.status = null;
  hook.judge = (post) => (post === hook.posts[0] ? 503 : undefined);
  const { id } = await add(hook);
  // When the next time comes is left to the test.
  t.after(() => pool.query('drop function later, probed_later cascade'));
  await pool.query(`create function later() returns trigger language plpgsql as $$ begin
    if new.owner is null and new.last_error is not null and new.next_at > clock_timestamp() then
      new.next_at = clock_timestamp() + interval '1 h';
    end if; return new; end $$`);
  await pool.query(`create function probed_later() returns trigger language plpgsql as $$ begin
    if new.probe_at > clock_timestamp() then new.probe_at = clock_timestamp() + interval '110 s'; end if; return new; end $$`);
  await pool.query(
    'create trigger later before update on webhook_deliveries for each row execute function later()',
  );
  await pool.query(
    'create trigger later before update on webhooks for each row execute function probed_later()',
  );
  await tell(2_000, 2);
  await add(other);
  const node = await startNode();
  await until('8 were tried', async () => hook.posts.length === 8);
  await looked(other, 3);
  assert.equal(hook.posts.length, 8, 'no new one takes the place of the failed one');
  hook.judge = () => undefined;
  hook.status = 503;
  hook.release(503);
  const isDown = async (): Promise<void> => {
    await until('it is down', async () => {
      const found = await pool.query(
        `select 1 from webhooks where probe_at > now()
         and not exists (select 1 from webhook_deliveries where owner is not null and state = 'pending')`,
      );
      return found.rowCount === 1;
    });
  };
  const tried = hook.posts.length;
  await isDown();
  assert.equal(hook.posts.length, tried, 'nothing more is tried');
  const probe = async (): Promise<void> => {
    const before = hook.posts.length;
    await pool.query('update webhooks set probe_at = now()');
    await until('one more is tried', async () => hook.posts.length > before);
    await isDown();
    assert.equal(hook.posts.length, before + 1);
  };
  for (let i = 0; i < 3; i++) await probe();
  const down = await webhookRow(id);
  assert.deepEqual([typeof down.downSince, down.lastError, down.waiting], ['string', 'HTTP 503', 4_003]);
  assert.match(await site.cli.ok(['webhooks', 'list']), / down .*HTTP 503/);
  hook.status = 204;
  await pool.query('update webhooks set probe_at = now()');
  await until('it has everything', async () => hook.taken().length === 4_003);
  assertInOrder(hook.taken());
  const after = await until('it is stored', async () => {
    const row = await webhookRow(id);
    return row.waiting === 0 && row;
  });
  assert.deepEqual([after.downSince, after.lastError, after.dead], [null, null, 0]);
  const { stderr } = await node.kill('SIGTERM');
  assert.match(stderr, /the receiver takes nothing/);
});
