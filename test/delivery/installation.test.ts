import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { makeScene, Scene } from '../support/deliver.ts';

test('a second installation shares no keys with the first, so its campaign reaches everybody again', async () => {
  const first = await makeScene('oa-template', { followers: 10 });
  const node = await first.node();
  await first.done(await first.campaign(10));
  await node.stop();
  // The data directory was deleted: another database, another identity, the same WeChat.
  const site = await makeSite();
  await site.add(first.simulator, first.account);
  const second = new Scene(site, first.simulator, 'oa-template');
  const next = await second.node();
  await second.done(await second.campaign(10));
  // What docs/failures.md warns of. If this ever becomes 1, the page is to be changed.
  for (let no = 1; no <= 10; no++) assert.equal(second.received(no), 2);
  await next.stop();
});
