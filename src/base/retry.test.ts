import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilDone } from './retry.ts';

/** Fails so many times, and says how long it was waited after each. */
function failing(times: number): { work: () => Promise<number>; waited: number[]; seen: unknown[] } {
  let tries = 0;
  return {
    work: () => (++tries > times ? Promise.resolve(tries) : Promise.reject(new Error(`try ${tries}`))),
    waited: [],
    seen: [],
  };
}

test('is repeated until it succeeds, after pauses that double up to a longest', async () => {
  const { work, waited, seen } = failing(7);
  const clock = { sleep: async (ms: number) => void waited.push(ms) };
  assert.equal(await untilDone(work, { clock, onFailure: (error) => seen.push(error) }), 8);
  assert.deepEqual(waited, [100, 200, 400, 800, 1_600, 2_000, 2_000]);
  assert.equal(seen.length, 7);
});

test('rejects with the failure after which nothing follows, without another pause', async () => {
  const { work, waited, seen } = failing(9);
  const clock = { sleep: async (ms: number) => void waited.push(ms) };
  const goesOn = (error: unknown): boolean => !(error instanceof Error && error.message === 'try 3');
  await assert.rejects(untilDone(work, { clock, firstMs: 50, goesOn, onFailure: (e) => seen.push(e) }), {
    message: 'try 3',
  });
  assert.deepEqual(waited, [50, 100]);
  assert.equal(seen.length, 2);
});
