import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  callbackVectors,
  eventXml,
  type PushedRequest,
  pushRequest,
  testKeys,
} from '../../../test/support/callback/request.ts';
import { signCallback } from './crypto.ts';
import type { CallbackKeys } from './keys.ts';
import { type OpenedCallback, openCallback } from './open-callback.ts';

const content = {
  xml: eventXml({
    ToUserName: 'gh_97417a04a28d',
    FromUserName: 'o1',
    CreateTime: '1714112445',
    MsgType: 'event',
    Event: 'unsubscribe',
  }),
  json: '{"ToUserName":"gh_97417a04a28d","FromUserName":"o1","CreateTime":1714112445,"MsgType":"event","Event":"unsubscribe"}',
};
const plainKeys: CallbackKeys = { ...testKeys, requireEncryption: false };

function refusal(request: PushedRequest, keys = testKeys): string {
  const opened = openCallback({ ...request, keys });
  return opened.kind === 'refused' ? opened.reason : `${opened.event.type}, ${opened.mode}`;
}

function event(opened: OpenedCallback): Extract<OpenedCallback, { kind: 'event' }> {
  assert.ok(opened.kind === 'event', JSON.stringify(opened));
  return opened;
}

/** The request with other query parameters; undefined takes one away. */
function withQuery(
  { query, body }: PushedRequest,
  changes: Record<string, string | undefined>,
): PushedRequest {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  }
  return { query: changed, body };
}

describe('opens', () => {
  for (const mode of ['plain', 'compatible', 'secure'] as const) {
    for (const format of ['xml', 'json'] as const) {
      test(`${mode} mode in ${format.toUpperCase()}`, () => {
        const opened = event(openCallback({ ...pushRequest(content[format], mode), keys: plainKeys }));
        assert.equal(opened.event.type, 'unfollow');
        assert.deepEqual(opened.event.fields, {
          ToUserName: 'gh_97417a04a28d',
          FromUserName: 'o1',
          CreateTime: '1714112445',
          MsgType: 'event',
          Event: 'unsubscribe',
        });
        assert.deepEqual(
          [opened.mode, opened.format, opened.keyIndex],
          [mode, format, mode === 'plain' ? null : 0],
        );
      });
    }
  }

  for (const vector of callbackVectors.filter(
    ({ kind, plaintext }) => kind === 'decrypt' && /^[<{]/.test(plaintext ?? ''),
  )) {
    test(`the public vector ${vector.id}`, () => {
      const { encrypt = '', token = '', key = '', appid = '', plaintext = '' } = vector;
      const query = new URLSearchParams({
        ...(vector.signature === undefined ? {} : { signature: vector.signature }),
        timestamp: vector.timestamp ?? '',
        nonce: vector.nonce ?? '',
        encrypt_type: 'aes',
        msg_signature: vector.msg_signature ?? '',
      });
      const body = plaintext.startsWith('{')
        ? `{"ToUserName":"gh_97417a04a28d","Encrypt":"${encrypt}"}`
        : `<xml><ToUserName><![CDATA[gh]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
      const opened = event(
        openCallback({ query, body: Buffer.from(body), keys: { appid, token, aesKeys: [key] } }),
      );
      assert.equal(opened.mode, 'secure');
      const msgId = /<MsgId>(\d+)</.exec(plaintext)?.[1];
      assert.equal(opened.event.type, msgId === undefined ? 'unknown' : 'message');
      if (opened.event.type === 'message') assert.equal(opened.event.msgId, msgId);
    });
  }

  test('the public vector V2, in plain mode', () => {
    const body =
      '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714037059,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}';
    const v2 = callbackVectors.find(({ id }) => id === 'V2');
    const { signature = '', timestamp = '', nonce = '', token = '' } = v2 ?? {};
    const query = new URLSearchParams({ signature, timestamp, nonce });
    const opened = event(
      openCallback({ query, body: Buffer.from(body), keys: { appid: 'wx', token, aesKeys: [] } }),
    );
    assert.deepEqual([opened.event.name, opened.event.fields.debug_str], ['debug_demo', 'hello world']);
  });

  test('a push without signature beside msg_signature, and without encrypt_type', () => {
    const request = pushRequest(content.xml, 'secure');
    assert.equal(
      refusal(withQuery(request, { signature: undefined, encrypt_type: undefined })),
      'unfollow, secure',
    );
  });

  test('JSON that escapes the slashes of Base64', () => {
    // Random bytes: some of 20 have a slash.
    const requests = Array.from({ length: 20 }, () => pushRequest(content.json, 'secure'));
    assert.ok(requests.some(({ body }) => body.includes('/')));
    for (const { query, body } of requests) {
      const escaped = Buffer.from(body.toString().replaceAll('/', '\\/'));
      assert.equal(refusal({ query, body: escaped }), 'unfollow, secure');
    }
  });

  test('under the key before, while the key is being changed, and says which', () => {
    const [old = ''] = testKeys.aesKeys;
    const changed = { ...testKeys, aesKeys: ['B'.repeat(43), old] };
    assert.equal(event(openCallback({ ...pushRequest(content.xml, 'secure'), keys: changed })).keyIndex, 1);
    assert.equal(
      event(openCallback({ ...pushRequest(content.xml, 'secure', changed), keys: changed })).keyIndex,
      0,
    );
    assert.match(
      refusal(pushRequest(content.xml, 'secure'), { ...testKeys, aesKeys: ['B'.repeat(43)] }),
      /^(padding|length|appid)$/,
    );
  });

  test('any text that a user can send, in any mode and format', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom(
          '<Encrypt>',
          '</Encrypt>',
          ']]>',
          '"Encrypt":"',
          'A'.repeat(64),
          '鸿',
          '🪿',
          '\\',
          '"',
        ),
        maxLength: 20,
      }),
    );
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom('plain', 'compatible', 'secure'),
        fc.constantFrom('xml', 'json'),
        (text, mode, format) => {
          const fields = {
            FromUserName: 'o1',
            CreateTime: '1714112445',
            MsgType: 'text',
            Content: text,
            MsgId: '6074746557628292943',
          };
          const escaped = text.replaceAll(']]>', ']]]]><![CDATA[>');
          const body = format === 'json' ? JSON.stringify(fields) : eventXml({ ...fields, Content: escaped });
          const opened = event(openCallback({ ...pushRequest(body, mode), keys: plainKeys }));
          assert.equal(opened.mode, mode);
          assert.equal(opened.event.fields.Content, text);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('in compatible mode', () => {
  test('the encrypted content counts, never what stands beside it', () => {
    for (const format of ['xml', 'json'] as const) {
      const { query, body } = pushRequest(content[format], 'compatible');
      const forged = Buffer.from(
        // In quotes or CDATA: the ciphertext may have an o1 too.
        body
          .toString()
          .replaceAll('unsubscribe', 'subscribe')
          .replaceAll(/(["[])o1(["\]])/g, '$1o2$2'),
      );
      assert.notDeepEqual(forged, body);
      const opened = event(openCallback({ query, body: forged, keys: testKeys }));
      assert.deepEqual([opened.event.type, opened.event.openid], ['unfollow', 'o1']);
    }
  });

  test('a text that speaks of Encrypt does not hide the real one', () => {
    const fake = `<Encrypt>${'A'.repeat(64)}</Encrypt>`;
    const fields = { FromUserName: 'o1', CreateTime: '1714112445', MsgType: 'text', MsgId: '1' };
    const message = eventXml({ ...fields, Content: fake.repeat(25) });
    assert.equal(refusal(pushRequest(message, 'compatible')), 'message, compatible');
    // The real one first.
    const { query, body } = pushRequest(content.xml, 'secure');
    const before = body.toString().replace('</xml>', `<Content><![CDATA[${fake}]]></Content></xml>`);
    assert.equal(refusal({ query, body: Buffer.from(before) }), 'unfollow, secure');
  });

  test('without msg_signature the clear fields are not taken', () => {
    for (const format of ['xml', 'json'] as const) {
      const request = pushRequest(content[format], 'compatible');
      assert.equal(refusal(withQuery(request, { msg_signature: undefined })), 'unsigned');
      const bare = withQuery(request, { msg_signature: undefined, encrypt_type: undefined });
      assert.equal(refusal(bare), 'plain');
      assert.equal(refusal(bare, plainKeys), 'unsigned');
    }
  });
});

describe('refuses', () => {
  test('plain bodies where there is an AES key, though rightly signed', () => {
    const request = pushRequest(content.xml, 'plain');
    assert.equal(refusal(request), 'plain');
    assert.equal(refusal(request, { ...testKeys, requireEncryption: true, aesKeys: [] }), 'plain');
    assert.equal(refusal(request, { ...testKeys, aesKeys: [] }), 'unfollow, plain');
    assert.equal(refusal(request, plainKeys), 'unfollow, plain');
  });

  test('a plain body under the signature of an encrypted push', () => {
    const { query } = pushRequest(content.xml, 'secure');
    const forged = { query, body: Buffer.from(content.xml) };
    assert.equal(refusal(forged), 'malformed');
    assert.equal(refusal(withQuery(forged, { encrypt_type: undefined, msg_signature: undefined })), 'plain');
  });

  test('encrypted bodies where there is no AES key', () => {
    assert.equal(refusal(pushRequest(content.xml, 'secure'), { ...testKeys, aesKeys: [] }), 'no-key');
  });

  test('what is not signed, or not with this token', () => {
    for (const mode of ['plain', 'secure'] as const) {
      const request = pushRequest(content.xml, mode);
      const name = mode === 'plain' ? 'signature' : 'msg_signature';
      assert.equal(
        refusal(withQuery(request, { signature: undefined, msg_signature: undefined })),
        'unsigned',
      );
      assert.equal(refusal(withQuery(request, { timestamp: undefined })), 'unsigned');
      assert.equal(refusal(withQuery(request, { nonce: undefined })), 'unsigned');
      assert.equal(refusal(withQuery(request, { [name]: '' })), 'signature');
      assert.equal(refusal(withQuery(request, { [name]: 'a'.repeat(40) })), 'signature');
      assert.equal(refusal(withQuery(request, { timestamp: '1714112446' })), 'signature');
      assert.equal(refusal(withQuery(request, { nonce: '1' })), 'signature');
      assert.equal(refusal(request, { ...testKeys, token: 'another1' }), 'signature');
    }
    assert.equal(refusal({ query: new URLSearchParams(), body: Buffer.from(content.xml) }), 'unsigned');
  });

  test('the signature of the query in place of the one of the content', () => {
    const request = pushRequest(content.xml, 'secure');
    const signature = request.query.get('signature') ?? '';
    assert.equal(refusal(withQuery(request, { msg_signature: signature })), 'signature');
  });

  test('a signature whose characters moved from one part to its neighbour', () => {
    // The parts are joined without separators, so that all of these have the signature of the request.
    const { token } = testKeys;
    const signed = (parts: Record<string, string>): URLSearchParams => new URLSearchParams(parts);
    const signature = signCallback(token, '1714112445', '415670741');
    assert.equal(signature, signCallback(token, '1714112445415670741', ''));
    const body = Buffer.from(content.xml);
    for (const [timestamp, nonce] of [
      ['1714112445415670741', ''],
      ['', '1714112445415670741'],
    ] as const) {
      assert.equal(refusal({ query: signed({ signature, timestamp, nonce }), body }, plainKeys), 'malformed');
    }

    // The head of the ciphertext, six whole blocks, as the tail of the nonce.
    let request = pushRequest(content.xml, 'secure');
    let encrypted = '';
    const moved = (): string => `415670741${encrypted.slice(0, 128)}`;
    const isSame = (): boolean =>
      signCallback(token, '1714112445', moved(), encrypted.slice(128)) === request.query.get('msg_signature');
    do {
      request = pushRequest(content.xml, 'secure');
      encrypted = /<Encrypt><!\[CDATA\[([^\]]+)/.exec(request.body.toString())?.[1] ?? '';
    } while (!isSame());
    const text = request.body.toString().replace(encrypted, encrypted.slice(128));
    assert.equal(
      refusal(withQuery({ ...request, body: Buffer.from(text) }, { nonce: moved() })),
      'malformed',
    );
  });

  test('parameters that come twice or have no form of WeChat’s', () => {
    const request = pushRequest(content.xml, 'secure');
    for (const name of ['timestamp', 'nonce', 'signature', 'msg_signature', 'encrypt_type']) {
      const query = new URLSearchParams(request.query);
      query.append(name, query.get(name) ?? '');
      assert.equal(refusal({ ...request, query }), 'malformed', name);
    }
    assert.equal(refusal(withQuery(request, { timestamp: '-1' })), 'malformed');
    assert.equal(refusal(withQuery(request, { nonce: 'a b' })), 'malformed');
    assert.equal(refusal(withQuery(request, { encrypt_type: 'des' })), 'malformed');
  });

  test('an account’s events at another account', () => {
    const other = { ...testKeys, appid: 'wxffffffffffffffff' };
    assert.equal(refusal(pushRequest(content.xml, 'secure', other)), 'appid');
    const [key = ''] = testKeys.aesKeys;
    // The nearest miss is what is reported.
    assert.equal(
      refusal(pushRequest(content.xml, 'secure', other), { ...testKeys, aesKeys: [key, 'B'.repeat(43)] }),
      'appid',
    );
  });

  test('a body that was cut, changed, or is not there', () => {
    const { query, body } = pushRequest(content.xml, 'secure');
    for (const cut of [0, 1, 40, 80, body.length - 60]) {
      assert.equal(refusal({ query, body: body.subarray(0, cut) }), 'malformed', `${cut}`);
    }
    const text = body.toString();
    const encrypted = /<Encrypt><!\[CDATA\[([^\]]+)/.exec(text)?.[1] ?? '';
    const others = [
      encrypted.slice(4),
      encrypted.slice(0, -4),
      `${encrypted}AAAA`,
      encrypted.toLowerCase(),
      encrypted.replace(/.$/, '.'),
    ];
    for (const other of others) {
      const changed = Buffer.from(text.replace(encrypted, other));
      assert.equal(refusal({ query, body: changed }), other.endsWith('.') ? 'malformed' : 'signature', other);
    }
  });

  test('not what is signed and cannot be read', () => {
    const deep = `<xml>${'<a>'.repeat(40)}${'</a>'.repeat(40)}</xml>`;
    const withDtd = '<!DOCTYPE xml><xml><MsgType>event</MsgType></xml>';
    for (const bad of ['<xml>', '{', '{}{}', deep, withDtd]) {
      assert.equal(refusal(pushRequest(bad, 'secure')), 'unreadable, secure', bad);
      assert.equal(refusal(pushRequest(bad, 'plain'), plainKeys), 'unreadable, plain', bad);
    }
    // Where the signature does not cover it, it must at least begin like a body of WeChat's.
    for (const bad of ['', ' ', 'success']) {
      assert.equal(refusal(pushRequest(bad, 'secure')), 'unreadable, secure', bad);
      assert.equal(refusal(pushRequest(bad, 'plain'), plainKeys), 'malformed', bad);
    }
  });

  test('what is over 1 MiB, before it looks at anything', () => {
    const body = Buffer.alloc(1024 * 1024 + 1, 0x3c);
    assert.equal(refusal({ query: new URLSearchParams(), body }), 'too-large');
    assert.equal(refusal({ ...pushRequest(content.xml, 'plain'), body }, plainKeys), 'too-large');
  });

  test('a megabyte made to be searched for long', () => {
    const { query } = pushRequest(content.xml, 'secure');
    const size = 1024 * 1024;
    const fill = (piece: string): Buffer =>
      Buffer.from(`<xml>${piece.repeat(size / piece.length)}`.slice(0, size));
    const fillJson = (piece: string): Buffer =>
      Buffer.from(`{${piece.repeat(size / piece.length)}`.slice(0, size));
    const before = process.cpuUsage();
    for (const piece of [
      '<Encrypt>',
      '<Encrypt> ',
      'A',
      ' ',
      '<Encrypt><![CDATA[',
      `<Encrypt>${'A'.repeat(44)}</Encrypt>`,
      `<Encrypt>${'A'.repeat(44)} `,
    ]) {
      assert.match(refusal({ query, body: fill(piece) }), /^(malformed|signature)$/);
    }
    assert.equal(refusal({ query, body: fill(`<Encrypt>${'A'.repeat(size - 40)}`) }), 'malformed');
    for (const piece of ['"Encrypt"', '"Encrypt":"', '"Encrypt": ', `"Encrypt":"${'\\'.repeat(44)}"`, 'A']) {
      assert.match(refusal({ query, body: fillJson(piece) }), /^(malformed|signature)$/);
    }
    // 13 searches of a megabyte; one that went back at each place would take minutes. Of the processor: others may need it too.
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 20e6, `${(user + system) / 1e6} s`);
  });
});

test('keys that are none are an error of whoever set them', () => {
  const request = pushRequest(content.xml, 'plain');
  for (const token of ['', 'ab', 'a'.repeat(33), 'a b c', 'tok-en']) {
    assert.throws(() => openCallback({ ...request, keys: { ...testKeys, token } }), {
      code: 'CALLBACK_TOKEN_INVALID',
    });
  }
  assert.throws(() => openCallback({ ...request, keys: { ...testKeys, aesKeys: ['short'] } }), {
    code: 'CALLBACK_AES_KEY_INVALID',
  });
});
