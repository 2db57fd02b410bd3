import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../test/support/manual-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Store } from '../../store/store.ts';
import { claimsAhead } from '../messages/queue.ts';
import { campaignLead, Flusher, type FlushMember } from './flusher.ts';

test('a campaign reserves what goes out until the next flush but one is acknowledged', () => {
  const unlimited = 1_000;
  // 20 ms until it is begun, and two commits.
  assert.equal(campaignLead(0.1, unlimited, 5), 3);
  assert.equal(campaignLead(1, unlimited, 5), 30);
  assert.equal(campaignLead(5, unlimited, 5), 150);
  assert.equal(campaignLead(1, unlimited, 50), 120, 'a slow database needs more');
  assert.equal(campaignLead(0.001, unlimited, 5), 1, 'never none');
  // What the account may send at most bounds a burst, and what is not known yet.
  assert.equal(campaignLead(2, 0.1, 5), 3);
  assert.equal(campaignLead(0, 0.1, 5), 3);
  assert.equal(campaignLead(0, unlimited, 5), 32);
});

test('as many messages are claimed ahead as go out in 20 ms and during four claims, at least 2, at most 100', () => {
  assert.equal(claimsAhead(1, 5), 2);
  assert.equal(claimsAhead(100, 5), 4);
  assert.equal(claimsAhead(1_000, 5), 40);
  assert.equal(claimsAhead(1_000, 15), 80, 'where claims are slow, more');
  assert.equal(claimsAhead(1_000_000, 5), 100);
});

/** A chunk of 1,000 as the flusher sees it: what it reserves is acknowledged at once. */
class Chunk implements FlushMember {
  readonly group: number;
  readonly mostLead = 100;
  readonly ratePerS = Number.POSITIVE_INFINITY;
  readonly credits = null;
  readonly isAbandoned = false;
  readonly claim = {
    campaignId: 1,
    firstNo: 1,
    lastNo: 1_000,
    epoch: 1,
    watermark: 0,
    maybeRetries: 2,
    history: '',
  };
  readonly #flusher: Flusher;
  hasFacts = false;
  mark = 0;
  started = 0;
  flushes = 0;

  constructor(flusher: Flusher, group: number) {
    this.group = group;
    this.#flusher = flusher;
    flusher.join(this);
  }

  get reserved(): number {
    return this.mark - this.started;
  }

  get promised(): number {
    return this.reserved;
  }

  get left(): number {
    return 1_000 - this.mark;
  }

  takeFlush(): null {
    this.flushes++;
    this.hasFacts = false;
    this.mark = Math.min(1_000, Math.max(this.mark, this.started + this.#flusher.leadOf(this)));
    return null;
  }

  onStored(): void {}

  drain(): void {}
}

/** 1,000 messages a second and commits of 5 ms: a lead of 30. */
function flusher(): Flusher {
  return new Flusher({
    store: {} as Store, // nothing is written
    clock: manualClock(),
    logger: silentLogger,
    pace: { lane: { answersPerMs: 1 }, ratePerS: 1_000_000 },
  });
}

test('the chunks of one campaign share its lead, those of another have their own', () => {
  const all = flusher();
  const [first, second, other] = [new Chunk(all, 1), new Chunk(all, 1), new Chunk(all, 2)];
  all.ask(first);
  all.ask(second);
  assert.deepEqual([first.reserved, second.reserved], [30, 1], 'one that asks gets one at least');
  first.started = 10;
  all.ask(second);
  assert.deepEqual([first.reserved, second.reserved], [20, 10]);
  assert.equal(other.reserved, 30);
  first.started = 30;
  all.ask(first);
  assert.equal(first.reserved + second.reserved, 30);
});

test('the next chunk reserves before the one in front of it is at its end, and not sooner', () => {
  const all = flusher();
  const [first, second] = [new Chunk(all, 1), new Chunk(all, 1)];
  for (first.started = 0; first.started < 960; first.started += 20) {
    all.ask(first);
    assert.equal(second.flushes, 0, `at ${first.started}`);
  }
  first.started = 990;
  all.ask(first);
  assert.equal(first.mark, 1_000);
  assert.equal(second.reserved, 20);
});

test('a flush is begun when 400 facts wait, and at 200 where whoever waits would stay unknown', () => {
  for (const [keyed, most] of [
    [true, 400],
    [false, 200],
  ] as const) {
    const all = flusher();
    const chunk = new Chunk(all, 1);
    chunk.hasFacts = true;
    for (let i = 1; i < most; i++) all.noted(keyed);
    assert.equal(chunk.flushes, 0);
    all.noted(keyed);
    assert.equal(chunk.flushes, 1);
    all.close();
  }
});
