/** Webhooks while their nodes are killed with -9; about two minutes: `npm run test:chaos`. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSite } from '../support/campaign.ts';
import type { RunningCli } from '../support/cli.ts';
import { addHook, tellFollows } from '../support/webhooks.ts';
import { httpServer } from '../support/wechat/raw-server.ts';
import { startWechat } from '../support/wechat.ts';

const leastMs = 60_000;
const leastKills = 30;
const people = 300;

/** A receiver as it should be: it keeps the ids that it has seen, and takes each POST once. */
async function startCarefulReceiver(isDown: () => boolean) {
  const next = new Map<string, number>();
  const bodies = new Map<string, string>();
  const busy = new Set<string>();
  const state = { url: '', items: 0, posts: 0, repeats: 0, faults: [] as string[] };
  const server = await httpServer(async (request, body, response) => {
    const id = String(request.headers['webhook-id']);
    const { items }: { items: { openid: string; scene: string }[] } = JSON.parse(body);
    const persons = new Set(items.map((item) => item.openid));
    const fault = (what: string): void => void state.faults.push(`${id}: ${what}`);
    for (const person of persons) {
      if (busy.has(person)) fault(`${person} is in two POSTs at once`);
      busy.add(person);
    }
    // A process that is killed closes its connection before another one repeats its POST.
    response.on('close', () => {
      for (const person of persons) busy.delete(person);
    });
    await sleep(Math.random() * 60);
    if (response.destroyed) return;
    state.posts++;
    const chance = Math.random();
    if (isDown() || chance < 0.03) return void response.writeHead(503).end();
    const seen = bodies.get(id);
    if (seen === undefined) {
      bodies.set(id, body);
      if (items.length > 100) fault(`${items.length} items`);
      for (const { openid, scene } of items) {
        const expected = next.get(openid) ?? 0;
        if (Number(scene) !== expected) fault(`${openid} is told ${scene} after ${expected - 1}`);
        next.set(openid, Number(scene) + 1);
      }
      state.items += items.length;
    } else {
      state.repeats++;
      if (seen !== body) fault('came with another body');
    }
    // Taken, and nobody is told so.
    if (chance < 0.06) response.destroy();
    else response.writeHead(204).end();
  });
  after(() => server[Symbol.asyncDispose]());
  state.url = `${server.url}/`;
  return state;
}

test('30 kills of two nodes under 1,000 items a second: each item once, in the order of each person', async (t) => {
  const site = await makeSite();
  site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
  const wechat = await startWechat({ followers: 1, accounts: [{ kind: 'service' }] });
  const appid = await site.add(wechat, wechat.account());
  const { pool } = site.store;
  let isDown = false;
  const [first, second] = [await startCarefulReceiver(() => false), await startCarefulReceiver(() => isDown)];
  await addHook(site, appid, first.url, 'follow');
  await addHook(site, appid, second.url, 'follow');

  const begun = performance.now();
  let kills = 0;
  const isOver = (): boolean => performance.now() - begun > leastMs && kills >= leastKills;
  const live = async (): Promise<void> => {
    let node: RunningCli = site.cli.start(['worker']);
    while (!isOver()) {
      await node.printed(/is working/);
      await sleep(300 + Math.random() * 2_500);
      await node.kill('SIGKILL');
      kills++;
      node = site.cli.start(['worker']);
    }
  };
  const nodes = [live(), live()];
  const counts = new Map<string, number>();
  let told = 0;
  for (let group = 0; !isOver(); group++) {
    isDown = performance.now() - begun > leastMs * 0.4 && performance.now() - begun < leastMs * 0.7;
    const events = Array.from({ length: 50 }, (): [string, string] => {
      const openid = `o${Math.floor(Math.random() * people)}`;
      const n = counts.get(openid) ?? 0;
      counts.set(openid, n + 1);
      return [openid, String(n)];
    });
    await tellFollows(pool, appid, events);
    told += events.length;
    await sleep(Math.max(0, begun + group * 50 - performance.now()));
  }
  await Promise.all(nodes);
  const waitedFrom = performance.now();
  while (first.items < told || second.items < told) {
    assert.ok(performance.now() - waitedFrom < 180_000, `${first.items} and ${second.items} of ${told}`);
    // Pauses after refusals are not what this is about; leases of the dead are.
    await pool.query(
      "update webhook_deliveries set next_at = now() where owner is null and state = 'pending'",
    );
    await sleep(500);
  }
  t.diagnostic(
    `${told} items, the last ${Math.round((performance.now() - waitedFrom) / 1000)} s after the last kill, ${kills} kills; POSTs ${first.posts} and ${second.posts}, repeated after they were taken ${first.repeats} and ${second.repeats}`,
  );
  assert.deepEqual([...first.faults, ...second.faults], []);
});
