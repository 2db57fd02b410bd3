import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Actor, terminalActor } from '../../src/app/actor.ts';
import { listMessages, readMessage } from '../../src/app/messages/messages.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { makeScene } from '../support/deliver.ts';
import { messageNode, messageTo, settled } from '../support/messages.ts';

test('messages are listed by person, state, errcode and time, page by page, and found by their key', async () => {
  const scene = await makeScene('oa-template');
  const { account, pool, site } = scene;
  const { appid } = account;
  const node = await messageNode(scene);
  scene.simulator.addFault({ kind: 43116, next: 1, path: scene.path });
  const ids: number[] = [];
  for (let no = 1; no <= 5; no++) {
    const { id } = await node.messages.submit(messageTo(scene, no, { key: `order-${no}` }));
    await settled(scene, id);
    ids.push(id);
  }
  await pool.query("update messages set created_at = created_at - interval '3 days' where id = $1", [ids[4]]);
  const listed = async (...flags: string[]): Promise<number[]> => {
    const { data } = JSON.parse(await site.cli.ok(['messages', 'list', '--json', ...flags]));
    return data.map(({ id }: { id: number }) => ids.indexOf(id) + 1);
  };
  assert.deepEqual(await listed(), [5, 4, 3, 2, 1]);
  assert.deepEqual(await listed('--touser', account.openid(2), '--account', appid), [3]);
  assert.deepEqual(await listed('--state', 'rejected'), [1]);
  assert.deepEqual(await listed('--errcode', '43116', '--channel', 'oa-template'), [1]);
  assert.deepEqual(await listed('--errcode', '43101'), []);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString();
  assert.deepEqual(await listed('--to', yesterday), [5]);
  assert.deepEqual(await listed('--from', yesterday, '--state', 'accepted'), [4, 3, 2]);
  const first = JSON.parse(await site.cli.ok(['messages', 'list', '--limit', '3', '--json']));
  assert.deepEqual(await listed('--limit', '3', '--cursor', first.next), [2, 1]);
  const shown = JSON.parse(
    await site.cli.ok(['messages', 'show', '--account', appid, '--key', 'order-4', '--json']),
  );
  assert.deepEqual([shown.id, shown.touser], [ids[3], account.openid(3)]);
  assert.match(await site.cli.ok(['messages', 'list', '--state', 'unknown']), /No such messages/);
});

test('a page that was filtered out whole says where to go on', async () => {
  const scene = await makeScene('oa-template');
  const { account, pool } = scene;
  await pool.query(
    `insert into messages (appid, uuid, channel, openid, fingerprint, body)
     select $1, gen_random_uuid(), 'kf', 'o', '', '{}' from generate_series(1, 6000)`,
    [account.appid],
  );
  const { rows } = await pool.query<{ id: number }>('select min(id) as id from messages');
  await pool.query(
    'insert into message_facts (message_id, at, epoch, attempt, kind) values ($1, now(), 0, 1, 3)',
    [rows[0]?.id],
  );
  const app = {
    store: { ...scene.site.store, pool },
    clients: new AccountClients({ store: scene.site.store, logger: silentLogger }),
    logger: silentLogger,
  };
  const actor = terminalActor('ming', 'office', 'en');
  const page = await listMessages(app, actor, { state: 'unknown', limit: 10 });
  assert.equal(page.data.length, 0);
  const next = await listMessages(app, actor, { state: 'unknown', limit: 10, cursor: page.next ?? '' });
  assert.deepEqual([next.data.map(({ id }) => id), next.next], [[rows[0]?.id], null]);
  // Somebody who may see other accounts only sees none of it.
  const limited: Actor = { ...actor, accounts: new Set(['wx00000000000000bb']) };
  assert.deepEqual(await listMessages(app, limited, { limit: 10 }), { data: [], next: null });
  await assert.rejects(readMessage(app, limited, { id: rows[0]?.id ?? 0 }), { code: 'FORBIDDEN' });
});
