import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { after, test } from 'node:test';
import type { Logger } from '../../src/base/logger.ts';
import { activateAccount } from '../../src/store/accounts/account-states.ts';
import { campaignWait, setRate } from '../../src/store/accounts/pace.ts';
import { removeNode, takeNodeLease } from '../../src/store/database/nodes.ts';
import { setBaseUrl } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene, type TestNode } from '../support/deliver.ts';

/** The tests' nodes run without the engine that says they are alive: said once, for as long as the test may take. */
async function seen(scene: Scene, node: TestNode): Promise<TestNode> {
  await takeNodeLease(scene.pool, { id: node.id, role: 'serve', version: 'test' }, 1, 10_000);
  await scene.pool.query("update nodes set seen_at = seen_at + interval '1 hour' where id = $1", [node.id]);
  return node;
}

/** No request arrives for twenty looks. */
async function quiet(scene: Scene): Promise<void> {
  let last = -1;
  let inRow = 0;
  await until('no more requests', async () => {
    inRow = scene.calls === last ? inRow + 1 : 0;
    last = scene.calls;
    return inRow >= 20;
  });
}

function capture(): { logger: Logger; lines: { message: string; fields: Record<string, unknown> }[] } {
  const lines: { message: string; fields: Record<string, unknown> }[] = [];
  const log = (fields: object, message: string): void => {
    lines.push({ message, fields: { ...fields } });
  };
  return { logger: { debug: () => {}, info: log, warn: log, error: log }, lines };
}

test('while WeChat is down one message at a time asks, and it goes on by itself', async () => {
  const scene = await makeScene('oa-template');
  scene.simulator.addFault({ kind: -1, rate: 1, path: scene.path });
  const id = await scene.campaign(300, { chunkSize: 100 });
  await seen(scene, await scene.node({ window: 32 }));
  await until(
    'the campaign waits',
    async () => (await campaignWait(scene.pool, id, [scene.path]))?.what === 'circuit',
  );
  await quiet(scene);
  const opening = scene.calls;
  assert.ok(opening <= 32 + 20, `${opening} attempts before it noticed`);
  await until('it asked twice more', async () => scene.calls >= opening + 2);
  assert.equal(scene.calls, opening + 2, 'one at a time');
  assert.equal((await scene.find(id)).state, 'running');
  scene.simulator.clearFaults();
  const report = await scene.done(id);
  assert.equal(report.accepted, 300);
  assert.equal(scene.account.summary().duplicates, 0);
  const blocks = await scene.pool.query('select 1 from node_blocks');
  assert.equal(blocks.rowCount, 0);
});

test('45011 holds the account on every node until the next minute, then with a smaller window', async () => {
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setRate(scene.pool, appid, 60);
  const id = await scene.campaign(5_000, { chunkSize: 1_000 });
  await Promise.all([scene.node(), scene.node()]);
  await until('both send', async () => scene.calls > 60);
  // In every minute: the one that is seen may be the next one.
  scene.simulator.addFault({ kind: 45011, rate: 1, path: scene.path });
  const wait = await until(
    'the campaign waits',
    async () => (await campaignWait(scene.pool, id, [scene.path])) ?? undefined,
  );
  await quiet(scene);
  assert.equal(wait.what, 'minute');
  const ms = wait.until?.getTime() ?? 0;
  assert.equal(new Date(ms).getUTCSeconds(), 0);
  const limit = await until('the window is stored', async () => {
    const { rows } = await scene.pool.query<{ n: number | null }>(
      'select window_limit as n from account_pace where appid = $1',
      [appid],
    );
    return rows[0]?.n ?? undefined;
  });
  assert.ok(limit <= 32, `${limit}`);
  await scene.pause(id);
});

test('a whole-account error pauses the account and its campaigns until a person says so', async () => {
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  const first = await scene.campaign(100);
  const second = await scene.campaign(100);
  scene.account.setState(50007);
  await scene.node();
  await until('both are paused', async () =>
    (await Promise.all([scene.find(first), scene.find(second)])).every((one) => one.state === 'paused'),
  );
  assert.equal((await scene.find(first)).stateReason, 'errcode:50007');
  const account = await scene.pool.query('select state, state_reason from accounts');
  assert.deepEqual(account.rows, [{ state: 'paused', state_reason: 'errcode:50007' }]);

  await scene.resume(first);
  assert.equal((await campaignWait(scene.pool, first, [scene.path]))?.what, 'account');
  scene.account.setState(0);
  assert.deepEqual(await activateAccount(scene.pool, appid), { activated: true, paused: [second] });
  assert.equal((await scene.done(first)).accepted, 100);
  await scene.resume(second);
  assert.equal((await scene.done(second)).accepted, 100);
  assert.equal((await activateAccount(scene.pool, appid)).activated, false);
});

const forwarders = new Set<Server>();
after(() => {
  for (const one of forwarders) one.close();
});

/** The simulator as seen from another machine: calls through here come from 127.0.0.2. */
async function forwarder(port: number): Promise<string> {
  const server = createServer((socket) => {
    const onward = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
    socket.pipe(onward).pipe(socket);
    for (const one of [socket, onward]) one.on('error', () => [socket, onward].map((end) => end.destroy()));
  });
  forwarders.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a listening TCP server has one
}

test('40164 stops the node whose address is refused, and the campaign only when no node is left', {
  skip: process.platform !== 'linux',
}, async () => {
  const scene = await makeScene('oa-template', { ipWhitelist: ['127.0.0.2'] });
  const { pool } = scene;
  const { appid } = scene.account;
  const setBase = (url: string): Promise<void> => setBaseUrl(scene.site, appid, url);
  const blocks = async (): Promise<{ node: string; ip: string | null }[]> =>
    (await pool.query<{ node: string; ip: string | null }>('select node_id as node, ip from node_blocks'))
      .rows;
  const askAgain = (): Promise<unknown> =>
    pool.query("update node_blocks set until = clock_timestamp() - interval '1 ms'");

  await setBase(await forwarder(scene.simulator.port));
  const allowed = await seen(scene, await scene.node({ keepsClients: true }));
  await scene.done(await scene.campaign(5));

  await setBase(scene.simulator.url);
  const { logger, lines } = capture();
  // The token of the allowed node is shared, so the refusal comes from the send itself.
  const refused = await seen(scene, await scene.node({ logger }));
  await setRate(pool, appid, 100);
  const id = await scene.campaign(300, { chunkSize: 20 });
  await until('the node is blocked', async () => (await blocks()).length > 0);
  assert.deepEqual(await blocks(), [{ node: refused.id, ip: '127.0.0.1' }]);
  assert.equal((await scene.done(id)).accepted, 300);
  const warnings = lines.filter(({ message }) => message.includes('address'));
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0]?.fields.ip, '127.0.0.1');

  await allowed.stop();
  await removeNode(pool, allowed.id);
  const last = await scene.campaign(20);
  assert.equal((await campaignWait(pool, last, [scene.path]))?.what, 'ip');
  await askAgain();
  await until('it is paused', async () => (await scene.find(last)).state === 'paused');
  assert.equal((await scene.find(last)).stateReason, 'errcode:40164');
  assert.match((await scene.find(last)).stateDetail ?? '', /127\.0\.0\.1/);

  scene.account.setIpWhitelist(undefined);
  await scene.resume(last);
  await askAgain();
  assert.equal((await scene.done(last)).accepted, 20);
  assert.deepEqual(await blocks(), []);
});
