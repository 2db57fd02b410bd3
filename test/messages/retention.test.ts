import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { pruneMessages } from '../../src/engine/campaigns/retention.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { submitMessage } from '../../src/engine/messages/submit.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { pauseAccount } from '../../src/store/accounts/account-states.ts';
import { removeMessages } from '../../src/store/campaigns/retention.ts';
import { lastJson, until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { messageNode, messageTo, settled } from '../support/messages.ts';
import { addCallback, take, templateReceipt } from '../support/receipts/receipts.ts';

const scene = await makeScene('oa-template', { followers: 200 });
const { pool } = scene;
const { cli, store } = scene.site;
const { appid } = scene.account;
await addCallback(pool, appid);

async function submitted(no: number, key?: string): Promise<number> {
  const clients = new AccountClients({ store, logger: silentLogger });
  const { id } = await submitMessage({ store, clients }, messageTo(scene, no, { key }));
  await clients.close();
  return id;
}

/** Messages that were accepted and have their receipts. */
async function over(nos: number[], key?: string): Promise<number[]> {
  const node = await messageNode(scene);
  const ids: number[] = [];
  for (const no of nos) {
    const { id } = await node.messages.submit(messageTo(scene, no, { key }));
    const { msgid } = await settled(scene, id);
    await take(pool, [templateReceipt(appid, { openid: scene.account.openid(no - 1), msgid: msgid ?? '' })]);
    ids.push(id);
  }
  await node.stop();
  return ids;
}

async function age(ids: number[], days: number, factDays = days): Promise<void> {
  await pool.query('update messages set created_at = now() - make_interval(days => $2) where id = any ($1)', [
    ids,
    days,
  ]);
  await pool.query(
    'update message_facts set at = now() - make_interval(days => $2) where message_id = any ($1)',
    [ids, factDays],
  );
}

/** Rows of a message: itself, its facts, its receipts. */
async function rowsOf(id: number): Promise<number[]> {
  const { rows } = await pool.query<{ m: number; f: number; r: number }>(
    `select (select count(*) from messages where id = $1) as m, (select count(*) from message_facts where message_id = $1) as f,
       (select count(*) from receipts where message_id = $1) as r`,
    [id],
  );
  return [rows[0]?.m ?? 0, rows[0]?.f ?? 0, rows[0]?.r ?? 0];
}

test('messages that are over for long enough are removed by the rule of their account, and open ones never', async () => {
  const [old, late, recent] = await over([1, 2, 3]);
  assert.ok(old !== undefined && late !== undefined && recent !== undefined);
  await age([old], 40);
  await age([late], 40, 3); // it waited for long
  await pauseAccount(pool, appid, 'test', null);
  const open = await submitted(4);
  await age([open], 400);
  const prune = async (...flags: string[]): Promise<object> =>
    lastJson(await cli.ok(['messages', 'prune', '--yes', '--json', ...flags]));
  assert.deepEqual(await prune(), { messages: 0 }, 'without a rule everything stays');
  await cli.ok(['accounts', 'rules', appid, '--keep-campaigns', '30']);
  assert.deepEqual(await prune('--dry-run'), { messages: 1, dryRun: true });
  assert.match(
    await cli.fails(2, ['messages', 'prune']),
    /nobody to ask/,
    'it is for good, so somebody is asked',
  );
  assert.deepEqual(await prune(), { messages: 1 });
  assert.deepEqual(await rowsOf(old), [0, 0, 0]);
  for (const id of [late, recent]) assert.deepEqual(await rowsOf(id), [1, 1, 1]);
  assert.deepEqual(await rowsOf(open), [1, 0, 0]);
  await pool.query("update accounts set state = 'active'");
  for (const table of ['open_messages', 'message_facts', 'messages'])
    await pool.query(`delete from ${table}`);
  await cli.ok(['accounts', 'rules', appid, '--keep-campaigns', 'off']);
});

test('a removal goes through all pages, past what stays, and stops where the rest is newer', async () => {
  const ids = await over([11, 12, 13, 14, 15]);
  await age(ids.slice(0, 4), 40);
  await age(ids.slice(1, 2), 40, 3);
  const after = (ids[0] ?? 0) - 1;
  assert.deepEqual(await removeMessages(pool, appid, 30, after, 2), { removed: 1, next: ids[1] });
  assert.deepEqual(await removeMessages(pool, appid, 30, ids[1] ?? 0, 2), { removed: 2, next: ids[3] });
  assert.deepEqual(await removeMessages(pool, appid, 30, ids[3] ?? 0, 1), { removed: 0, next: null });
  assert.deepEqual(await rowsOf(ids[1] ?? 0), [1, 1, 1]);
  const scope = { appid, olderThanDays: 2 };
  assert.equal(await pruneMessages({ pool, logger: silentLogger }, scope), 1);
});

test('the key of a removed message is free again', async () => {
  const [first] = await over([21], 'order-1');
  assert.equal(await submitted(21, 'order-1'), first);
  await age([first ?? 0], 10);
  await cli.ok(['messages', 'prune', '--older-than', '5', '--yes']);
  assert.notEqual(await submitted(21, 'order-1'), first);
  await pool.query('delete from open_messages');
});

test('a working node removes old messages by the rule', async () => {
  const [id] = await over([31]);
  await age([id ?? 0], 10);
  await cli.ok(['accounts', 'rules', appid, '--keep-campaigns', '7']);
  const clients = new AccountClients({ store, logger: silentLogger });
  const engine = await startEngine({ store, clients, logger: silentLogger, role: 'serve', version: '0' });
  try {
    await (await store.jobs()).send(pool, 'prune', {}, randomUUID());
    await until('it is gone', async () => (await rowsOf(id ?? 0))[0] === 0);
  } finally {
    await engine.stop();
    await clients.close();
  }
});
