import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { addCallback, sentMessages, take, templateReceipt } from '../support/receipts/receipts.ts';

const people = 10_500;
const scene = await makeScene('oa-template', { followers: people, record: 'counts' });
const { pool, account } = scene;
const { appid } = account;
await addCallback(pool, appid);
await pool.query('update accounts set rate_per_s = 5000');
await pool.query(
  "insert into callback_counters (appid, day, kind, count) values ($1, current_date, 'stored', 1)",
  [appid],
);

/** A campaign whose first thousand is delivered, and their receipts: so many of the first ones block. */
async function untilCanary(): Promise<number> {
  account.clearReceived();
  const id = await scene.campaign(people, { chunkSize: 1_000, probed: false });
  await until('the first thousand is delivered', async () => (await scene.report(id)).accepted === 1_000);
  await until(
    'it waits for their receipts',
    async () => (await scene.report(id)).waitsFor?.what === 'canary',
  );
  return id;
}

async function receive(id: number, from: number, to: number, blocked: number): Promise<void> {
  const sent = (await sentMessages(pool, id)).slice(from, to);
  await take(
    pool,
    sent.map((message) => templateReceipt(appid, message, message.no <= blocked ? 'blocked' : 'delivered')),
  );
}

test('a large template campaign stops after its first thousand when too many of them block the account', async () => {
  const node = await scene.node({ answerTimeoutMs: 20_000 });
  const id = await untilCanary();
  await receive(id, 0, 700, 300);
  await receive(id, 700, 1_000, 300);
  await until('it is paused', async () => (await scene.find(id)).state === 'paused');
  const campaign = await scene.find(id);
  assert.deepEqual([campaign.stateReason, campaign.stateDetail], ['blocked-share', '300/1000']);
  assert.equal((await scene.report(id)).accepted, 1_000);
  const shown = await scene.site.cli.ok(['campaigns', 'show', String(id)]);
  assert.match(shown, /too many of the first thousand refuse .* \(300 of 1,000\)/);
  // A person looked at it and goes on.
  await scene.resume(id);
  assert.equal((await scene.done(id)).accepted, people);
  await node.stop();
});

test('it opens by itself when few of them do, and only once their receipts are there', async () => {
  const node = await scene.node({ answerTimeoutMs: 20_000 });
  const id = await untilCanary();
  await receive(id, 0, 799, 100);
  assert.equal((await scene.report(id)).accepted, 1_000);
  await receive(id, 799, 820, 0);
  assert.equal((await scene.done(id)).accepted, people);
  await node.stop();
});

test('the share is a rule of the account', async () => {
  const { cli } = scene.site;
  assert.match(await cli.ok(['accounts', 'rules', appid]), /canary blocked +pause at 30 %/);
  assert.match(await cli.ok(['accounts', 'rules', appid, '--canary-blocked', 'off']), /canary blocked +off/);
  await cli.fails(2, ['accounts', 'rules', appid, '--canary-blocked', '0']);
  const node = await scene.node({ answerTimeoutMs: 20_000 });
  const id = await scene.campaign(people, { chunkSize: 1_000, probed: false });
  assert.equal((await scene.done(id)).accepted, people, 'it waits for nobody');
  await node.stop();
});
