import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseAccount } from '../../src/store/accounts/account-states.ts';
import { blockNode, campaignWait, holdMinute } from '../../src/store/accounts/pace.ts';
import { parkApi } from '../../src/store/accounts/quotas.ts';
import { takeNodeLease } from '../../src/store/database/nodes.ts';
import { makeScene } from '../support/deliver.ts';

const nodes = ['00000000-0000-4000-a000-000000000001', '00000000-0000-4000-a000-000000000002'] as const;

test('of several things that hold a campaign up, the gravest is told', async () => {
  const scene = await makeScene('oa-template');
  const { pool, path } = scene;
  const { appid } = scene.account;
  const id = await scene.campaign(1);
  const waits = async (): Promise<string | undefined> => (await campaignWait(pool, id, [path]))?.what;
  assert.equal(await waits(), undefined);

  for (const nodeId of nodes)
    await takeNodeLease(pool, { id: nodeId, role: 'serve', version: 'test' }, 1, 600_000);
  const block = (nodeId: string, reason: 'ip' | 'circuit'): Promise<void> =>
    blockNode(pool, { nodeId, appid, reason, ms: 600_000, ip: null });
  await block(nodes[0], 'circuit');
  assert.equal(await waits(), undefined, 'the other node works');
  await block(nodes[1], 'circuit');
  assert.equal(await waits(), 'circuit');
  await block(nodes[1], 'ip');
  assert.equal(await waits(), 'ip', 'one of them needs a person');

  await holdMinute(pool, appid);
  assert.equal(await waits(), 'minute');
  await pool.query(
    `insert into api_quotas (appid, path, day, reserved_until) values ($1, $2, current_date, clock_timestamp() + interval '1 hour')`,
    [appid, path],
  );
  assert.equal(await waits(), 'reserve');
  await parkApi(pool, appid, path, 45009);
  const parked = await campaignWait(pool, id, [path]);
  assert.deepEqual([parked?.what, parked?.errcode], ['quota', undefined]);
  await parkApi(pool, appid, path, 40251);
  assert.deepEqual((await campaignWait(pool, id, [path]))?.errcode, 40251, 'another than the daily quota');
  assert.equal((await campaignWait(pool, id, ['/cgi-bin/other']))?.what, 'minute', 'of another API');

  await pauseAccount(pool, appid, 'errcode:50007', null);
  await scene.resume(id);
  assert.equal(await waits(), 'account');
  await scene.pause(id);
  assert.equal(await waits(), undefined, 'it is not running');
});
