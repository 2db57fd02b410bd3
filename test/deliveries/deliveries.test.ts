import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalActor } from '../../src/app/actor.ts';
import { type DeliveryWish, searchDeliveries } from '../../src/app/deliveries/deliveries.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { messageNode, messageTo, settled } from '../support/messages.ts';

const actor = terminalActor('ming', 'office', 'en');

function search(scene: Scene) {
  const { store } = scene.site;
  const app = { store, clients: new AccountClients({ store, logger: silentLogger }), logger: silentLogger };
  return async (wish: Partial<DeliveryWish>, as = actor) =>
    await searchDeliveries(app, as, { limit: 50, ...wish });
}

test('single messages and recipients of campaigns are found by person, ref, msgid, campaign and errcode', async () => {
  const scene = await makeScene('oa-template');
  const { account, site } = scene;
  const find = search(scene);
  const node = await messageNode(scene);
  const campaignId = await scene.campaign(5);
  await scene.done(campaignId);
  scene.simulator.addFault({ kind: 43116, next: 1, path: scene.path });
  const refused = await node.messages.submit(messageTo(scene, 1, { ref: 'order 1' }));
  await settled(scene, refused.id);
  const accepted = await node.messages.submit(messageTo(scene, 1, { ref: 'order 1', key: 'k' }));
  const { msgid } = await settled(scene, accepted.id);

  const mine = (await find({ touser: account.openid(0) })).data;
  assert.deepEqual(
    mine.map(({ messageId, campaignId: of, state, errcode, ref }) => [messageId ?? of, state, errcode, ref]),
    [
      [accepted.id, 'accepted', null, 'order 1'],
      [refused.id, 'rejected', 43116, 'order 1'],
      [campaignId, 'accepted', null, null],
    ],
  );
  const [, , ofCampaign] = mine;
  assert.deepEqual((await find({ msgid: ofCampaign?.msgid ?? '' })).data, [ofCampaign]);
  assert.deepEqual(
    (await find({ msgid: msgid ?? '' })).data.map(({ messageId }) => messageId),
    [accepted.id],
  );
  const ids = async (wish: Partial<DeliveryWish>) =>
    (await find(wish)).data.map(({ messageId, campaignId: of, no }) => messageId ?? `${of}.${no}`);
  assert.deepEqual(await ids({ ref: 'order 1' }), [accepted.id, refused.id]);
  assert.deepEqual(await ids({ ref: 'order 1', errcode: 43116 }), [refused.id]);
  assert.deepEqual(await ids({ errcode: 43116 }), [refused.id]);
  assert.deepEqual(await ids({ errcode: 43116, to: new Date(Date.now() - 60_000) }), []);
  assert.deepEqual(
    await ids({ campaignId }),
    [5, 4, 3, 2, 1].map((no) => `${campaignId}.${no}`),
  );
  assert.deepEqual(await ids({ campaignId, touser: account.openid(0) }), [`${campaignId}.${ofCampaign?.no}`]);
  const limited = { ...actor, accounts: new Set(['wx00000000000000bb']) };
  assert.deepEqual(await find({ touser: account.openid(0) }, limited), { data: [], next: null });
  await assert.rejects(find({}), { code: 'SEARCH_INVALID' });
  assert.match(await site.cli.fails(2, ['deliveries']), /--touser.*--errcode/);
  const lines = await site.cli.ok(['deliveries', '--touser', account.openid(0)]);
  assert.match(lines, /message \d+ .*rejected +43116 .*order 1/);
});

test('pages of deliveries follow each other without gap or repeat, whatever they are found by', async () => {
  const scene = await makeScene('oa-template');
  const { account } = scene;
  const find = search(scene);
  const node = await messageNode(scene);
  const campaigns: number[] = [];
  for (let i = 0; i < 3; i++) {
    campaigns.push(await scene.campaign(7));
    await scene.done(campaigns.at(-1) ?? 0);
  }
  scene.simulator.addFault({ kind: 43116, next: 4, path: scene.path });
  for (let i = 0; i < 4; i++)
    await settled(scene, (await node.messages.submit(messageTo(scene, 1, { ref: 'same' }))).id);
  const all = async (wish: Partial<DeliveryWish>, limit: number): Promise<string[]> => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await find({ ...wish, cursor, limit });
      seen.push(...page.data.map(({ messageId, campaignId, no }) => `${messageId} ${campaignId} ${no}`));
      if (page.next === null) return seen;
      cursor = page.next;
    }
  };
  for (const [wish, count] of [
    [{ touser: account.openid(0) }, 7],
    [{ campaignId: campaigns[1] }, 7],
    [{ errcode: 43116 }, 4],
    [{ ref: 'same' }, 4],
  ] as const) {
    const whole = await all(wish, 100);
    assert.equal(whole.length, count);
    for (const limit of [1, 2, 3]) assert.deepEqual(await all(wish, limit), whole);
  }
  // What is looked at first for so short a page are the four messages; the first campaign is the last of seven.
  const page = await find({ touser: account.openid(0), campaignId: campaigns[0], limit: 1 });
  assert.deepEqual([page.data.map(({ campaignId }) => campaignId), page.next], [[campaigns[0]], null]);
});
