import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { WechatError, WechatTransportError } from '../error.ts';
import { parseAnswer, parseSendAnswer, readAnswer } from './answer.ts';

const origin = { method: 'POST', path: '/p', host: 'h' } as const;
const read = (text: string) => parseSendAnswer(text, '/p', 'h');

test('reads the usual answers, with and without msgid, in any spelling of JSON', () => {
  const msgid = '3557254367693750277';
  assert.deepEqual(read(`{"errcode":0,"errmsg":"ok","msgid":${msgid}}`), { kind: 'accepted', msgid });
  assert.deepEqual(read(`{ "errmsg":"ok","msgid": ${msgid}, "errcode":0}`), { kind: 'accepted', msgid });
  assert.deepEqual(read(`{"errcode":0,"errmsg":"ok","msgid":"${msgid}"}`), { kind: 'accepted', msgid });
  assert.deepEqual(read('{"errcode":0,"errmsg":"ok"}'), { kind: 'accepted', msgid: null });
  assert.deepEqual(read('{"errcode":"0","errmsg":"ok"}'), { kind: 'accepted', msgid: null });
  assert.deepEqual(read('{"errcode":0,"errmsg":"ok","msgid":"none"}'), { kind: 'accepted', msgid: null });
});

/** Everything that JavaScript or a lenient reader would take for 0, and pages of gateways that speak JSON with status 200. */
const foreign = [
  '{"code":403,"message":"Request blocked"}',
  '{"status":"ok","data":{"errcode":0}}',
  '{"errmsg":"ok"}',
  '{"msgid":3557254367693750277}',
  '{}',
  '{"errcode":"busy"}',
  '{"errcode":null}',
  '{"errcode":""}',
  '{"errcode":" 0"}',
  '{"errcode":"0x0"}',
  '{"errcode":"-"}',
  '{"errcode":[]}',
  '{"errcode":[0]}',
  '{"errcode":{}}',
  '{"errcode":false}',
  '{"errcode":0.5}',
  '{"errcode":1e300}',
  '{"Errcode":0,"errmsg":"ok"}',
  '[]',
  '[{"errcode":0}]',
  'null',
  '0',
  '"ok"',
  'true',
];

test('only errcode 0 is an acceptance, and JSON without an errcode is no answer of WeChat’s', () => {
  for (const text of foreign) {
    const answer = read(text);
    assert.equal(answer.kind === 'no-answer' && answer.reason, 'unparsable', text);
    assert.ok(
      answer.kind === 'no-answer' && answer.error instanceof WechatTransportError && answer.error.left,
    );
    assert.ok(answer.error.excerpt !== null, text);
  }
  // An errcode's digits may be text; anything else in its place, at any depth beside it, accepts nobody.
  const errcodes = fc.oneof(fc.jsonValue(), fc.integer(), fc.integer().map(String), fc.constant(undefined));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), errcodes, (more, errcode) => {
      const body = { ...more, ...(errcode === undefined ? {} : { errcode }) };
      // Through JSON, which knows no −0.
      const { errcode: sent }: { errcode?: unknown } = JSON.parse(JSON.stringify(body));
      const { kind } = read(JSON.stringify(body));
      if (sent === 0 || (typeof sent === 'string' && /^-?0{1,9}$/.test(sent))) assert.equal(kind, 'accepted');
      else if (Number.isSafeInteger(sent) || (typeof sent === 'string' && /^-?\d{1,9}$/.test(sent)))
        assert.equal(kind, 'refused');
      else assert.equal(kind, 'no-answer');
    }),
  );
});

test('a cut or padded answer is not taken for an acceptance', () => {
  for (const text of [
    '{"errcode":0,"errmsg":"ok","msgid":}',
    '{"errcode":0,"errmsg":"ok","msgid":12',
    '{"errcode":0,"errmsg":"ok","msgid":12}}',
    '<html>ok</html>',
    '',
    '[]',
    '{"errcode":"busy"}',
  ]) {
    const answer = read(text);
    assert.equal(answer.kind === 'no-answer' && answer.reason, 'unparsable', text);
  }
});

test('an answer with two errcodes is taken at neither of them', () => {
  for (const text of [
    '{"errcode":40001,"errcode":0}',
    '{"errcode":0,"errcode":40001,"msgid":3557254367693750277}',
    '{"errcode":40001,"err\\u0063ode":0}',
    '{"errcode":0,"errmsg":"\\"}","x":{"errcode":1},"errcode" : 0}',
  ]) {
    const answer = read(text);
    assert.equal(answer.kind === 'no-answer' && answer.reason, 'unparsable', text);
    assert.throws(() => parseAnswer(text, origin), WechatTransportError, text);
  }
  for (const text of [
    '{"errcode":0,"data":{"errcode":40001},"list":[{"errcode":1}]}',
    '{"errcode":0,"errmsg":"\\",\\"errcode\\":1 \\\\"}',
  ])
    assert.equal(read(text).kind, 'accepted', text);
});

test('gives a refusal its errcode, text, rid and the id of the earlier message', () => {
  assert.deepEqual(read('{"errcode":45065,"errmsg":"clientmsgid exist rid: 1a-2b-3c","msg_id":34182}'), {
    kind: 'refused',
    errcode: 45065,
    errmsg: 'clientmsgid exist',
    rid: '1a-2b-3c',
    msgid: '34182',
  });
  const busy = read('{"errcode":-1,"errmsg":"system error"}');
  assert.equal(busy.kind === 'refused' && busy.errcode, -1);
});

test('a call’s answer: absent errcode is 0, another is a WechatError, no object is a transport error', () => {
  assert.deepEqual(parseAnswer('{"total":2}', origin), { total: 2 });
  assert.throws(() => parseAnswer('{"errcode":40003,"errmsg":"invalid openid"}', origin), WechatError);
  assert.throws(
    () => parseAnswer('<html>access_token=T0KEN</html>', origin),
    (error) => error instanceof WechatTransportError && error.left && !error.message.includes('T0KEN'),
  );
});

test('what a call promises must be there, and the error says what came, without what may be secret', () => {
  const shape = z.looseObject({ total: z.int() });
  assert.deepEqual(readAnswer('{"errcode":"0","total":2}', origin, shape), { errcode: 0, total: 2 });
  for (const text of foreign)
    assert.throws(
      () => readAnswer(text, origin, shape),
      (error) => error instanceof WechatTransportError && error.reason === 'unparsable' && error.left,
      text,
    );
  const blocked = '{"code":403,"message":"blocked","url":"/p?access_token=T0KEN"}';
  assert.throws(() => readAnswer(blocked, origin, shape), {
    code: 'WECHAT_NO_ANSWER',
    message:
      "POST /p to h: the answer (62 characters) is not WeChat's: this call promises something else " +
      '(total: Invalid input: expected number, received undefined). It had been sent, so WeChat may have acted on it: do not ' +
      'repeat a message blindly. The answer begins: {"code":403,"message":"blocked","url":"/p?access_token=…"}',
  });
  assert.throws(
    () => readAnswer(blocked, { ...origin, isSecret: true }, shape),
    (error) =>
      error instanceof WechatTransportError && error.excerpt === null && !/blocked/.test(error.message),
  );
});
