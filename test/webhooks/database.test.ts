import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { Webhooks } from '../../src/engine/webhooks/webhooks.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { type DatabaseLink, linkDatabase } from '../support/store/database-link.ts';
import { addHook, startReceiver, tellFollows } from '../support/webhooks.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
const wechat = await startWechat({ followers: 1, accounts: [{ kind: 'service' }] });
const appid = await site.add(wechat, wechat.account());
const { pool } = site.store;

let closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
  await pool.query('delete from webhooks');
});

/** A node's webhooks in this process, and the line between it and the database. */
async function startLinked(): Promise<{ link: DatabaseLink; webhooks: Webhooks }> {
  const link = await linkDatabase(site.database);
  const connection = link.connection;
  const store: Store = await openStore({ connection, sealer: site.store.sealer, logger: silentLogger });
  const webhooks = new Webhooks({ store, logger: silentLogger, nodeId: randomUUID(), allow: ['127.0.0.1'] });
  closers.push(
    () => store.close(),
    async () => {
      link.up();
      await webhooks.stop(0);
    },
  );
  return { link, webhooks };
}

async function deliveries(): Promise<{ state: string; attempts: number }[]> {
  return (await pool.query('select state, attempts from webhook_deliveries order by created_at')).rows;
}

const tell = (...people: string[]) =>
  tellFollows(
    pool,
    appid,
    people.map((openid) => [openid, '0']),
  );

test('a database that disappears under POSTs: they are taken once, and what came meanwhile is told', async () => {
  const hook = await startReceiver();
  hook.status = null;
  await addHook(site, appid, hook.url, 'follow');
  const { link } = await startLinked();
  await tell('oBefore');
  await until('it is under way', async () => hook.underWay() === 1);
  link.down();
  hook.status = 204;
  hook.release(204);
  await tell('oMeanwhile');
  await until('its answer has come', async () => hook.posts[0]?.ended !== null);
  link.up();
  await until('all are stored as taken', async () => {
    const rows = await deliveries();
    return rows.length === 2 && rows.every((row) => row.state === 'delivered' && row.attempts === 1);
  });
  assert.deepEqual(
    hook.posts.map((post) => post.items.map((item) => item.openid)),
    [['oBefore'], ['oMeanwhile']],
  );
});

test('a claim whose commit is acknowledged to nobody leaves its POST to whoever comes after its lease', async () => {
  const hook = await startReceiver();
  await addHook(site, appid, hook.url, 'follow');
  const { link } = await startLinked();
  const cut = link.cutNext('commit', 'after-commit', 'insert into webhook_deliveries');
  await tell('oClaimed');
  await cut;
  await tell('oOther');
  await until('the other one is told', async () => hook.taken().length === 1);
  // What was answered and is not stored yet would be told once more.
  await until('it is stored', async () => (await deliveries()).some(({ state }) => state === 'delivered'));
  await pool.query("update webhook_deliveries set next_at = now() where state = 'pending'");
  await until('both are told', async () => hook.taken().length === 2);
  assert.equal(hook.posts.length, 2);
});

test('an outcome of a POST whose commit is acknowledged to nobody is stored once', async () => {
  const hook = await startReceiver();
  hook.status = 500;
  await addHook(site, appid, hook.url, 'follow');
  const { link } = await startLinked();
  const cut = link.cutNext('commit', 'after-commit', 'update webhook_deliveries d set');
  await tell('oRefused');
  await cut;
  hook.status = 204;
  await tell('oRefused');
  await until('the repetition of what was stored is done', async () => {
    await pool.query(
      "update webhook_deliveries set next_at = now() where owner is null and state = 'pending'",
    );
    return hook.taken().length === 2;
  });
  await until('all are stored as taken', async () =>
    (await deliveries()).every((row) => row.state === 'delivered'),
  );
  assert.deepEqual(await deliveries(), [
    { state: 'delivered', attempts: 2 },
    { state: 'delivered', attempts: 1 },
  ]);
  assert.equal(hook.posts.length, 3);
});
