import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ManualClock, manualClock } from '../../../test/support/manual-clock.ts';
import { Lane } from '../sending/lane.ts';
import { type LeasedSlice, Slots } from '../sending/slots.ts';
import { CampaignRate } from './campaign-rate.ts';

const leaseMs = 3;
const runMs = 5_000;
const windowMs = 2_000;

/** A schedule as the database keeps it: one for all nodes, which it answers after some milliseconds. */
class Schedule {
  readonly #clock: ManualClock;
  #nextSlot = 0;
  #waiting: { at: number; give(): void }[] = [];
  ratePerS: number;

  constructor(clock: ManualClock, ratePerS: number) {
    this.#clock = clock;
    this.ratePerS = ratePerS;
  }

  lease(count: number): Promise<LeasedSlice> {
    return new Promise((resolve) => {
      const at = this.#clock.monotonic() + leaseMs;
      const give = (): void => {
        const now = this.#clock.monotonic();
        this.#nextSlot = Math.max(this.#nextSlot, now) + (count * 1_000) / this.ratePerS;
        resolve({ count, ratePerS: this.ratePerS, endMs: this.#nextSlot - now });
      };
      this.#waiting.push({ at, give });
    });
  }

  answer(): void {
    const now = this.#clock.monotonic();
    for (const { give } of this.#waiting.filter(({ at }) => at <= now)) give();
    this.#waiting = this.#waiting.filter(({ at }) => at > now);
  }
}

interface Case {
  account: number;
  nodes: number;
  /** Of each campaign; null: the account's. */
  rates: (number | null)[];
}

/** When each campaign sent, ms, each with as many people as it likes and answers at once. */
async function sentBy({ account, nodes, rates }: Case): Promise<number[][]> {
  const clock = manualClock();
  const ofAccount = new Schedule(clock, account);
  const ofCampaigns = rates.map((rate) => (rate === null ? null : new Schedule(clock, rate)));
  const sent: number[][] = rates.map(() => []);
  const onFailure = (error: unknown): void => assert.fail(String(error));
  const lanes = Array.from({ length: nodes }, () => {
    const slots = new Slots(account, {
      ...{ clock, onFailure, onDue: () => {} },
      lease: (count) => ofAccount.lease(count),
    });
    slots.change(account, nodes);
    const lane = new Lane(64, clock, {
      take: (now) => slots.take(now),
      untake: () => slots.untake(),
      isOpen: () => true,
      use: () => {},
    });
    const own = rates.map((ratePerS, group) => {
      const rate = new CampaignRate({
        ...{ clock, onFailure, onDue: () => {} },
        lease: async (count) => (await ofCampaigns[group]?.lease(count)) ?? null,
      });
      rate.apply(ratePerS, nodes);
      lane.join({
        group,
        path: '/a',
        sendOne(now) {
          if (!rate.take(now)) return false;
          sent[group]?.push(now);
          return true;
        },
      });
      return rate;
    });
    return { lane, ends: [slots, lane, ...own] };
  });
  for (let ms = 0; ms < runMs; ms++) {
    for (const one of [ofAccount, ...ofCampaigns]) one?.answer();
    await new Promise((resolve) => setImmediate(resolve));
    for (const { lane } of lanes) lane.pump();
    clock.advance(1);
  }
  for (const { ends } of lanes) for (const one of ends) one.close();
  return sent;
}

function mostWithin(times: readonly number[]): number {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to++) {
    while ((times[to] ?? 0) - (times[from] ?? 0) >= windowMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** A slice of the schedule and the grace of 100 ms may fall into a window beside its own, and a slot for each node. */
const mostAt = (rate: number, nodes: number): number => rate * ((windowMs + 250) / 1_000) + nodes + 1;

const someRate = fc.integer({ min: 1, max: 1_000 });

test('no campaign passes its own rate, and together they never pass the account’s, over any nodes', async () => {
  const cases = fc.record({
    account: fc.integer({ min: 5, max: 1_500 }),
    nodes: fc.integer({ min: 1, max: 3 }),
    rates: fc.array(fc.option(someRate, { nil: null }), { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const sent = await sentBy(one);
      for (const [i, rate] of one.rates.entries())
        if (rate !== null)
          assert.ok(
            mostWithin(sent[i] ?? []) <= mostAt(rate, one.nodes),
            `campaign ${i}: ${mostWithin(sent[i] ?? [])}`,
          );
      const all = sent.flat().sort((a, b) => a - b);
      assert.ok(mostWithin(all) <= mostAt(one.account, one.nodes), `all: ${mostWithin(all)}`);
    }),
    { numRuns: 12 },
  );
});

test('where the account has room each campaign comes to its rate, and the rest goes to the one without', async () => {
  const cases = fc.record({
    nodes: fc.integer({ min: 1, max: 3 }),
    rates: fc.array(fc.integer({ min: 20, max: 200 }), { minLength: 1, maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ nodes, rates }) => {
      const account = 1_500;
      const sent = await sentBy({ account, nodes, rates: [...rates, null] });
      const late = (times: readonly number[] = []): number =>
        (times.filter((at) => at >= 1_000).length * 1_000) / (runMs - 1_000);
      for (const [i, rate] of rates.entries())
        assert.ok(late(sent[i]) >= rate * 0.85, `campaign ${i}: ${late(sent[i])}/s of ${rate}/s`);
      const rest = account - rates.reduce((sum, rate) => sum + rate, 0);
      assert.ok(late(sent.at(-1)) >= rest * 0.85, `${late(sent.at(-1))}/s of ${rest}/s`);
    }),
    { numRuns: 8 },
  );
});

test('a rate that is taken away frees the campaign at once, and a closed one asks for nothing', async () => {
  const clock = manualClock();
  let asked = 0;
  let due = 0;
  const rate = new CampaignRate({
    clock,
    lease: async () => {
      asked++;
      return null;
    },
    onDue: () => due++,
    onFailure: (error) => assert.fail(String(error)),
  });
  assert.ok(rate.take(0), 'without a rate it is the account alone');
  assert.equal(rate.ratePerS, Number.POSITIVE_INFINITY);
  rate.apply(5, 1);
  assert.ok(!rate.take(0));
  assert.deepEqual([rate.ratePerS, asked], [5, 1]);
  rate.apply(null, 1);
  assert.equal(due, 1);
  assert.ok(rate.take(0));
  rate.apply(5, 1);
  rate.close();
  rate.apply(6, 1);
  assert.ok(!rate.take(0));
  assert.deepEqual([rate.ratePerS, asked], [5, 1]);
});
