import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../test/support/manual-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { MessageFact } from '../../store/messages/open-messages.ts';
import { MessageFacts } from './facts.ts';

const fact = (id: number): MessageFact => ({ id }) as MessageFact; // only handed on

/** Facts over a store that answers when it is told to; timers move by hand. */
function makeFacts() {
  const stored: number[] = [];
  const asked: { ids: number[]; answer(error?: Error): void }[] = [];
  const facts = new MessageFacts({
    clock: manualClock(),
    logger: silentLogger,
    store: (group) =>
      new Promise((resolve, reject) => {
        const answer = (error?: Error): void => (error === undefined ? resolve() : reject(error));
        asked.push({ ids: group.map(({ id }) => id), answer });
      }),
    onStored: (group) => stored.push(...group.map(({ id }) => id)),
  });
  return { facts, stored, asked };
}

const promisesRun = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a fact that comes during a write is written after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { facts, stored, asked } = makeFacts();
  facts.add(fact(1));
  t.mock.timers.tick(20);
  await promisesRun();
  assert.deepEqual(asked[0]?.ids, [1]);
  facts.add(fact(2));
  // Its time comes while the first one is being written.
  t.mock.timers.tick(20);
  await promisesRun();
  assert.equal(asked.length, 1, 'one group at a time');
  asked[0]?.answer();
  await promisesRun();
  t.mock.timers.tick(20);
  await promisesRun();
  assert.deepEqual(asked[1]?.ids, [2]);
  asked[1]?.answer();
  await promisesRun();
  assert.deepEqual(stored, [1, 2]);
});

test('a group that fills during a write follows it at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { facts, asked } = makeFacts();
  for (let id = 1; id <= 450; id++) facts.add(fact(id));
  await promisesRun();
  assert.equal(asked.length, 1);
  asked[0]?.answer();
  await promisesRun();
  assert.deepEqual([asked[0]?.ids.length, asked[1]?.ids.length], [200, 200]);
});

test('a write that fails is made again, until the database has it', async () => {
  const { facts, stored, asked } = makeFacts();
  for (let id = 1; id <= 200; id++) facts.add(fact(id));
  await promisesRun();
  asked[0]?.answer(new Error('away'));
  await promisesRun();
  assert.deepEqual(asked[1]?.ids, asked[0]?.ids);
  assert.deepEqual(stored, []);
  asked[1]?.answer();
  await facts.settled();
  assert.equal(stored.length, 200);
});

test('settled waits for what no timer has written yet, and given up is given up', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { facts, stored, asked } = makeFacts();
  facts.add(fact(1));
  let settled = false;
  const waiting = facts.settled().then(() => {
    settled = true;
  });
  await promisesRun();
  assert.deepEqual(asked[0]?.ids, [1]);
  assert.equal(settled, false);
  asked[0]?.answer();
  await waiting;
  assert.deepEqual(stored, [1]);
  facts.add(fact(2));
  facts.abandon();
  await facts.settled();
  assert.equal(asked.length, 1);
});
