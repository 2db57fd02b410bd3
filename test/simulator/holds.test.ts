import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { CallbackReceiver, element } from '../support/callback/receiver.ts';
import { range, sendTo, simulatorFor } from '../support/callback/simulator.ts';
import { Caller } from '../support/simulated.ts';

const half = 30 * 60_000;

/** Not by looking for its digits: a msgid may have the same. */
const isHeld = (answer: string): boolean => JSON.parse(answer).errcode === 40252;

async function listed(caller: Caller): Promise<{ openid: string; send_timestamp: number }[]> {
  const answer = await caller.post('/wxa/sec/queryblocktmplmsg', {
    tmpl_msg_id: caller.template('oa'),
    largest_id: 0,
    limit: 100,
  });
  return JSON.parse(answer).msginfo;
}

test('a held message has no msgid in its answer; within 30 minutes it is delivered with one, in the event alone', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { holds: { share: 1 }, record: 'full' });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const [answer = ''] = await sendTo(caller, [0]);
  assert.match(answer, /^\{"errcode":40252,"errmsg":"[^"]+ rid: [^"]+"\}$/);
  assert.equal(account.receivedCount(account.openid(0)), 0);
  simulator.advance(half - 60_000);
  assert.equal(account.holds.list()[0]?.state, 'held');
  simulator.advance(60_000);
  await account.events.drained();
  const [hold] = account.holds.list();
  assert.equal(hold?.state, 'released');
  assert.deepEqual(await listed(caller), []);
  const [message] = account.messages(account.openid(0));
  assert.equal(message?.msgid, hold?.msgid);
  assert.deepEqual(
    receiver.pushes.map(({ plain }) => [element(plain, 'MsgID'), element(plain, 'Status')]),
    [[hold?.msgid, 'success']],
  );
});

test('a blocked one is listed with the second of its send, and nobody receives it', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { holds: { share: 1, blockedShare: 1 } });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const sentAt = Math.floor(simulator.now() / 1000);
  await sendTo(caller, [3]);
  assert.deepEqual(await listed(caller), [], 'only what was finally blocked is listed');
  simulator.advance(half);
  const [entry] = await listed(caller);
  assert.equal(entry?.openid, account.openid(3));
  assert.ok(Math.abs((entry?.send_timestamp ?? 0) - sentAt) <= 1);
  assert.equal(account.summary().accepted, 0);
  assert.equal(account.events.summary().events, 0);
});

test('the events of verdicts: of none, of released ones, of all', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { holds: { reviewMs: null } });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const statuses = async (events: 'none' | 'released' | 'all'): Promise<(string | undefined)[]> => {
    account.events.clear();
    account.holds.configure({ next: 2, events });
    await sendTo(caller, [0, 1]);
    account.holds.release({ openids: [account.openid(0)] });
    account.holds.block();
    await account.events.drained();
    return [...account.events.all()].map(({ status }) => status);
  };
  assert.deepEqual(await statuses('none'), []);
  assert.deepEqual(await statuses('released'), ['success']);
  assert.deepEqual(await statuses('all'), ['success', 'failed: system failed']);
});

test('a repeat under the same key is not held twice: 40252 until it is released, then the first msgid', async () => {
  await using simulator = await startSimulator({ holds: { next: 1, reviewMs: null } });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const send = (): Promise<string> =>
    caller.post('/cgi-bin/message/template/send', {
      touser: account.openid(0),
      template_id: caller.template('oa'),
      data: {},
      client_msg_id: 'key-1',
    });
  assert.ok(isHeld(await send()));
  assert.ok(isHeld(await send()));
  assert.equal(account.holds.list().length, 1);
  assert.equal(account.holds.release(), 1);
  assert.equal(JSON.parse(await send()).errcode, 0);
  assert.equal(account.receivedCount(account.openid(0)), 1);
  assert.match(await send(), new RegExp(account.holds.list()[0]?.msgid ?? 'none'));
});

test('at a rate, to some people, and on command over HTTP', async () => {
  await using simulator = await startSimulator({ holds: { share: 0.25 }, followers: 400 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const admin = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const url = `${simulator.url}/_simulator/accounts/${account.appid}/${path}`;
    return JSON.parse(await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).text());
  };
  const answers = await sendTo(caller, range(400));
  const held = answers.filter(isHeld).length;
  assert.ok(held > 60 && held < 140, `${held} of 400`);
  assert.deepEqual(await admin('holds/release', {}), { decided: held });
  assert.equal(account.summary().accepted, 400);

  await admin('holds/options', { share: 1, openids: [account.openid(7)] });
  const [other = '', seven = ''] = await sendTo(caller, [6, 7]);
  assert.ok(!isHeld(other) && isHeld(seven));
  assert.deepEqual(await admin('holds/block', { openids: [account.openid(7)], event: false }), {
    decided: 1,
  });
  const seen = await (await fetch(`${simulator.url}/_simulator/accounts/${account.appid}/holds`)).text();
  assert.equal(JSON.parse(seen).holds.at(-1).state, 'blocked');
  assert.equal((await admin('holds/options', { share: 2 })).code, 'SIMULATOR_OPTIONS');

  simulator.reset();
  assert.deepEqual([account.holds.list(), account.holds.options.share], [[], 0.25]);
});
