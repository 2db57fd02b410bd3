import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitRid, WechatError, WechatTransportError } from './error.ts';

test('strips every historic form of the request id', () => {
  const cases: [string, string, string | null][] = [
    ['invalid openid rid: 64e5d2d0-18b1978d-6abec211', 'invalid openid', '64e5d2d0-18b1978d-6abec211'],
    ['invalid code, rid: 64e5d2d0-18b1978d-6abec211', 'invalid code', '64e5d2d0-18b1978d-6abec211'],
    ['invalid form id hint: [ABCDEF1234]', 'invalid form id', 'ABCDEF1234'],
    [
      'invalid appsecret, view more at http://t.cn/RAEkdVq, hints: [ req_id: AbCdEfGh ]',
      'invalid appsecret, view more at http://t.cn/RAEkdVq',
      'AbCdEfGh',
    ],
    ['ok', 'ok', null],
    ['', '', null],
    ['rid: is a word here', 'rid: is a word here', null],
  ];
  for (const [text, errmsg, rid] of cases) assert.deepEqual(splitRid(text), { errmsg, rid });
});

test('a long hostile errmsg costs no time that grows with its square', () => {
  const text = `${' '.repeat(2_000_000)}x`;
  assert.equal(splitRid(text).errmsg, text);
});

test('an error names code, path and rid and knows its action', () => {
  const error = new WechatError({
    errcode: 43004,
    errmsg: 'require subscribe rid: 64e5d2d0-18b1978d-6abec211',
    method: 'POST',
    path: '/cgi-bin/message/template/send',
  });
  assert.equal(error.code, 'WECHAT_ERROR');
  assert.equal(
    error.message,
    'WeChat answered POST /cgi-bin/message/template/send with 43004 require subscribe (rid 64e5d2d0-18b1978d-6abec211)',
  );
  assert.equal(error.info.action, 'drop');
});

test('tells never left from left, no answer', () => {
  const base = { what: 'x', method: 'GET', path: '/p', host: 'h' } as const;
  for (const reason of ['connect', 'busy', 'deadline', 'cancelled'] as const) {
    const error = new WechatTransportError({ ...base, reason });
    assert.deepEqual([error.left, error.code], [false, 'WECHAT_UNREACHABLE'], reason);
  }
  for (const reason of ['timeout', 'reset', 'gateway', 'unparsable', 'aborted'] as const) {
    const error = new WechatTransportError({ ...base, reason });
    assert.deepEqual([error.left, error.code], [true, 'WECHAT_NO_ANSWER'], reason);
  }
});
