import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/support/in-time.ts';
import { manualClock } from '../../../test/support/manual-clock.ts';
import { systemClock } from '../../base/clock.ts';
import { Lane, type LaneUser } from './lane.ts';

/** Sends `left` messages, each answered at once, and writes its name down. */
function user(
  lane: Lane,
  order: string[],
  name: string,
  left: number,
  more: Partial<LaneUser> = {},
): LaneUser {
  let n = 0;
  return {
    group: 1,
    path: '/a',
    ...more,
    sendOne() {
      if (n >= left) return false;
      lane.enter(`${name}${n++}`);
      order.push(name);
      return true;
    },
  };
}

/** The order of the first `count` messages of these users. */
function orderOf(
  count: number,
  share: number,
  most: number,
  users: (lane: Lane, order: string[]) => LaneUser[],
): string {
  const order: string[] = [];
  const lane = new Lane(count, systemClock);
  lane.reserve(share, most);
  for (const one of users(lane, order)) lane.join(one);
  lane.pump();
  lane.close();
  return order.join('');
}

test('the reserved user has its share and its turn, and campaigns the rest', () => {
  const messages = { group: 0, path: null, isReserved: true };
  const order = orderOf(100, 0.2, 20, (lane, order) => [
    user(lane, order, 'm', 1_000, messages),
    user(lane, order, 'a', 1_000, { group: 1 }),
    user(lane, order, 'b', 1_000, { group: 2 }),
    user(lane, order, 'c', 1_000, { group: 3 }),
  ]);
  const count = (name: string): number => order.split(name).length - 1;
  // A fifth, and a quarter of what is left.
  assert.ok(count('m') >= 38 && count('m') <= 42, order);
  for (const name of ['a', 'b', 'c']) assert.ok(count(name) >= 19 && count(name) <= 21, order);
});

test('what the reserved user does not need goes to the campaigns, and it may save some of it up', () => {
  const messages = { group: 0, path: null, isReserved: true };
  let has = 0;
  const order: string[] = [];
  const lane = new Lane(60, systemClock);
  lane.reserve(0.2, 5);
  lane.join({
    ...messages,
    sendOne() {
      if (has === 0) return false;
      has--;
      lane.enter(`m${has}`);
      order.push('m');
      return true;
    },
  });
  lane.join(user(lane, order, 'a', 1_000));
  lane.pump();
  assert.equal(order.join(''), 'a'.repeat(60));
  has = 10;
  lane.window = 70;
  lane.pump();
  // Five were saved up and go first, which earns a sixth; then it takes its turns.
  assert.match(order.slice(60).join(''), /^m{6,7}(?:am|ma)/);
  lane.close();
});

test("WeChat's minute goes on while the machine sleeps, and whatever its wall clock is set to", () => {
  for (const pass of ['awake', 'asleep', 'set back'] as const) {
    const order: string[] = [];
    const clock = manualClock();
    const lane = new Lane(10, clock);
    lane.join(user(lane, order, 'a', 1));
    lane.hold(60_000);
    if (pass === 'set back') clock.suspend(-3_600_000);
    clock.advance(59_000);
    lane.pump();
    assert.deepEqual(order, [], pass);
    if (pass === 'asleep') clock.suspend(1_000);
    else clock.advance(1_000);
    lane.pump();
    assert.deepEqual(order, ['a'], pass);
    lane.close();
  }
});

test('sending goes on after a pause although its timer came early', async () => {
  const order: string[] = [];
  const clock = manualClock();
  const lane = new Lane(10, clock);
  lane.join(user(lane, order, 'a', 1));
  lane.hold(10);
  // Its clock is behind the timers': each look finds 4 ms more.
  const { monotonic } = clock;
  clock.monotonic = () => {
    clock.advance(4);
    return monotonic();
  };
  await until('it is sent', async () => order.length > 0);
  lane.close();
});

test('sends that fail at once follow one another in a loop, however many they are', () => {
  const lane = new Lane(10, systemClock);
  let left = 100_000;
  lane.join({
    ...{ group: 1, path: '/a' },
    sendOne() {
      if (left === 0) return false;
      left--;
      lane.enter('o1');
      lane.exit('o1', 0);
      return true;
    },
  });
  lane.pump();
  assert.equal(left, 0);
  lane.close();
});

test('two messages to one person are never in flight together', () => {
  const lane = new Lane(10, systemClock);
  assert.equal(lane.enter('o1'), true);
  assert.equal(lane.enter('o1'), false);
  assert.equal(lane.inFlight, 1);
  assert.equal(lane.enter('o2'), true);
  lane.exit('o1', 0);
  assert.equal(lane.enter('o1'), true);
  assert.equal(lane.inFlight, 2);
});

test('a shorter pause does not shorten a longer one', () => {
  const order: string[] = [];
  const clock = manualClock();
  const lane = new Lane(10, clock);
  lane.join(user(lane, order, 'a', 1));
  lane.hold(60_000);
  lane.hold(1_000);
  clock.advance(2_000);
  lane.pump();
  assert.deepEqual(order, []);
  lane.hold(120_000);
  clock.advance(60_000);
  lane.pump();
  assert.deepEqual(order, [], 'a longer one lengthens it');
  clock.advance(60_000);
  lane.pump();
  assert.deepEqual(order, ['a']);
  lane.close();
});

test('each message takes one slot and counts once in today’s quota, and who has nothing takes none', () => {
  let slots = 0;
  const counted: string[] = [];
  const closed = new Set(['/c']);
  const lane = new Lane(100, systemClock, {
    take: () => {
      slots++;
      return true;
    },
    untake: () => {
      slots--;
    },
    isOpen: (path) => !closed.has(path),
    use: (path) => {
      counted.push(path);
    },
  });
  const order: string[] = [];
  lane.join(user(lane, order, 'a', 3));
  lane.join(user(lane, order, 'b', 2, { group: 2, path: '/b' }));
  lane.join(user(lane, order, 'c', 5, { group: 3, path: '/c' }));
  lane.join(user(lane, order, 'm', 1, { group: 4, path: null }));
  lane.pump();
  lane.pump();
  assert.deepEqual(order.sort(), ['a', 'a', 'a', 'b', 'b', 'm'], 'nothing of the closed path');
  assert.equal(slots, 6);
  assert.deepEqual(counted.sort(), ['/a', '/a', '/a', '/b', '/b']);
  lane.close();
});
