import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../test/support/manual-clock.ts';
import { type LeasedSlice, Slots } from './slots.ts';

/** A schedule as the database keeps it, over a clock that stands until it is moved. */
function schedule(ratePerS: number) {
  const clock = manualClock();
  let nextSlot = 0;
  let answers: { askedAt: number; give: () => void }[] = [];
  const leases: LeasedSlice[] = [];
  const rate = { ratePerS };
  const slots = new Slots(ratePerS, {
    clock,
    lease: (count) =>
      new Promise((resolve) => {
        nextSlot = Math.max(nextSlot, clock.monotonic()) + (count * 1000) / rate.ratePerS;
        const leased = { count, ratePerS: rate.ratePerS, endMs: nextSlot - clock.monotonic() };
        leases.push(leased);
        answers.push({ askedAt: clock.monotonic(), give: () => resolve(leased) });
      }),
    onDue: () => {},
    onFailure: (error) => assert.fail(String(error)),
  });
  return {
    clock,
    slots,
    leases,
    rate,
    /** Answers what was asked so far, or so long ago. */
    async answer(delayMs = 0): Promise<void> {
      const due = answers.filter(({ askedAt }) => clock.monotonic() - askedAt >= delayMs);
      if (delayMs > 0 && due.length === 0) return;
      answers = answers.filter((one) => !due.includes(one));
      for (const { give } of due) give();
      await new Promise((resolve) => setImmediate(resolve));
    },
    takeAll(): number {
      let taken = 0;
      while (slots.take()) taken++;
      return taken;
    },
  };
}

for (const ratePerS of [1, 10, 333, 5_000, 20_000]) {
  test(`hands out what the schedule allows at ${ratePerS}/s, no more and hardly less`, async () => {
    const { clock, slots, answer, takeAll } = schedule(ratePerS);
    const sent: { at: number; count: number }[] = [];
    for (let ms = 0; ms < 12_000; ms++) {
      sent.push({ at: ms, count: takeAll() });
      await answer();
      clock.advance(1);
    }
    slots.close();
    const within = (from: number, to: number): number =>
      sent.filter(({ at }) => at >= from && at < to).reduce((sum, { count }) => sum + count, 0);
    for (let from = 0; from <= 2_000; from += 100) {
      const count = within(from, from + 10_000);
      assert.ok(count <= ratePerS * 10.5 + 1, `${count} in 10 s from ${from}`);
      assert.ok(count >= ratePerS * 9.5 - 1, `${count} in 10 s from ${from}`);
    }
  });
}

for (const [delayMs, least] of [
  [90, 9_500],
  [150, 8_500],
  [300, 8_000],
  [900, 5_000],
] as const) {
  test(`goes on while the database is slow, and no faster than the schedule (${delayMs} ms)`, async () => {
    const { clock, slots, answer, takeAll } = schedule(1_000);
    const sent: number[] = [];
    for (let ms = 0; ms < 25_000; ms++) {
      sent.push(takeAll());
      await answer(delayMs);
      clock.advance(1);
    }
    slots.close();
    // The first ones show how long it takes.
    for (let from = 5_000; from <= 15_000; from += 100) {
      const count = sent.slice(from, from + 10_000).reduce((sum, n) => sum + n, 0);
      assert.ok(count <= 10_500 && count >= least, `${count} in 10 s from ${from}`);
    }
  });
}

test('slots that were not used in time are lost', async () => {
  const { clock, slots, answer, takeAll } = schedule(1_000);
  takeAll();
  await answer();
  clock.advance(5_000);
  assert.equal(takeAll(), 0, 'the leased ones are over');
  await answer();
  clock.advance(1);
  const burst = takeAll();
  assert.ok(burst <= 3, `${burst} at once after a pause of 5 s`);
  slots.close();
});

test('a slot comes no earlier than the database gave it, however long the answer took', async () => {
  const { clock, slots, answer } = schedule(10);
  slots.take();
  clock.advance(70);
  await answer();
  assert.ok(slots.take());
  slots.take();
  await answer();
  clock.advance(29);
  assert.ok(!slots.take(), 'the second slot starts at 100 ms of the schedule, and it is 99');
  clock.advance(1);
  assert.ok(slots.take());
  slots.close();
});

test('slots that came with a late answer do not all come at once', async () => {
  const { clock, slots, answer, takeAll, leases } = schedule(100);
  slots.take();
  assert.equal(leases[0]?.count, 10);
  clock.advance(70);
  await answer();
  assert.equal(takeAll(), 1);
  clock.advance(10);
  assert.equal(takeAll(), 1);
  slots.close();
});

test('a slot that was given back can be taken again', async () => {
  const { slots, answer } = schedule(10);
  slots.take();
  await answer();
  assert.ok(slots.take());
  slots.untake();
  assert.ok(slots.take());
  assert.ok(!slots.take());
  slots.close();
});

test('a new rate drops the slots of the old one', async () => {
  const { clock, slots, answer, takeAll, rate, leases } = schedule(10_000);
  takeAll();
  await answer();
  rate.ratePerS = 10;
  slots.change(10, 1);
  assert.equal(takeAll(), 0);
  await answer();
  clock.advance(1_000);
  assert.ok(takeAll() <= 1);
  assert.equal(leases.at(-1)?.count, 1);
  slots.close();
});

test('slots of the old rate that were under way when the rate changed are dropped', async () => {
  const { clock, slots, answer, takeAll, rate, leases } = schedule(10_000);
  takeAll();
  rate.ratePerS = 10;
  slots.change(10, 1);
  assert.equal(takeAll(), 0);
  assert.deepEqual(
    leases.map(({ count }) => count),
    [1_000, 1],
    'asked anew, though the first answer is still to come',
  );
  await answer();
  clock.advance(50);
  assert.equal(takeAll(), 0, 'the slot of the new rate begins at 100 ms');
  clock.advance(50);
  assert.equal(takeAll(), 1);
  slots.close();
});

test('the rate of before keeps its slots', async () => {
  const { slots, answer, takeAll } = schedule(1_000);
  takeAll();
  await answer();
  slots.change(1_000, 2);
  assert.equal(takeAll(), 1);
  slots.close();
});

test('a node that uses few slots leases few', async () => {
  const { clock, slots, answer, leases } = schedule(5_000);
  slots.change(5_000, 3);
  for (let ms = 0; ms < 3_000; ms++) {
    if (ms % 10 === 0) slots.take();
    await answer();
    clock.advance(1);
  }
  slots.close();
  const leased = leases.reduce((sum, { count }) => sum + count, 0);
  assert.ok(leased < 1_600, `${leased} leased for 300`);
});
