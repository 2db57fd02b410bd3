import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Background } from './background.ts';

test('an end waits for all of it, what is added meanwhile included, and failures are told', async () => {
  const failures: unknown[] = [];
  const background = new Background((error) => failures.push(error));
  let ended = 0;
  const work = async (next?: Promise<unknown>): Promise<void> => {
    await new Promise(setImmediate);
    if (next !== undefined) background.add(next);
    ended++;
  };
  background.add(Promise.reject(new Error('away')));
  background.add(work(work().then(() => work())));
  await background.settled();
  assert.equal(ended, 3);
  assert.equal(failures.length, 1);
});
