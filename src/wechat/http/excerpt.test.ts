import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { excerpt } from './excerpt.ts';

test('shows a person whose answer it is', () => {
  assert.equal(
    excerpt('{"code":403,"message":"Request blocked by WAF"}'),
    '{"code":403,"message":"Request blocked by WAF"}',
  );
  assert.equal(
    excerpt(
      '<!DOCTYPE html><html><head><style>p{}</style><title>访问被拦截</title></head>\r\n<body><h1>403</h1>',
    ),
    '访问被拦截 403',
  );
  assert.equal(excerpt(''), '');
});

test('leaves out secrets, openids, telephones and a repetition of the message', () => {
  for (const [text, shown] of [
    ['GET /cgi-bin/x?access_token=T0KEN&next=1', 'GET /cgi-bin/x?access_token=…&next=1'],
    ['{"access_token":"short \\\\ one","a":1}', '{"access_token":…,"a":1}'],
    ["{'session_key': 'k==', b}", "{'session_key': …, b}"],
    ['Authorization: Bearer abc', 'Authorization: …'],
    ['no such user oTjywVfABsyzZ287Jb9ptGlpSVs2', 'no such user …'],
    ['call 13800138000 now', 'call … now'],
    ['{"touser":"o1","data":{"thing1":{"value":"王小明"}}}', '(a repetition of the request)'],
    // Split by what nobody sees.
    ['oTjywVfABsyz\u200bZ287Jb9ptGlpSVs2xxxxxxxxxxxx', '…'],
  ] as const)
    assert.equal(excerpt(text), shown);
});

test('is one printable line of bounded length, whatever came', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
      const line = excerpt(text);
      assert.ok(Array.from(line).length <= 161);
      assert.ok(line.isWellFormed());
      assert.doesNotMatch(
        line,
        /[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069]|\d{8}|[A-Za-z0-9_-]{20}/u,
      );
    }),
  );
});
