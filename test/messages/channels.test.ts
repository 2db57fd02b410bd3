import assert from 'node:assert/strict';
import { test } from 'node:test';
import { know } from '../support/credits/credits.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { messageNode, messageTo, settled } from '../support/messages.ts';
import { callsOf } from '../support/wechat.ts';

const kfPath = '/cgi-bin/message/custom/send';
const kf = { channel: 'kf', body: { msgtype: 'text', text: { content: '您的订单已发货' } } };

/** kf first, and the scene's own channel when that is refused. */
function ways(scene: Scene, no: number, more = {}) {
  const { message } = messageTo(scene, no);
  assert.ok('body' in message);
  const otherwise = [{ channel: scene.channel, body: message.body }];
  return messageTo(scene, no, { channel: 'kf', message: { body: kf.body }, otherwise, ...more });
}

test('the next way is tried when WeChat refused the one before, as a message of its own', async () => {
  const scene = await makeScene('oa-template');
  const node = await messageNode(scene);
  const request = ways(scene, 1, { key: 'order-1', ref: 'order 1' });
  const { id } = await node.messages.submit(request);
  const first = await settled(scene, id);
  assert.deepEqual([first.state, first.errcode, first.channel], ['rejected', 45015, 'kf']);
  const second = await settled(scene, first.next ?? 0);
  assert.deepEqual(
    [second.state, second.channel, second.replaces, second.next, second.ref, second.key],
    ['accepted', 'oa-template', id, null, 'order 1', null],
  );
  assert.equal(scene.received(1), 1);
  // The same key is the same message with all its ways; with others it is another one.
  assert.equal((await node.messages.submit(request)).isRepeat, true);
  await assert.rejects(node.messages.submit({ ...request, otherwise: [] }), { code: 'KEY_REUSED' });
  assert.equal(callsOf(scene.account, kfPath), 1);
});

test('it is not tried when the one before may have arrived', async () => {
  const scene = await makeScene('oa-template');
  const node = await messageNode(scene);
  scene.simulator.addFault({ kind: 'cut', next: 1, path: kfPath });
  const { id } = await node.messages.submit(ways(scene, 1));
  const first = await settled(scene, id);
  assert.deepEqual([first.state, first.next], ['unknown', null]);
  // Nor when an attempt may have, and the repeat of it was refused.
  scene.simulator.addFault({ kind: -1, next: 1, path: kfPath });
  const again = await settled(scene, (await node.messages.submit(ways(scene, 2))).id);
  assert.deepEqual([again.state, again.next], ['unknown', null]);
  assert.equal(scene.calls, 0);
});

test('somebody who is known to have no credit is tried the next way at once', async () => {
  const scene = await makeScene('mp-subscribe', { creditsPerUser: 0 });
  await know(scene, 1);
  const node = await messageNode(scene);
  const { message } = messageTo(scene, 1);
  const request = messageTo(scene, 1, { message, otherwise: [kf] });
  const { id } = await node.messages.submit(request);
  const first = await settled(scene, id);
  assert.deepEqual([first.state, first.reason], ['unsent', 'no-credit']);
  const second = await settled(scene, first.next ?? 0);
  assert.deepEqual([second.channel, second.replaces], ['kf', id]);
  assert.equal(callsOf(scene.account, kfPath), 1);
});
