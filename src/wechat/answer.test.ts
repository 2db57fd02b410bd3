import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnswer, parseSendAnswer } from './answer.ts';
import { WechatError, WechatTransportError } from './error.ts';

const origin = { method: 'POST', path: '/p', host: 'h' } as const;
const read = (text: string) => parseSendAnswer(text, '/p', 'h');

test('reads the usual answers, with and without msgid, in any spelling of JSON', () => {
  const msgid = '3557254367693750277';
  assert.deepEqual(read(`{"errcode":0,"errmsg":"ok","msgid":${msgid}}`), { kind: 'accepted', msgid });
  assert.deepEqual(read(`{ "errmsg":"ok","msgid": ${msgid}, "errcode":0}`), { kind: 'accepted', msgid });
  assert.deepEqual(read(`{"errcode":0,"errmsg":"ok","msgid":"${msgid}"}`), { kind: 'accepted', msgid });
  assert.deepEqual(read('{"errcode":0,"errmsg":"ok"}'), { kind: 'accepted', msgid: null });
  assert.deepEqual(read('{"errmsg":"ok"}'), { kind: 'accepted', msgid: null });
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
