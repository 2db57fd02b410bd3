import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { callbackVectors, eventXml, pushRequest, testKeys } from '../../../test/support/callback/request.ts';
import { parseCallbackBody } from './body.ts';
import { decodeAesKey, decryptMessage, signCallback } from './crypto.ts';
import type { CallbackFields } from './event.ts';
import { type OpenedCallback, openCallback } from './open-callback.ts';
import { type CallbackReply, type ReplyRequest, sealMessage, writeCallbackReply } from './reply.ts';

type Opened = Extract<OpenedCallback, { kind: 'event' }>;
const keys = { ...testKeys, requireEncryption: false };
const message = {
  ToUserName: 'gh_1',
  FromUserName: 'o1',
  CreateTime: '1714112445',
  MsgType: 'text',
  Content: '?',
  MsgId: '1',
};

function open(format: 'xml' | 'json', mode: 'plain' | 'compatible' | 'secure'): Opened {
  const content = format === 'xml' ? eventXml(message) : JSON.stringify(message);
  const opened = openCallback({ ...pushRequest(content, mode), keys });
  assert.ok(opened.kind === 'event');
  return opened;
}

function fieldsOf(body: string): CallbackFields {
  const parsed = parseCallbackBody(Buffer.from(body));
  assert.ok(parsed !== undefined, body);
  return parsed.fields;
}

/** Checks the signature as WeChat would, and gives the message inside. */
function unseal(body: string, aesKey = keys.aesKeys[0] ?? ''): string {
  const { Encrypt, MsgSignature, TimeStamp, Nonce } = fieldsOf(body);
  assert.equal(MsgSignature, signCallback(keys.token, String(TimeStamp), String(Nonce), String(Encrypt)));
  const decrypted = decryptMessage(String(Encrypt), decodeAesKey(aesKey), keys.appid);
  assert.ok(decrypted.kind === 'message');
  return decrypted.message.toString();
}

const write = (reply: CallbackReply, opened: Opened, more: Partial<ReplyRequest> = {}): string =>
  writeCallbackReply({ reply, opened, keys, timestamp: 1_714_112_446, ...more }).body;

test('WeChat’s own encrypted reply (V4) comes out byte for byte', () => {
  const v4 = callbackVectors.find(({ id }) => id === 'V4');
  const { token = '', key = '', appid = '', plaintext = '', nonce = '', random = '' } = v4 ?? {};
  const sealed = sealMessage(
    plaintext,
    { token, aesKeys: [key], appid },
    {
      timestamp: 1713424427,
      nonce,
      random: Buffer.from(random),
    },
  );
  assert.deepEqual(sealed, {
    Encrypt: v4?.encrypt,
    MsgSignature: '1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1',
    TimeStamp: 1713424427,
    Nonce: '415670741',
  });
});

test('none is "success" in every mode', () => {
  for (const mode of ['plain', 'compatible', 'secure'] as const) {
    const written = writeCallbackReply({ reply: { kind: 'none' }, opened: open('json', mode), keys });
    assert.deepEqual(written, { contentType: 'text/plain', body: 'success' });
  }
});

test('a text in clear', () => {
  assert.equal(
    write({ kind: 'text', content: '谢谢 <b> & ]]> 🪿\n再见' }, open('xml', 'plain')),
    '<xml><ToUserName><![CDATA[o1]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName><CreateTime>1714112446</CreateTime>' +
      '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[谢谢 <b> & ]]]]><![CDATA[> 🪿\n再见]]></Content></xml>',
  );
  assert.equal(
    write({ kind: 'text', content: '谢谢 "]]>"' }, open('json', 'plain')),
    '{"ToUserName":"o1","FromUserName":"gh_1","CreateTime":1714112446,"MsgType":"text","Content":"谢谢 \\"]]>\\""}',
  );
});

test('a hand-over to customer service', () => {
  assert.equal(
    write({ kind: 'transfer' }, open('json', 'plain')),
    '{"ToUserName":"o1","FromUserName":"gh_1","CreateTime":1714112446,"MsgType":"transfer_customer_service"}',
  );
  const named = write({ kind: 'transfer', kfAccount: 'test1@test' }, open('xml', 'plain'));
  assert.match(named, /<TransInfo><KfAccount><!\[CDATA\[test1@test\]\]><\/KfAccount><\/TransInfo><\/xml>$/);
});

test('encrypted in the request’s format when the request was', () => {
  for (const mode of ['compatible', 'secure'] as const) {
    const xml = write({ kind: 'text', content: '好' }, open('xml', mode), { nonce: '1320562132' });
    assert.match(
      xml,
      /^<xml><Encrypt><!\[CDATA\[[\w+/=]+\]\]><\/Encrypt><MsgSignature><!\[CDATA\[[0-9a-f]{40}\]\]><\/MsgSignature><TimeStamp>1714112446<\/TimeStamp><Nonce><!\[CDATA\[1320562132\]\]><\/Nonce><\/xml>$/,
    );
    assert.equal(fieldsOf(unseal(xml)).Content, '好');
    const json = write({ kind: 'text', content: '好' }, open('json', mode));
    assert.match(
      json,
      /^\{"Encrypt":"[\w+/=]+","MsgSignature":"[0-9a-f]{40}","TimeStamp":1714112446,"Nonce":"\d{9}"\}$/,
    );
    assert.equal(unseal(json), write({ kind: 'text', content: '好' }, open('json', 'plain')));
  }
});

test('encrypted under the key that opened the request, while the key is being changed', () => {
  const [old = ''] = keys.aesKeys;
  const changed = { ...keys, aesKeys: ['B'.repeat(43), old] };
  const opened = openCallback({ ...pushRequest(eventXml(message), 'secure'), keys: changed });
  assert.ok(opened.kind === 'event');
  const { body } = writeCallbackReply({ reply: { kind: 'transfer' }, opened, keys: changed });
  assert.match(unseal(body, old), /transfer_customer_service/);
});

test('any text comes back as it was', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
    fc.string({ unit: fc.constantFrom(']', '>', '<', '&', '鸿', '🪿', '"', '\\'), minLength: 1 }),
  );
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom('xml', 'json'),
      fc.constantFrom('plain', 'secure'),
      (content, format, mode) => {
        fc.pre(content.trim() !== '');
        const body = write({ kind: 'text', content }, open(format, mode));
        assert.equal(fieldsOf(mode === 'plain' ? body : unseal(body)).Content, content);
      },
    ),
  );
});

test('what XML cannot hold becomes a blank', () => {
  assert.equal(
    fieldsOf(write({ kind: 'text', content: 'a\u0000b\u0008c\ud83d' }, open('xml', 'plain'))).Content,
    'a b c\ufffd',
  );
});

test('refuses a text that WeChat does not take', () => {
  const opened = open('xml', 'secure');
  assert.equal(
    fieldsOf(unseal(write({ kind: 'text', content: '鸿'.repeat(682) }, opened))).Content?.length,
    682,
  );
  for (const content of ['', '  \n', '鸿'.repeat(683), 'x'.repeat(2049)]) {
    assert.throws(() => write({ kind: 'text', content }, opened), { code: 'CALLBACK_REPLY_INVALID' });
  }
});
