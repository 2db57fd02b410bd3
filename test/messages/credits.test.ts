import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { enterCredits } from '../../src/engine/credits/ledger.ts';
import { reserveForMessages } from '../../src/engine/credits/message-credits.ts';
import { insertGroup } from '../../src/engine/messages/insert-group.ts';
import { submitMessage } from '../../src/engine/messages/submit.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { activateAccount, pauseAccount } from '../../src/store/accounts/account-states.ts';
import { createPool, inTransaction } from '../../src/store/database/pool.ts';
import { insertMessages, type NewMessage } from '../../src/store/messages/messages.ts';
import { until } from '../support/cli.ts';
import { creditTitle, know, ledger, reservations } from '../support/credits/credits.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import {
  messageChild,
  messageFacts,
  messageNode,
  messageTo,
  openMessages,
  settled,
} from '../support/messages.ts';
import { linkDatabase } from '../support/store/database-link.ts';
import { bodiesOf, templateOf } from '../support/wechat.ts';

/** Balance, reserved and left of the person with this number. */
async function creditsOf(scene: Scene, no: number): Promise<[number, number, number | null]> {
  const { balance, reserved, left } = await ledger(scene, scene.account.openid(no - 1));
  return [balance, reserved, left];
}

function refusals(scene: Scene): number {
  return scene.account.summary().byErrcode['43101'] ?? 0;
}

test('two nodes and a campaign race for people with one to three credits: nobody gets more, nobody less, no 43101', async () => {
  const scene = await makeScene('mp-subscribe', { creditsPerUser: { min: 1, max: 3 }, latencyMs: 5 });
  const people = 80;
  const truth = await know(scene, people);
  assert.equal(new Set(truth.values()).size, 3, 'people with one, two and three credits');
  const options = { window: 16, leaseMs: 10_000, answerTimeoutMs: 10_000 };
  const nodes = [await messageNode(scene, options), await messageNode(scene, options)];
  const campaign = await scene.campaign(people, { chunkSize: 20 });
  const submitted = await Promise.all(
    Array.from({ length: people * 3 }, (_, i) =>
      nodes[i % 2]?.messages.submit(messageTo(scene, 1 + (i % people))),
    ),
  );
  let accepted = (await scene.done(campaign)).accepted;
  for (const one of submitted) {
    const { state, reason } = await settled(scene, one?.id ?? 0);
    if (state === 'accepted') accepted++;
    else assert.deepEqual([state, reason], ['unsent', 'no-credit']);
  }
  const total = [...truth.values()].reduce((sum, n) => sum + n, 0);
  assert.equal(accepted, total);
  assert.equal(refusals(scene), 0, 'WeChat refused nobody');
  for (const [openid, credits] of truth) {
    assert.equal(scene.account.receivedCount(openid), credits);
    const left = scene.account.credits(openid, templateOf(scene.account, creditTitle));
    assert.deepEqual(await ledger(scene, openid), { balance: left, reserved: 0, left });
  }
  assert.deepEqual(await reservations(scene, 0), []);
});

const scene = await makeScene('mp-subscribe', { creditsPerUser: 1 });
const { account, pool } = scene;
const { appid } = account;
const template = templateOf(account, creditTitle);

test('groups of several accounts and templates lock in one order, however they come', async () => {
  const openids = Array.from({ length: 6 }, (_, i) => account.openid(4_000 + i));
  const appids = ['wx000000000000000a', 'wx000000000000000b'];
  const templates = ['one', 'two', 'three'];
  const places = appids.flatMap((app) =>
    openids.flatMap((openid) => templates.map((templateId) => ({ appid: app, openid, templateId }))),
  );
  const at = new Date(Date.now() - 60_000);
  for (const app of appids) {
    const entries = places
      .filter((one) => one.appid === app)
      .map((one) => ({ ...one, key: 'start', kind: 'import' as const, delta: 0, sets: 2, at }));
    await inTransaction(pool, (client) => enterCredits(client, app, entries));
  }
  const wide = createPool({ ...scene.site.database.connection }, { max: 8 });
  try {
    const denied = await Promise.all(
      Array.from({ length: 24 }, async (_, sender) => {
        const turn = (sender * 7) % places.length;
        const order = [...places.slice(turn), ...places.slice(0, turn)];
        if (sender % 2 === 1) order.reverse();
        const messages = order.map((place, i) => ({
          ...{ id: 5_000_000 + sender * 100 + i, channel: 'mp-subscribe' as const, includeNoCredit: false },
          ...place,
        }));
        return await inTransaction(wide, (client) => reserveForMessages(client, messages));
      }),
    );
    assert.equal(denied.flat().length, 22 * places.length, 'two of each were given');
  } finally {
    await wide.end();
    await pool.query("delete from credit_reservations where appid like 'wx000000000000000_'");
  }
});

test('somebody who is known to have none is not sent to, and the caller is told at once', async () => {
  await know(scene, 3, 0);
  const calls = scene.calls;
  const node = await messageNode(scene);
  const { id, isRepeat } = await node.messages.submit(messageTo(scene, 1, { key: 'none-left' }));
  assert.equal(isRepeat, false);
  const report = await node.messages.outcome(id, 10_000);
  assert.deepEqual([report?.state, report?.reason, report?.attempts], ['unsent', 'no-credit', 0]);
  assert.deepEqual(await messageFacts(scene, id), ['1 retry no-credit']);
  assert.deepEqual(await openMessages(scene), []);
  assert.equal((await node.messages.submit(messageTo(scene, 1, { key: 'none-left' }))).isRepeat, true);
  assert.equal(scene.calls, calls, 'WeChat was not asked');
  await node.stop();

  // From the command line, which sends by itself here.
  const { message } = messageTo(scene, 2);
  assert.ok('body' in message);
  const file = await scene.site.file('body.json', JSON.stringify(message.body));
  const send = ['send', '--account', appid, '--channel', 'mp-subscribe', '--message', `@${file}`];
  const refused = await scene.site.cli.run(['--lang', 'zh', ...send, '--to', account.openid(1)]);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /未发送/);
  assert.equal(scene.received(2), 0);
  account.grantCredits(account.openid(1), template, 1);
  await scene.site.cli.ok([...send, '--to', account.openid(1), '--include-no-credit']);
  assert.equal(scene.received(2), 1);
});

test('over HTTP, includeNoCredit sends all the same and is no part of the message', async () => {
  await know(scene, 5, 0);
  account.grantCredits(account.openid(4), template, 1);
  const token = 'a'.repeat(32);
  const serve = scene.site.cli.start(['serve'], {
    env: { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token },
  });
  const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
  const { message } = messageTo(scene, 5);
  assert.ok('body' in message);
  const post = async (more: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ appid, channel: 'mp-subscribe', touser: account.openid(4), wait: 10_000 },
        ...message.body,
        ...more,
      }),
    });
    assert.equal(answer.status, 202);
    const body: { message?: Record<string, unknown> } = { ...((await answer.json()) as object) };
    return body.message ?? {};
  };
  const { state, reason } = await post({});
  assert.deepEqual([state, reason], ['unsent', 'no-credit']);
  assert.equal((await post({ includeNoCredit: true })).state, 'accepted');
  const [body] = bodiesOf(account, account.openid(4));
  assert.equal(body?.includeNoCredit, undefined);
  await serve.kill('SIGTERM');
});

test('the wish to send without a credit survives until a node claims the message', async () => {
  await know(scene, 8, 0);
  account.grantCredits(account.openid(6), template, 1);
  await pauseAccount(pool, appid, 'test', null);
  const clients = new AccountClients({ store: scene.site.store, logger: silentLogger });
  const deps = { store: scene.site.store, clients };
  const wanted = await submitMessage(deps, messageTo(scene, 7, { includeNoCredit: true }));
  const other = await submitMessage(deps, messageTo(scene, 8));
  await clients.close();
  assert.equal((await openMessages(scene)).length, 2, 'nothing is decided before somebody can send');
  const node = await messageNode(scene);
  await activateAccount(pool, appid);
  assert.equal((await settled(scene, wanted.id)).state, 'accepted');
  const denied = await settled(scene, other.id);
  assert.deepEqual([denied.state, denied.reason], ['unsent', 'no-credit']);
  await node.stop();
});

test('each outcome does to the credit what it says, and an unknown one keeps it and is shown', async () => {
  await know(scene, 14, 1);
  await know(scene, 9, 1);
  const second = Math.floor(Date.now() / 1000);
  // A refusal is as old as the second in which its send started, and must be newer than what was imported.
  await until('another second', async () => Math.floor(Date.now() / 1000) > second);
  const node = await messageNode(scene);
  const send = async (no: number, fault?: number | 'cut'): Promise<number> => {
    if (fault !== undefined) scene.simulator.addFault({ kind: fault, next: 1, path: scene.path });
    const { id } = await node.messages.submit(messageTo(scene, no));
    await settled(scene, id);
    scene.simulator.clearFaults();
    return id;
  };
  await send(10);
  assert.deepEqual(await creditsOf(scene, 10), [0, 0, 0], 'accepted consumes');
  await send(11, 40003);
  assert.deepEqual(await creditsOf(scene, 11), [1, 0, 1], 'a refusal releases');
  account.revokeCredits(account.openid(11), template);
  await send(12);
  assert.deepEqual(await creditsOf(scene, 12), [0, 0, 0], '43101 says that there is none');
  await send(13, 43108);
  assert.deepEqual(
    await creditsOf(scene, 13),
    [0, 0, 0],
    'a second attempt uses what the first had reserved',
  );
  const id = await send(14, 'cut');
  assert.deepEqual(await creditsOf(scene, 14), [1, 1, 0], 'unknown keeps');
  assert.deepEqual(await reservations(scene, 0), [{ no: id, held: 'unknown' }]);
  await node.stop();
  const { cli } = scene.site;
  const shown = await cli.ok(['credits', 'show', appid, account.openid(13)]);
  assert.match(shown, new RegExp(`0 left \\(1 known .* 1 reserved\\)\\n.*kept: .* message ${id}\\n`));
  assert.match(
    await cli.ok(['--lang', 'zh', 'credits', 'show', appid, account.openid(9)]),
    /-1 {2}微信已受理一条消息 {2}单条消息 \d+\n/,
  );
  await pool.query('delete from credit_reservations');
  await pool.query('update credit_balances set reserved = 0');
});

for (const point of ['inserted', 'claimed'] as const) {
  test(`a process that is killed keeps the one credit of what it had claimed (${point})`, async () => {
    await know(scene, 16, 1);
    const message = messageTo(scene, 16, { key: `killed-${point}` });
    if (point === 'claimed') {
      const clients = new AccountClients({ store: scene.site.store, logger: silentLogger });
      await submitMessage({ store: scene.site.store, clients }, message);
      await clients.close();
    }
    const messages = point === 'claimed' ? [] : [message];
    await messageChild(scene, { messages, point, signal: 'SIGKILL' }).killed();
    const [open] = await openMessages(scene);
    assert.ok(open !== undefined && open.owner !== null);
    assert.deepEqual(await reservations(scene, 0), [{ no: open.id, held: 'open' }]);
    const node = await messageNode(scene);
    // Its credit is not given to anybody else meanwhile.
    const other = await node.messages.submit(messageTo(scene, 16));
    assert.equal((await settled(scene, other.id)).reason, 'no-credit');
    assert.equal((await settled(scene, open.id)).state, 'unknown');
    assert.deepEqual(await reservations(scene, 0), [{ no: open.id, held: 'unknown' }]);
    assert.deepEqual(await creditsOf(scene, 16), [1, 1, 0]);
    await node.stop();
    await pool.query('delete from credit_reservations');
    await pool.query('update credit_balances set reserved = 0');
  });
}

test('a late answer of a process that was stopped consumes what was kept', async () => {
  await know(scene, 17, 1);
  const child = messageChild(scene, { messages: [messageTo(scene, 17)], point: 'flush', signal: 'SIGSTOP' });
  await child.stopped();
  const [open] = await openMessages(scene);
  const id = open?.id ?? 0;
  const node = await messageNode(scene);
  assert.equal((await settled(scene, id)).state, 'unknown');
  assert.deepEqual(await creditsOf(scene, 17), [1, 1, 0]);
  child.go();
  await until('its answer is stored', async () => (await settled(scene, id)).state === 'accepted');
  assert.deepEqual(await creditsOf(scene, 17), [0, 0, 0]);
  assert.deepEqual(await reservations(scene, 0), []);
  await child.kill();
  await node.stop();
});

for (const after of ['insert-messages', 'claim-messages', 'store-message-facts'] as const) {
  test(`a commit whose acknowledgement is lost reserves, denies and consumes once (${after})`, async () => {
    await know(scene, 19, 2);
    await know(scene, 18, 0);
    const link = await linkDatabase(scene.site.database);
    if (after === 'claim-messages') await pauseAccount(pool, appid, 'test', null);
    const node = await messageNode(scene, { connection: link.connection, leaseMs: 10_000 });
    const cut = link.cutNext('commit', 'after-commit', after);
    const received = [scene.received(18), scene.received(19)];
    const [none, one] = await Promise.all([
      node.messages.submit(messageTo(scene, 18)),
      node.messages.submit(messageTo(scene, 19)),
    ]);
    await activateAccount(pool, appid);
    await cut;
    assert.equal((await settled(scene, one.id)).state, 'accepted');
    assert.equal((await settled(scene, none.id)).reason, 'no-credit');
    await node.stop();
    assert.deepEqual([scene.received(18), scene.received(19)], [received[0], (received[1] ?? 0) + 1]);
    assert.deepEqual(await messageFacts(scene, none.id), ['1 retry no-credit']);
    assert.deepEqual(await creditsOf(scene, 19), [1, 0, 1]);
    assert.deepEqual(await reservations(scene, 0), []);
  });
}

test('a message whose time is over gives its credit back', async () => {
  await know(scene, 20, 1);
  scene.simulator.addFault({ kind: 43108, rate: 1, path: scene.path });
  const node = await messageNode(scene, { leaseMs: 10_000 });
  const { id } = await node.messages.submit(
    messageTo(scene, 20, { validUntil: new Date(Date.now() + 3_600_000) }),
  );
  await until('it waits for another attempt', async () => (await messageFacts(scene, id)).length > 0);
  await pauseAccount(pool, appid, 'test', null);
  assert.deepEqual(await reservations(scene, 0), [{ no: id, held: 'open' }], 'it keeps it while it waits');
  // The hour is over, while no node has it.
  await until('nobody has it', async () => {
    const waiting = await pool.query(
      'update open_messages set valid_until = clock_timestamp() where message_id = $1 and owner is null',
      [id],
    );
    return waiting.rowCount === 1;
  });
  scene.simulator.clearFaults();
  const report = await settled(scene, id);
  assert.deepEqual([report.state, report.reason], ['unsent', 'expired']);
  assert.deepEqual(await reservations(scene, 0), []);
  assert.deepEqual(await creditsOf(scene, 20), [1, 0, 1]);
  await activateAccount(pool, appid);
  await node.stop();
});

test('a balance that somebody holds for long holds up no other channel', async () => {
  await know(scene, 21, 1);
  const node = await messageNode(scene, { leaseMs: 10_000 });
  const held = signal('the balance is locked');
  const letGo = signal('the balance may be let go');
  const holding = inTransaction(pool, async (client) => {
    await client.query('set local idle_in_transaction_session_timeout = 0');
    await client.query('select 1 from credit_balances where openid = $1 for update', [account.openid(20)]);
    held.give();
    await letGo.promise;
  });
  await held.promise;
  const blocked = await node.messages.submit(messageTo(scene, 21));
  const [open] = await openMessages(scene);
  assert.deepEqual([open?.id, open?.owner], [blocked.id, null], 'it is stored, and waits for its credit');
  const body = { msgtype: 'text', text: { content: '你好' } };
  const free = await node.messages.submit(messageTo(scene, 21, { channel: 'kf', message: { body } }));
  assert.notEqual((await settled(scene, free.id)).state, 'waiting');
  assert.equal((await openMessages(scene)).length, 1);
  letGo.give();
  await holding;
  assert.equal((await settled(scene, blocked.id)).state, 'accepted');
  await node.stop();
});

/** A message to a person by this number, as it is stored. */
function rowTo(no: number, more: Pick<NewMessage, 'channel' | 'templateId'>): NewMessage {
  const { message: _message, lang: _lang, ...rest } = messageTo(scene, no);
  return {
    ...rest,
    ...{ uuid: randomUUID(), key: null, ref: null, alternatives: null, fingerprint: 'aa' },
    ...{ body: '{}', validUntil: null, includeNoCredit: false },
    ...more,
  };
}

test('where a credit cannot be reserved for any other reason nothing is stored', async () => {
  await know(scene, 22, 1);
  const claim = {
    owner: randomUUID(),
    epoch: 1,
    batch: 1,
    history: scene.site.store.installation.guard.history,
  };
  const row = { ...rowTo(22, { channel: 'mp-subscribe', templateId: template }), claim: true };
  await pool.query(`create function refuse_credit() returns trigger language plpgsql as $$ begin
    raise exception sqlstate '54000'; end $$`);
  await pool.query(`create trigger refuse_credit before update on credit_balances for each row
    when (new.openid = '${account.openid(21)}') execute function refuse_credit()`);
  try {
    await assert.rejects(insertGroup(pool, claim, [row]), { code: '54000' });
    assert.deepEqual(await openMessages(scene), []);
  } finally {
    await pool.query('drop function refuse_credit() cascade');
  }
  const [stored] = await insertGroup(pool, claim, [row]);
  assert.equal(stored?.claimed, true);
  await pool.query('delete from open_messages');
});

test('one of two equal wishes in a group that is claimed is claimed for both', async () => {
  const row = rowTo(30, { channel: 'kf', templateId: null });
  const { history } = scene.site.store.installation.guard;
  const claim = { owner: randomUUID(), epoch: 1, batch: 1, history };
  const stored = await insertMessages(pool, claim, [
    { ...row, claim: true },
    { ...row, claim: false },
  ]);
  const [open] = await openMessages(scene);
  assert.deepEqual([stored.length, stored[0]?.claimed, open?.owner], [1, true, claim.owner]);
  await pool.query('delete from open_messages');
});
