import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseWechatJson } from './json.ts';

test('keeps a 64-bit msgid exact', () => {
  assert.deepEqual(parseWechatJson('{"errcode":0,"errmsg":"ok","msgid":3557254367693750277}'), {
    errcode: 0,
    errmsg: 'ok',
    msgid: '3557254367693750277',
  });
});

test('gives every id key as text, however small its number', () => {
  for (const key of ['msgid', 'MsgID', 'MsgId', 'msg_id', 'msg_data_id']) {
    assert.deepEqual(parseWechatJson(`{"${key}":34182}`), { [key]: '34182' });
  }
  assert.deepEqual(parseWechatJson('{"list":[{"msg_id": 7}]}'), { list: [{ msg_id: '7' }] });
});

test('keeps other integers beyond 2^53 exact, at any depth, and leaves the rest as numbers', () => {
  assert.deepEqual(
    parseWechatJson('{"a":[9007199254740993,9007199254740991,-9007199254740993],"b":1.5,"c":-1,"d":1e20}'),
    { a: ['9007199254740993', 9007199254740991, '-9007199254740993'], b: 1.5, c: -1, d: 1e20 },
  );
});

test('leaves digits inside text alone', () => {
  assert.deepEqual(parseWechatJson('{"openid":"o1234567890123456789","n":5}'), {
    openid: 'o1234567890123456789',
    n: 5,
  });
});

test('gives nothing for what is not a JSON object', () => {
  for (const text of [
    '',
    '<html><body>502</body></html>',
    '[1]',
    '"ok"',
    'null',
    '5',
    '{"errcode":0',
    'ok',
  ]) {
    assert.equal(parseWechatJson(text), undefined, text);
  }
});

test('accepts a byte order mark and raw control characters inside text', () => {
  assert.deepEqual(parseWechatJson('\ufeff{"a":1}'), { a: 1 });
  assert.deepEqual(parseWechatJson('{"remark":"x\u0007y","msgid":3557254367693750277}'), {
    remark: 'x y',
    msgid: '3557254367693750277',
  });
});

test('agrees with JSON.parse wherever no big integer and no id key occurs', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\d{16}|msg/i.test(text));
      assert.deepEqual(parseWechatJson(text), JSON.parse(text));
    }),
  );
});
