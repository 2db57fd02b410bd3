import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical } from './canonical.ts';

test('equal objects give equal texts, whatever the order of their keys', () => {
  const one = { b: [1, { y: '鸿', x: null }], a: { d: true, c: 'x' } };
  const other = { a: { c: 'x', d: true }, b: [1, { x: null, y: '鸿' }] };
  assert.equal(canonical(one), canonical(other));
  assert.equal(canonical(one), '{"a":{"c":"x","d":true},"b":[1,{"x":null,"y":"鸿"}]}');
});

test('different values give different texts: the order of a list, a text and a number, an empty list and object', () => {
  const values = [
    [1, 2],
    [2, 1],
    ['1', 2],
    [],
    {},
    null,
    '',
    0,
    { a: 1 },
    { a: '1' },
    { a: [1] },
    [{ a: 1 }],
  ];
  assert.equal(new Set(values.map(canonical)).size, values.length);
});
