import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulatedAccount } from '../../src/simulator/index.ts';
import { CallbackReceiver, element } from '../support/callback/receiver.ts';
import { range, sendTo, simulatorFor } from '../support/callback/simulator.ts';
import { until } from '../support/cli.ts';
import { signal } from '../support/in-time.ts';
import { Caller } from '../support/simulated.ts';
import { freePort } from '../support/store/free-port.ts';

/** What one delivery carries and what became of it, as far as a seed decides it. */
function fates(account: SimulatedAccount): unknown[] {
  return [...account.events.all()]
    .map(({ openid, status, fate, deliveries }) => [openid, status, fate, deliveries])
    .sort();
}

test('the receipt says what became of the message, by share and for people who block', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, {
    events: { systemFailedShare: 0.2, freqLimitShare: 0.2, blockedShare: 0.2 },
  });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const blocker = account.user(account.openid(0));
  const friend = account.user(account.openid(1));
  blocker.blockMessages();
  friend.unblockMessages();
  account.events.configure({ systemFailedShare: 0, freqLimitShare: 0 });
  await sendTo(caller, [0, 1]);
  account.events.configure({ systemFailedShare: 0.2, freqLimitShare: 0.2 });
  await sendTo(caller, range(200));
  await account.events.drained();
  const [first, second] = account.events.all();
  assert.equal(first?.status, 'failed:user block');
  assert.equal(second?.status, 'success');

  const seen = new Map<string, number>();
  for (const { plain } of receiver.pushes) {
    const status = element(plain, 'Status') ?? '';
    seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  const counted = account.events.summary().byEvent.TEMPLATESENDJOBFINISH ?? {};
  assert.deepEqual(
    [...seen].sort(),
    Object.entries(counted)
      .map(([status, by]) => [status, by.delivered])
      .sort(),
  );
  assert.deepEqual([...seen.keys()].sort(), [
    'failed: system failed',
    'failed:freq limit',
    'failed:user block',
    'success',
  ]);
  for (const [status, count] of seen) if (status !== 'success') assert.ok(count > 15 && count < 70, status);
});

test('three deliveries with one body and fresh signatures, then WeChat gives up; or the same signature', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, {
    callback: { url: receiver.url, mode: 'secure' },
    events: { retryAfterMs: 5 },
  });
  receiver.answer = (_push, response) => {
    response.statusCode = 500;
    response.end('success');
  };
  const caller = await new Caller(simulator).login();
  const { events } = caller.account;
  const [msgid = ''] = await sendTo(caller, [0]);
  await events.drained();
  assert.equal(receiver.pushes.length, 3);
  const distinct = (of: (push: (typeof receiver.pushes)[number]) => string | null): number =>
    new Set(receiver.pushes.slice(-3).map(of)).size;
  assert.equal(
    distinct(({ raw }) => raw),
    1,
  );
  assert.equal(
    distinct(({ query }) => query.get('nonce')),
    3,
  );
  assert.equal(
    distinct(({ query }) => query.get('msg_signature')),
    3,
  );
  assert.deepEqual([events.byMsgid(msgid)?.fate, events.byMsgid(msgid)?.deliveries], ['given-up', 3]);
  assert.deepEqual(events.summary().failures.status, 3);
  assert.equal(events.summary().givenUp, 1);

  events.configure({ freshSignature: false, deliveries: 4 });
  await sendTo(caller, [0]);
  await events.drained();
  assert.equal(receiver.pushes.length, 7);
  assert.equal(
    distinct(({ query }) => query.toString()),
    1,
  );
});

test('a receiver that is too slow is cut off and asked again', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver);
  const caller = await new Caller(simulator).login();
  const { events } = caller.account;
  assert.deepEqual([events.options.timeoutMs, events.options.deliveries], [5000, 3]);
  // On a busy machine 50 ms may pass before the receiver sees anything, hence many deliveries until it does.
  events.configure({ timeoutMs: 50, retryAfterMs: 0, deliveries: 100 });
  const cut: boolean[] = [];
  const both = signal('two deliveries have ended');
  receiver.answer = (_push, response, number) => {
    response.on('close', () => {
      if (cut.push(!response.writableEnded) === 2) both.give();
    });
    if (number > 1) response.end('success');
    else events.configure({ timeoutMs: 60_000 });
  };
  await sendTo(caller, [0]);
  await events.drained();
  assert.equal(receiver.pushes.length, 2);
  await both.promise;
  assert.deepEqual(cut.toSorted(), [false, true]);
  assert.equal([...events.all()][0]?.fate, 'delivered');
  assert.ok(events.summary().failures.timeout >= 1);
});

test('a receiver that is gone is given up, and one that comes back in time is not', async () => {
  const port = await freePort();
  const gone = await new CallbackReceiver().listen(port);
  await using simulator = await simulatorFor(gone, { events: { retryAfterMs: 200 } });
  await gone[Symbol.asyncDispose]();
  const caller = await new Caller(simulator).login();
  const { events } = caller.account;
  events.configure({ deliveries: 1 });
  await sendTo(caller, [0]);
  await events.drained();
  assert.equal(events.summary().givenUp, 1);
  events.configure({ deliveries: 50 });
  await sendTo(caller, [1]);
  await using back = await new CallbackReceiver().listen(port);
  assert.equal(await events.drained(), true);
  assert.equal(back.pushes.length, 1);
  assert.equal(events.summary().delivered, 1);
});

test('with the same seed the same people meet the same fates, whatever the order', async () => {
  const shares = {
    lostShare: 0.2,
    duplicateShare: 0.2,
    answerLostShare: 0.2,
    systemFailedShare: 0.2,
    blockedShare: 0.1,
    retryAfterMs: 1,
  };
  const run = async (seed: number, order: number[]): Promise<unknown[]> => {
    await using receiver = await new CallbackReceiver().listen();
    await using simulator = await simulatorFor(receiver, { seed, events: shares });
    const caller = await new Caller(simulator).login();
    await sendTo(caller, order);
    await caller.account.events.drained();
    const counts = caller.account.events.summary();
    assert.ok(counts.lost > 0 && counts.duplicates > 0 && counts.failures['answer-lost'] > 0);
    assert.equal(counts.deliveries, receiver.pushes.length);
    assert.equal(counts.delivered + counts.lost, order.length);
    return fates(caller.account);
  };
  const order = [...range(60)];
  const first = await run(7, order);
  assert.deepEqual(await run(7, order.toReversed()), first);
  assert.notDeepEqual(await run(8, order), first);
});

test('lost events never come, and duplicates come twice with one body', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { events: { lostShare: 1 } });
  const caller = await new Caller(simulator).login();
  const { events } = caller.account;
  await sendTo(caller, [0]);
  await events.drained();
  assert.deepEqual([receiver.pushes.length, events.summary().lost], [0, 1]);
  events.configure({ lostShare: 0, duplicateShare: 1 });
  await sendTo(caller, [1]);
  await events.drained();
  assert.equal(receiver.pushes.length, 2);
  assert.equal(receiver.pushes[0]?.plain, receiver.pushes[1]?.plain);
  assert.deepEqual([events.summary().delivered, events.summary().duplicates], [1, 1]);
  events.configure({ duplicateShare: 0, answerLostShare: 1, retryAfterMs: 1 });
  await sendTo(caller, [2]);
  await events.drained();
  assert.equal(receiver.pushes.length, 5);
  assert.equal([...events.all()].at(-1)?.fate, 'delivered');
});

test('an early event arrives before the answer of its send, also when that answer is cut off', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { events: { earlyShare: 1, jitterMs: 60_000 } });
  const caller = await new Caller(simulator).login();
  const arrived = new Map<string, number>();
  receiver.answer = ({ plain }, response) => {
    arrived.set(element(plain, 'MsgID') ?? '', performance.now());
    response.end();
  };
  const [msgid = ''] = await sendTo(caller, [0]);
  assert.ok((arrived.get(msgid) ?? Number.POSITIVE_INFINITY) < performance.now());
  simulator.addFault({ kind: 'cut', next: 1, path: '/cgi-bin/message/template/send' });
  await assert.rejects(sendTo(caller, [1]));
  assert.equal(arrived.size, 2);
  // A receiver that does not answer holds the send as long as a delivery may take.
  receiver.answer = () => {};
  caller.account.events.configure({ timeoutMs: 50 });
  assert.equal((await sendTo(caller, [2])).length, 1);
  // While events pause nobody waits for one.
  caller.account.events.pause();
  assert.equal((await sendTo(caller, [3])).length, 1);
});

test('events come out of order, and never more at a time than connections', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { events: { jitterMs: 200, connections: 3 } });
  const caller = await new Caller(simulator).login();
  let [open, most] = [0, 0];
  receiver.answer = (_push, response) => {
    most = Math.max(most, ++open);
    setImmediate(() => {
      open--;
      response.end('success');
    });
  };
  const msgids = await sendTo(caller, range(60));
  await caller.account.events.drained();
  const came = receiver.pushes.map(({ plain }) => element(plain, 'MsgID'));
  assert.notDeepEqual(came, msgids);
  assert.deepEqual(came.toSorted(), msgids.toSorted());
  assert.ok(most <= 3, String(most));
  assert.ok(receiver.connections <= 4, String(receiver.connections));
});

test('pause holds events back, resume lets them go, removing the URL gives them up', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver);
  const caller = await new Caller(simulator).login();
  const { events } = caller.account;
  events.pause();
  await sendTo(caller, range(5));
  assert.equal(await events.drained(20), false);
  assert.deepEqual([receiver.pushes.length, events.summary().pending], [0, 5]);
  events.resume();
  assert.equal(await events.drained(), true);
  assert.equal(receiver.pushes.length, 5);
  events.pause();
  await sendTo(caller, range(2));
  await events.setCallback(null);
  assert.equal(await events.drained(), true);
  assert.equal(events.summary().givenUp, 2);
  await sendTo(caller, [0]);
  assert.equal(events.summary().events, 7);
});

test('MarkFail: after so many failures in a row nothing is sent for a while', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, {
    events: { markFailAfter: 4, markFailPauseMs: 3_600_000, retryAfterMs: 0, connections: 1 },
  });
  receiver.answer = (_push, response) => response.end('<html>');
  const caller = await new Caller(simulator).login();
  const { events } = caller.account;
  await sendTo(caller, [0, 1]);
  await until('it counts as failed', async () => events.summary().markFails > 0);
  assert.equal(receiver.pushes.length, 4);
  const { markFails, markFailLeftMs, pending } = events.summary();
  assert.deepEqual([markFails, pending, markFailLeftMs > 3_500_000], [1, 1, true]);
  receiver.answer = (_push, response) => response.end();
  events.resume();
  await events.drained();
  assert.equal(events.summary().delivered, 1);
  events.configure({ markFailAfter: 0, deliveries: 9 });
  receiver.answer = (_push, response) => response.end('<html>');
  await sendTo(caller, [0]);
  assert.equal(await events.drained(), true);
  assert.equal(events.summary().markFails, 1);
});

test('reset and close leave no delivery behind', async () => {
  await using receiver = await new CallbackReceiver().listen();
  const simulator = await simulatorFor(receiver);
  const caller = await new Caller(simulator).login();
  const { events } = caller.account;
  receiver.answer = () => {};
  events.configure({ timeoutMs: 60_000 });
  await sendTo(caller, range(3));
  simulator.reset();
  assert.equal(await events.drained(0), true);
  assert.deepEqual([events.summary().events, events.options.timeoutMs], [0, 5000]);
  await caller.login();
  await sendTo(caller, range(3));
  await simulator.close();
});
