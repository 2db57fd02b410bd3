import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OpenidCodec } from './openid.ts';

const max = 0xffff_ffff;

test('an openid and its index determine one another', () => {
  const codec = new OpenidCodec(1, 'wx0123456789abcdef');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: max }), (index) => {
      const openid = codec.encode(index);
      assert.match(openid, /^o[A-Za-z0-9_-]{27}$/);
      assert.equal(codec.decode(openid), index);
    }),
  );
});

test('a page of openids is the openids one by one, all different', () => {
  const codec = new OpenidCodec(1, 'wx0123456789abcdef');
  const indexes = Array.from({ length: 10_000 }, (_, i) => i * 429_000);
  const page = codec.encodeAll(indexes);
  assert.equal(new Set(page).size, page.length);
  assert.deepEqual(
    page.slice(0, 50),
    indexes.slice(0, 50).map((index) => codec.encode(index)),
  );
  assert.equal(new Set(page.map((openid) => openid.slice(0, 6))).size, 1);
});

test('changing any character of an openid makes it foreign', () => {
  const codec = new OpenidCodec(1, 'wx0123456789abcdef');
  const character = fc.constantFrom(...'ABCXYZabcxyz0189-_+/= ');
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 0, max: 27 }), character, (index, at, other) => {
      const openid = codec.encode(index);
      fc.pre(openid[at] !== other);
      assert.equal(codec.decode(openid.slice(0, at) + other + openid.slice(at + 1)), -1);
    }),
  );
});

test('openids of another account, another seed and any other text are foreign', () => {
  const codec = new OpenidCodec(1, 'wx0123456789abcdef');
  assert.equal(codec.decode(new OpenidCodec(1, 'wx0123456789abcdee').encode(7)), -1);
  assert.equal(codec.decode(new OpenidCodec(2, 'wx0123456789abcdef').encode(7)), -1);
  for (const openid of ['', 'o', codec.encode(7).slice(0, 27), `${codec.encode(7)}A`, '鸿'.repeat(28)]) {
    assert.equal(codec.decode(openid), -1);
  }
});
