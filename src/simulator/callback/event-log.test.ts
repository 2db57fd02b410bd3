import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from './event-log.ts';

const pageSize = 16_384;

function add(log: EventLog, msgid: number, fate: 'pending' | 'lost' = 'pending', keep = 0): number {
  return log.add(
    {
      name: 'TEMPLATESENDJOBFINISH',
      status: 'success',
      fate,
      index: 4_294_967_295,
      createTime: 4_000_000_000,
      msgid,
      seed: 0xffff_ffff,
      templateId: 'T',
    },
    keep,
  );
}

test('an event keeps every value that it was given', () => {
  const log = new EventLog();
  const seq = add(log, 2 ** 53 - 1);
  log.startDelivery(seq);
  assert.deepEqual(log.get(seq), {
    seq: 1,
    name: 'TEMPLATESENDJOBFINISH',
    status: 'success',
    fate: 'pending',
    deliveries: 1,
    index: 4_294_967_295,
    createTime: 4_000_000_000,
    msgid: 2 ** 53 - 1,
    templateId: 'T',
    extra: undefined,
    seed: 0xffff_ffff,
  });
  assert.equal(log.get(0), undefined);
  assert.equal(log.get(2), undefined);
  assert.equal(log.byMsgid(2 ** 53 - 1)?.seq, 1);
  assert.equal(log.byMsgid(0), undefined);
});

test('the first fate stays, and the counts follow it', () => {
  const log = new EventLog();
  for (let msgid = 1; msgid <= 4; msgid++) add(log, msgid, msgid === 4 ? 'lost' : 'pending');
  log.settle(1, 'delivered');
  log.settle(1, 'given-up');
  log.settle(2, 'given-up');
  const counts = [...log.counts()].map(({ fate, count }) => [fate, count]);
  assert.deepEqual(counts, [
    ['pending', 1],
    ['delivered', 1],
    ['given-up', 1],
    ['lost', 1],
  ]);
  assert.deepEqual(
    [...log.rows()].map(({ fate }) => fate),
    ['delivered', 'given-up', 'pending', 'lost'],
  );
});

test('old pages are forgotten when they are settled, never before, and counts go on', () => {
  const log = new EventLog();
  const held = add(log, 1);
  for (let msgid = 2; msgid <= 4 * pageSize; msgid++) add(log, msgid, 'lost');
  assert.equal(log.get(held)?.msgid, 1);
  log.settle(held, 'delivered');
  log.close(held);
  add(log, 5 * pageSize, 'lost');
  for (let msgid = 1; msgid <= pageSize; msgid++) add(log, 5 * pageSize + msgid, 'lost');
  assert.equal(log.get(held), undefined);
  assert.ok([...log.rows()].length <= 2 * pageSize);
  const total = [...log.counts()].reduce((sum, { count }) => sum + count, 0);
  assert.equal(total, 5 * pageSize + 1);
  assert.equal(log.size, 5 * pageSize + 1);
});
