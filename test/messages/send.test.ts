import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeScene } from '../support/deliver.ts';
import { messageFacts, messageNode, messageTo, openMessages, settled } from '../support/messages.ts';
import { bodiesOf } from '../support/wechat.ts';

for (const channel of ['oa-template', 'mp-subscribe'] as const) {
  test(`a single message is sent on commit, with its outcome and msgid (${channel})`, async () => {
    const scene = await makeScene(channel);
    const node = await messageNode(scene);
    const { id, isRepeat } = await node.messages.submit(messageTo(scene, 1));
    assert.equal(isRepeat, false);
    const report = await node.messages.outcome(id, 10_000);
    assert.equal(report?.state, 'accepted');
    assert.match(report?.msgid ?? '', /^\d+$/);
    assert.equal(report?.attempts, 1);
    assert.deepEqual(await messageFacts(scene, id), ['1 accepted']);
    assert.deepEqual(await openMessages(scene), []);
    const [body] = bodiesOf(scene.account, scene.account.openid(0));
    assert.equal(scene.received(1), 1);
    if (channel === 'oa-template') assert.match(String(body?.client_msg_id), /^[\w-]{22}$/);
    else assert.equal(body?.client_msg_id, undefined);
  });
}

test('a refusal is the message’s own outcome', async () => {
  const scene = await makeScene('oa-template');
  const node = await messageNode(scene);
  const { id } = await node.messages.submit(messageTo(scene, 1, { openid: 'o'.padEnd(28, 'x') }));
  const report = await settled(scene, id);
  assert.deepEqual([report.state, report.errcode], ['rejected', 40003]);
});
