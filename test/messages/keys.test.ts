import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HongyanError } from '../../src/base/errors.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import { messageFacts, messageNode, messageTo, openMessages, settled } from '../support/messages.ts';
import { linkDatabase } from '../support/store/database-link.ts';
import { bodiesOf } from '../support/wechat.ts';

function code(error: unknown): string {
  return error instanceof HongyanError ? error.code : String(error);
}

test('the same key on two nodes at once is one message, and other content under it is refused', async () => {
  const scene = await makeScene('mp-subscribe');
  const nodes = [await messageNode(scene), await messageNode(scene)];
  const submitted = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      nodes[i % 2]?.messages.submit(messageTo(scene, 1 + (i % 4), { key: `order-${i % 4}` })),
    ),
  );
  const ids = new Set(submitted.map((one) => one?.id));
  assert.equal(ids.size, 4);
  assert.equal(submitted.filter((one) => one?.isRepeat === false).length, 4);
  for (const id of ids) assert.equal((await settled(scene, id ?? 0)).state, 'accepted');
  assert.equal(scene.calls, 4);
  await assert.rejects(
    nodes[0]?.messages.submit(messageTo(scene, 9, { key: 'order-0' })) ?? Promise.resolve(),
    {
      code: 'KEY_REUSED',
    },
  );
  assert.equal(scene.received(9), 0);
  const { message: other } = messageTo(scene, 1);
  assert.ok('body' in other);
  await assert.rejects(
    nodes[0]?.messages.submit(
      messageTo(scene, 1, { key: 'order-0', message: { body: { ...other.body, page: 'pages/other' } } }),
    ) ?? Promise.resolve(),
    { code: 'KEY_REUSED' },
    'the same person, and another message',
  );
  // The order of fields is nobody's content.
  const { message } = messageTo(scene, 1);
  assert.ok('body' in message);
  const turned = Object.fromEntries(Object.entries(message.body).reverse());
  const repeat = await nodes[1]?.messages.submit(
    messageTo(scene, 1, { key: 'order-0', message: { body: turned } }),
  );
  assert.equal(repeat?.isRepeat, true);
});

test('a message that brings an openid or a client_msg_id of its own is refused', async () => {
  const scene = await makeScene('mp-subscribe');
  const node = await messageNode(scene);
  const { message } = messageTo(scene, 1);
  assert.ok('body' in message);
  for (const more of [{ touser: scene.account.openid(1) }, { client_msg_id: 'mine' }])
    await assert.rejects(
      node.messages.submit(messageTo(scene, 1, { message: { body: { ...message.body, ...more } } })),
      { code: 'MESSAGE_INVALID' },
    );
  assert.equal(scene.calls, 0);
});

test('a key has one client_msg_id, also in a database that has forgotten it', async () => {
  const scene = await makeScene('oa-template');
  const node = await messageNode(scene);
  const first = await node.messages.submit(messageTo(scene, 1, { key: 'order-1' }));
  await settled(scene, first.id);
  await scene.pool.query('delete from message_facts');
  await scene.pool.query('delete from messages');
  const again = await node.messages.submit(messageTo(scene, 1, { key: 'order-1' }));
  assert.notEqual(again.id, first.id);
  await settled(scene, again.id);
  assert.equal(scene.received(1), 1, 'WeChat dropped the repeat');
});

for (const cut of ['after-commit', 'while-running'] as const) {
  test(`an insert whose acknowledgement is lost is sent once (${cut})`, async () => {
    const scene = await makeScene('mp-subscribe');
    const link = await linkDatabase(scene.site.database);
    const node = await messageNode(scene, { connection: link.connection, leaseMs: 10_000 });
    const lost = link.cutNext('insert-messages', cut);
    const submitted = node.messages.submit(messageTo(scene, 1));
    await lost;
    const { id, isRepeat } = await submitted;
    assert.equal(isRepeat, false);
    assert.equal((await settled(scene, id)).state, 'accepted');
    assert.equal(scene.received(1), 1);
    assert.equal((await scene.pool.query('select 1 from messages')).rowCount, 1);
  });

  test(`facts whose acknowledgement is lost are stored once (${cut})`, async () => {
    const scene = await makeScene('mp-subscribe');
    const link = await linkDatabase(scene.site.database);
    const node = await messageNode(scene, { connection: link.connection, leaseMs: 10_000 });
    const lost = link.cutNext('store-message-facts', cut);
    const { id } = await node.messages.submit(messageTo(scene, 1));
    await lost;
    assert.equal((await settled(scene, id)).state, 'accepted');
    await node.stop();
    assert.deepEqual(await messageFacts(scene, id), ['1 accepted']);
  });

  test(`a claim whose answer is lost is handed back, and sent once (${cut})`, async () => {
    const scene = await makeScene('mp-subscribe');
    const link = await linkDatabase(scene.site.database);
    const node = await messageNode(scene, { connection: link.connection, leaseMs: 10_000 });
    // Known not sent the first time, so that it goes through the database.
    scene.simulator.addFault({ kind: 43108, next: 1, path: scene.path });
    const lost = link.cutNext('claim-messages', cut);
    const { id } = await node.messages.submit(messageTo(scene, 1));
    await lost;
    assert.equal((await settled(scene, id)).state, 'accepted');
    assert.deepEqual(await messageFacts(scene, id), ['1 retry 43108', '2 accepted']);
    assert.equal(scene.received(1), 1);
  });
}

test('a database that disappears: callers are told, outcomes wait, and nothing is lost or sent twice', async () => {
  const scene = await makeScene('mp-subscribe');
  const link = await linkDatabase(scene.site.database);
  const inHand = signal('an answer is in hand');
  let isDown = false;
  const node = await messageNode(scene, {
    connection: link.connection,
    hooks: {
      reached(point) {
        if (point !== 'answer' || isDown) return;
        isDown = true;
        link.down();
        inHand.give();
      },
    },
  });
  const { id } = await node.messages.submit(messageTo(scene, 1));
  await inHand.promise;
  // Known to be repeated with its key.
  const refused = await node.messages.submit(messageTo(scene, 2, { key: 'order-2' })).catch(code);
  assert.match(String(refused), /DATABASE_UNREACHABLE|ECONN/);
  assert.equal(scene.calls, 1, 'nothing is sent that is not on disk');
  link.up();
  assert.equal((await settled(scene, id)).state, 'accepted');
  const again = await node.messages.submit(messageTo(scene, 2, { key: 'order-2' }));
  assert.equal((await settled(scene, again.id)).state, 'accepted');
  assert.equal(scene.received(1), 1);
  assert.equal(scene.received(2), 1);
  await until('nothing is open', async () => (await openMessages(scene)).length === 0);
  assert.equal(bodiesOf(scene.account, scene.account.openid(1)).length, 1);
});
