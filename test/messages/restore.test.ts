import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCode } from '../../src/base/errors.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import type { TestChannel } from '../support/delivery/insert-campaign.ts';
import { messageNode, messageTo, openMessages, settled } from '../support/messages.ts';
import { type DatabaseLink, linkDatabase } from '../support/store/database-link.ts';

const asked = 6;

/** The next group is stored, and its node never hears of it: with credits it is a transaction of several statements. */
function loseAnswer(link: DatabaseLink, channel: TestChannel): Promise<void> {
  if (channel === 'oa-template') return link.cutNext('insert-messages', 'after-commit');
  return link.cutNext('commit', 'after-commit', 'insert-messages');
}

/** The database forgets all of them, as a copy that never had them. */
async function loseMessages({ pool }: Scene): Promise<void> {
  for (const table of ['message_facts', 'open_messages', 'messages'])
    await pool.query(`delete from ${table}`);
}

/** What is left in the database is held, and a new history begins. */
async function failOver({ site }: Scene): Promise<void> {
  const { guard } = site.store.installation;
  await guard.alarm(guard.history);
}

/**
 * A node stores a group and never hears of it; another one sends those of the group that wait for anybody, and then the
 * database loses all of it. What becomes of each, by person.
 */
async function forgotten(channel: TestChannel) {
  const scene = await makeScene(channel);
  // So slow that a node claims only two at once; the others wait for whoever comes.
  await scene.pool.query('update accounts set rate_per_s = 20');
  const link = await linkDatabase(scene.site.database);
  // Nobody's lease ends here: whom the first one has claimed nobody else sends to.
  const first = await messageNode(scene, { connection: link.connection, leaseMs: 60_000 });
  // The token is there: a node that goes away while it fetches one holds up the other for 10 s.
  const { id } = await first.messages.submit(messageTo(scene, asked + 1));
  await settled(scene, id);
  await loseMessages(scene);
  await messageNode(scene, { leaseMs: 60_000 });
  const callsBefore = scene.calls;
  const lost = loseAnswer(link, channel);
  const answers = Array.from({ length: asked }, (_, i) =>
    first.messages.submit(messageTo(scene, i + 1)).then(
      ({ id }) => id,
      (error: unknown) => errorCode(error),
    ),
  );
  await lost;
  link.down();
  const claimed = (await openMessages(scene)).filter(({ owner }) => owner === first.id).length;
  const waiting = asked - claimed;
  assert.ok(claimed > 0 && waiting > 0, `${claimed} claimed, ${waiting} waiting`);
  await until('another node has sent what waited', async () => {
    const { rowCount } = await scene.pool.query('select 1 from message_facts where kind = 5');
    return rowCount === waiting;
  });
  await loseMessages(scene);
  await failOver(scene);
  link.up();
  return { scene, callsBefore, claimed, waiting, answers: await Promise.all(answers) };
}

test('an insert is not repeated into a database that has forgotten it: another node may have sent it', async () => {
  const { scene, callsBefore, waiting, answers } = await forgotten('mp-subscribe');
  // With a credit also a claimed one may have been stored for anybody.
  assert.deepEqual(answers, Array(asked).fill('MESSAGE_IN_DOUBT'));
  assert.equal(scene.calls - callsBefore, waiting, 'and nobody is sent to again');
  assert.equal((await scene.pool.query('select 1 from messages')).rowCount, 0);
});

test('what the node itself had claimed is stored anew in the database that has forgotten it, and sent once', async () => {
  const { scene, callsBefore, claimed, answers } = await forgotten('oa-template');
  const ids = answers.filter((answer) => typeof answer === 'number');
  assert.equal(ids.length, claimed);
  assert.deepEqual(
    answers.filter((answer) => typeof answer !== 'number'),
    Array(asked - claimed).fill('MESSAGE_IN_DOUBT'),
  );
  for (const id of ids) assert.equal((await settled(scene, id)).state, 'accepted');
  for (let no = 1; no <= asked; no++) assert.equal(scene.received(no), 1);
  assert.equal(scene.calls - callsBefore, asked, 'WeChat had to drop no repeat');
});

test('a message that the database kept through its failover is answered with its number', async () => {
  const scene = await makeScene('mp-subscribe');
  const link = await linkDatabase(scene.site.database);
  const node = await messageNode(scene, { connection: link.connection, leaseMs: 10_000 });
  const lost = loseAnswer(link, 'mp-subscribe');
  const submitted = node.messages.submit(messageTo(scene, 1));
  await lost;
  link.down();
  await failOver(scene);
  link.up();
  const { id, isRepeat } = await submitted;
  assert.equal(isRepeat, false);
  // It was held with everything else: who knows what became of it.
  assert.equal((await settled(scene, id)).state, 'unknown');
  assert.equal(scene.received(1), 0);
});
