import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Rounds } from './rounds.ts';

/** Rounds that end when the test says so. */
function held(): {
  rounds: Rounds;
  begun: () => number;
  end: (error?: Error) => Promise<void>;
  failures: unknown[];
} {
  let begun = 0;
  let ends: (error?: Error) => void = () => {};
  const failures: unknown[] = [];
  const rounds = new Rounds(
    () => {
      begun++;
      return new Promise((resolve, reject) => {
        ends = (error) => (error === undefined ? resolve() : reject(error));
      });
    },
    (error) => failures.push(error),
  );
  const end = async (error?: Error): Promise<void> => {
    ends(error);
    await turn();
  };
  return { rounds, begun: () => begun, end, failures };
}

test('one round at a time, and one more for all who asked during it', async () => {
  const { rounds, begun, end } = held();
  rounds.wake();
  rounds.wake();
  rounds.wake();
  assert.equal(begun(), 1);
  await end();
  assert.equal(begun(), 2);
  await end();
  assert.equal(begun(), 2);
});

test('a round that fails is told, and the next one follows', async () => {
  const { rounds, begun, end, failures } = held();
  rounds.wake();
  rounds.wake();
  await end(new Error('away'));
  assert.equal(begun(), 2);
  assert.equal(failures.length, 1);
  await end();
});

test('by its timer no round follows one that takes longer than that at once', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { rounds, begun, end } = held();
  rounds.start(1_000);
  t.mock.timers.tick(3_000);
  await end();
  assert.equal(begun(), 1);
  t.mock.timers.tick(1_000);
  assert.equal(begun(), 2);
  await end();
  await rounds.close();
});

test('closing waits for the round that is under way and begins no other', async () => {
  const { rounds, begun, end } = held();
  rounds.wake();
  rounds.wake();
  let closed = false;
  const closing = rounds.close().then(() => {
    closed = true;
  });
  await turn();
  assert.equal(closed, false);
  await end();
  await closing;
  rounds.wake();
  assert.equal(begun(), 1);
});
