import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wireData } from './template-data.ts';

const refused = { code: 'MESSAGE_INVALID' };

test('a text is short for an object with it, and what else a field has goes along', () => {
  assert.deepEqual(wireData({ keyword1: 'a', keyword2: { value: '', color: '#173177' } }), {
    keyword1: { value: 'a' },
    keyword2: { value: '', color: '#173177' },
  });
  assert.deepEqual(wireData({}), {});
  assert.deepEqual(Object.keys(wireData(JSON.parse('{"__proto__":"x"}'))), ['__proto__']);
});

test('a field of any other shape is refused, and so is data that is no object', () => {
  for (const field of [
    { data: 'wrong key' },
    { value: null },
    { value: 12.5 },
    { value: { value: 'x' } },
    { value: ['x'] },
    {},
    [],
    ['x'],
    null,
    12,
    true,
    undefined,
    Object.create({ value: 'inherited' }),
  ])
    assert.throws(() => wireData({ keyword1: 'ok', keyword2: field }), refused);
  for (const data of [undefined, null, '{"keyword1":{"value":"x"}}', [], [{ value: 'x' }], 1])
    assert.throws(() => wireData(data), refused);
  assert.throws(() => wireData({ thing1: { value: 3 } }), {
    ...refused,
    message:
      'data.thing1 is to be a text or {"value": a text}, not an object whose value is a number: write it as a text',
  });
});

test('whatever passes is texts, one for each field that was given', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.record({ value: fc.jsonValue() }))),
      (data) => {
        const isRight = Object.values(data).every(
          (field) =>
            typeof field === 'string' ||
            (typeof field === 'object' &&
              field !== null &&
              !Array.isArray(field) &&
              'value' in field &&
              typeof field.value === 'string'),
        );
        if (!isRight) return assert.throws(() => wireData(data), refused);
        const wired = wireData(data);
        assert.deepEqual(Object.keys(wired), Object.keys(data));
        assert.ok(Object.values(wired).every(({ value }) => typeof value === 'string'));
      },
    ),
  );
});
