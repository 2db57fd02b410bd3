import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { describeFailure } from '../base/errors.ts';
import { transportWords } from '../texts/transport.ts';
import { splitRid, WechatError, WechatTransportError } from './error.ts';
import { parseAnswer } from './http/answer.ts';

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

test('an error keeps what else WeChat answered, exact, and shows it to nobody who prints the error', () => {
  const origin = { method: 'POST', path: '/cgi-bin/message/mass/sendall', host: 'h' } as const;
  const refused = (text: string): WechatError => {
    try {
      parseAnswer(text, origin);
    } catch (error) {
      assert.ok(error instanceof WechatError);
      return error;
    }
    return assert.fail('it should be refused');
  };
  const repeated = refused('{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":9007199254740993}');
  assert.deepEqual(repeated.answer, { msg_id: '9007199254740993' });
  const error = refused(
    '{"errcode":45171,"errmsg":"some failed","fail_openid_list":["oSecret1","oSecret2"],"access_token":"TOKEN"}',
  );
  assert.deepEqual(error.answer, { fail_openid_list: ['oSecret1', 'oSecret2'] });
  const shown = [
    JSON.stringify(error),
    inspect(error, { depth: 9, showHidden: true }),
    String(error),
    JSON.stringify(error.details),
    Object.keys(error).join(),
  ].join('\n');
  assert.doesNotMatch(shown, /oSecret|TOKEN/);
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

test('are told in the language of whoever reads them, with what to do', () => {
  const refused = new WechatError({
    ...{ errcode: 43004, errmsg: 'require subscribe rid: 5f0b' },
    ...{ method: 'POST', path: '/cgi-bin/message/template/send' },
  });
  const { what, hint } = describeFailure(refused, 'zh', 'cli');
  assert.equal(what, '微信对 POST /cgi-bin/message/template/send 返回 43004 require subscribe (rid 5f0b)');
  assert.equal(hint, refused.info.zh);
  const silent = new WechatTransportError({
    ...{ reason: 'timeout', what: transportWords.silent(10_000), method: 'GET', path: '/p', host: 'h' },
  });
  assert.match(describeFailure(silent, 'zh', 'http').what, /10000 毫秒内没有应答。请求已经发出/);
  assert.match(silent.message, /no answer within 10000 ms\. It had been sent/);
});
