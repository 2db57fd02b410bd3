import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earlier, isOver, type Moment, msSince, never, shifted } from './clock.ts';

const at = (monotonic: number, wall: number): Moment => ({ monotonic, wall });

test('a deadline is over as soon as either clock has reached it', () => {
  const deadline = at(100, 1_000);
  assert.equal(isOver(deadline, at(99, 999)), false);
  assert.equal(isOver(deadline, at(100, 0)), true, 'the wall clock was set back');
  assert.equal(isOver(deadline, at(0, 1_000)), true, 'the machine slept');
  assert.equal(isOver(never, at(1e15, 1e15)), false);
});

test('of two deadlines the earlier counts, on each clock', () => {
  assert.deepEqual(earlier(at(1, 20), at(2, 10)), at(1, 10));
  assert.deepEqual(earlier(never, at(2, 10)), at(2, 10));
  assert.deepEqual(shifted(at(1, 10), 5), at(6, 15));
  assert.deepEqual(shifted(at(1, 10), -1), at(0, 9));
});

test('the time that has passed is that of the clock that says more', () => {
  assert.equal(msSince(at(0, 0), at(5, 60)), 60);
  assert.equal(msSince(at(0, 100), at(5, 0)), 5);
});
