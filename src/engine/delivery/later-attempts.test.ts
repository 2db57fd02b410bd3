import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../base/clock.ts';
import { firstAttempt, type Item } from './item.ts';
import { LaterAttempts } from './later-attempts.ts';

function item(no: number, more: Partial<Item> = {}): Item {
  return { ...firstAttempt({ no, openid: `o${no}`, vars: null }), attempt: 2, ...more };
}

const nos = (items: Item[]): number[] => items.map(({ recipient }) => recipient.no);
const anybody = (): boolean => true;

test('a retry is sent when it is due, its started row is stored and nobody else holds its place', () => {
  const later = new LaterAttempts();
  later.add(item(1, { dueAt: 100 }));
  later.add(item(2, { dueAt: 50, started: false }));
  later.add(item(3, { dueAt: 50 }));
  assert.equal(later.take(49, anybody), null);
  assert.equal(
    later.take(50, ({ recipient }) => recipient.no !== 3),
    null,
  );
  assert.equal(later.take(50, anybody)?.recipient.no, 3);
  assert.equal(later.take(99, anybody), null, 'the second lacks its row, the first its time');
  assert.equal(later.take(100, anybody)?.recipient.no, 1);
  assert.deepEqual(nos(later.unstarted(50)), [2]);
  assert.deepEqual(nos(later.unstarted(49)), []);
  assert.equal(later.isEmpty, false);
});

test('doubts wait until the retries are gone, and for their own time', () => {
  const later = new LaterAttempts();
  later.addDoubt(item(1, { dueAt: 10 }));
  later.addDoubt(item(2, { dueAt: 30 }));
  later.add(item(3, { dueAt: 20 }));
  assert.equal(later.hasRetries, true);
  assert.equal(later.nextDueAt(), 20);
  assert.equal(later.take(20, anybody)?.recipient.no, 3);
  assert.equal(later.hasRetries, false);
  assert.equal(later.nextDueAt(), 10);
  assert.deepEqual(nos(later.takeDoubts(10)), [1]);
  assert.deepEqual(nos(later.takeDoubts(29)), []);
  assert.deepEqual(nos(later.takeDoubts(30)), [2]);
  assert.equal(later.isEmpty, true);
  assert.equal(later.nextDueAt(), Number.POSITIVE_INFINITY);
});

test('what may no longer be sent is taken out by either clock, and the others stay', () => {
  const later = new LaterAttempts();
  later.add(item(1, { notAfter: { monotonic: 100, wall: 1_000 } }));
  later.add(item(2, { notAfter: never }));
  assert.deepEqual(nos(later.takeExpired({ monotonic: 99, wall: 999 })), []);
  assert.deepEqual(nos(later.takeExpired({ monotonic: 99, wall: 1_000 })), [1]);
  assert.deepEqual(nos(later.takeExpired({ monotonic: 1e9, wall: 1e15 })), []);
  later.add(item(3, { started: false }));
  later.drop(new Set([2]));
  assert.deepEqual(nos(later.takeStarted()), []);
  assert.deepEqual(nos(later.unstarted(1e9)), [3]);
});
