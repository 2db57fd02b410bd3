import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BatchItem, formBatches } from './batches.ts';

const item = (id: number, subject: string, more: Partial<BatchItem> = {}): BatchItem => ({
  ...{ id, subject, body: `{"n":${id}}`, busyWith: null, ready: true },
  ...more,
});
const several = (from: number, n: number, subject: (i: number) => string): BatchItem[] =>
  Array.from({ length: n }, (_, i) => item(from + i, subject(i)));

function form(items: BatchItem[], most = 8, partial = true) {
  let made = 0;
  return formBatches('wx"1', items, { most, partial }, () => `d${++made}`);
}

test('100 items a POST, in order', () => {
  const { deliveries, blocked } = form(several(1, 250, (i) => `o${i}`));
  assert.deepEqual(
    deliveries.map((one) => one.items.length),
    [100, 100, 50],
  );
  assert.deepEqual(blocked, []);
  const bodies = deliveries.map((one): { appid: string; items: { n: number }[] } => JSON.parse(one.body));
  assert.equal(bodies[0]?.appid, 'wx"1');
  assert.deepEqual(
    bodies.flatMap((body) => body.items.map(({ n }) => n)),
    Array.from({ length: 250 }, (_, i) => i + 1),
  );
});

test('only full ones when asked for, and no more than asked for', () => {
  const items = several(1, 250, (i) => `o${i}`);
  assert.deepEqual(
    form(items, 8, false).deliveries.map((one) => one.items.length),
    [100, 100],
  );
  assert.equal(form(items, 1).deliveries.length, 1);
});

test('one large item is a POST of its own, measured in bytes', () => {
  const body = JSON.stringify({ text: '长'.repeat(100_000) });
  const { deliveries } = form([item(1, 'a', { body }), item(2, 'b', { body }), item(3, 'c')]);
  assert.deepEqual(
    deliveries.map((one) => one.items),
    [[1], [2, 3]],
  );
});

test('what follows for a person waits for the POST that the person is in, others go on', () => {
  const items = [
    item(1, 'failed', { busyWith: 'd0' }),
    ...several(2, 100, (i) => `o${i}`),
    item(102, 'o0'),
    item(103, 'new'),
  ];
  const { deliveries, blocked } = form(items);
  assert.deepEqual(
    deliveries.map((one) => [one.items.length, one.items.at(-1)]),
    [
      [100, 101],
      [1, 103],
    ],
  );
  assert.deepEqual(blocked, [
    { id: 1, behind: 'd0' },
    { id: 102, behind: 'd1' },
  ]);
});

test('what cannot leave yet keeps what follows for the same person, and nobody else', () => {
  const { deliveries, blocked } = form([item(1, 'a', { ready: false }), item(2, 'a'), item(3, 'b')]);
  assert.deepEqual(
    deliveries.map((one) => one.items),
    [[3]],
  );
  assert.deepEqual(blocked, []);
});

test('nobody is in two POSTs, and nothing of a person overtakes', () => {
  const one = fc.record({
    subject: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    large: fc.boolean(),
    ready: fc.boolean(),
  });
  const items = fc
    .array(one, { maxLength: 60 })
    .map((list) =>
      list.map(({ subject, large, ready }, id) =>
        item(id, subject, { ready, body: large ? JSON.stringify('x'.repeat(200_000)) : '{}' }),
      ),
    );
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 4 }), fc.boolean(), (list, most, partial) => {
      const { deliveries, blocked } = form(list, most, partial);
      const subjects = deliveries.flatMap((delivery) => delivery.subjects);
      assert.equal(new Set(subjects).size, subjects.length);
      const subjectOf = new Map(list.map(({ id, subject }) => [id, subject]));
      for (const { id, behind } of blocked)
        assert.ok(
          deliveries.find((delivery) => delivery.id === behind)?.subjects.includes(subjectOf.get(id) ?? ''),
        );
      // Of each person a beginning left; what stays, stays behind it.
      const gone = new Set(deliveries.flatMap((delivery) => delivery.items));
      const stays = new Set<string>();
      for (const { id, subject } of list) {
        if (!gone.has(id)) stays.add(subject);
        else assert.ok(!stays.has(subject), `${id} of ${subject} overtook`);
      }
    }),
  );
});
