import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DueQueue } from './due-queue.ts';

test('gives back everything, the earliest first, whatever was put in and taken out before', () => {
  const step = fc.oneof(
    fc.record({ due: fc.integer({ min: -50, max: 50 }) }),
    fc.constant({ due: undefined }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
      const queue = new DueQueue();
      const waiting = new Map<number, number>();
      const takeFirst = (): void => {
        const earliest = Math.min(...waiting.values());
        assert.equal(queue.firstDue, earliest);
        const item = queue.pop();
        assert.equal(waiting.get(item), earliest);
        waiting.delete(item);
      };
      for (const [item, { due }] of steps.entries()) {
        if (due !== undefined) {
          queue.push(due, item);
          waiting.set(item, due);
        } else if (waiting.size > 0) takeFirst();
        assert.equal(queue.size, waiting.size);
      }
      while (waiting.size > 0) takeFirst();
      assert.equal(queue.firstDue, Number.POSITIVE_INFINITY);
    }),
    { numRuns: 50 },
  );
});

test('grows for a campaign and shrinks behind it', () => {
  const queue = new DueQueue();
  for (let item = 0; item < 100_000; item++) queue.push((item * 7919) % 100_000, item);
  let last = -1;
  for (let count = 0; count < 100_000; count++) {
    const due = queue.firstDue;
    assert.ok(due >= last);
    assert.equal((queue.pop() * 7919) % 100_000, due);
    last = due;
  }
  assert.equal(queue.size, 0);
});
