import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type PushedRequest, pushRequest, testKeys } from '../../../test/support/callback/request.ts';
import type { CallbackEvent, UnreadableEvent } from './event.ts';
import { eventKey } from './event-key.ts';
import type { CallbackKeys } from './keys.ts';
import { openCallback } from './open-callback.ts';

const plainKeys: CallbackKeys = { ...testKeys, requireEncryption: false };
const openid = 'oAAAAAAAAAAAAAAAAAAAAAAAAAA1';
const msgId = '9000000000000000001';
const envelope = { ToUserName: 'gh_0', FromUserName: openid, CreateTime: '1700000001', MsgType: 'text' };

/** A user's message as WeChat writes it: the words in one CDATA section, or bare, whatever is in them. */
function messageXml(words: string, tail = `<MsgId>${msgId}</MsgId>`): string {
  return `<xml><ToUserName><![CDATA[gh_0]]></ToUserName>
<FromUserName><![CDATA[${openid}]]></FromUserName>
<CreateTime>1700000001</CreateTime>
<MsgType><![CDATA[text]]></MsgType>
<Content>${words}</Content>
${tail}
</xml>`;
}
const inCdata = (words: string): string => messageXml(`<![CDATA[${words}]]>`);
/** The same in JSON by a writer that escapes nothing. */
function messageJson(words: string): string {
  return `{"ToUserName":"gh_0","FromUserName":"${openid}","CreateTime":1700000001,"MsgType":"text","Content":"${words}","MsgId":${msgId}}`;
}

function opened(request: PushedRequest): CallbackEvent {
  const result = openCallback({ ...request, keys: plainKeys });
  assert.ok(result.kind === 'event', JSON.stringify(result));
  return result.event;
}

function unreadable(content: string, mode: 'plain' | 'compatible' | 'secure' = 'secure'): UnreadableEvent {
  const event = opened(pushRequest(content, mode));
  assert.equal(event.type, 'unreadable', content);
  // Just asserted.
  return event as UnreadableEvent;
}

describe('a signed body that cannot be read is an event, with its envelope and as it came', () => {
  for (const [what, content] of [
    ['a bare ampersand', messageXml('a & b')],
    ['a bare <', messageXml('a <3 b')],
    [']]> inside of CDATA', inCdata('a]]>b')],
    ['an entity that nobody declared', messageXml('a&nbsp;b')],
    ['a quote that was not escaped', messageJson('a "b" c')],
    ['a backslash that was not escaped', messageJson('C:\\dir')],
  ] as const) {
    for (const mode of ['plain', 'compatible', 'secure'] as const) {
      test(`${what}, ${mode}`, () => {
        const event = unreadable(content, mode);
        assert.deepEqual(event.fields, { ...envelope, MsgId: msgId });
        assert.deepEqual([event.openid, event.toUserName, event.name], [openid, 'gh_0', null]);
        assert.equal(event.createTime, 1_700_000_001);
        assert.equal(event.raw.toString(), content);
      });
    }
  }

  test('the envelope of an event has its name', () => {
    const head = messageXml('').split('<MsgType>')[0];
    const event = unreadable(
      `${head}<MsgType>event</MsgType><Event>user_enter_tempsession</Event><SessionFrom>a&b</SessionFrom></xml>`,
    );
    assert.deepEqual([event.name, event.fields.MsgType], ['user_enter_tempsession', 'event']);
    assert.equal(event.openid, openid);
  });

  test('the MsgId before what else WeChat writes at the end, and where it comes before the words', () => {
    const article = `<MsgId>${msgId}</MsgId><MsgDataId>2247483647_1</MsgDataId><Idx>1</Idx>`;
    assert.equal(unreadable(messageXml('&', article)).fields.MsgId, msgId);
    const early = messageXml('&', '').replace('<Content>', `<MsgId>${msgId}</MsgId><Content>`);
    assert.equal(unreadable(early).fields.MsgId, msgId);
  });

  test('nothing of the envelope where nothing of it is sure', () => {
    const cases = [
      '',
      'nonsense',
      '<html>&</html>',
      '<xml>&</xml>',
      '{',
      `<xml><Content>&</Content><FromUserName>${openid}</FromUserName></xml>`,
      `<xml><FromUserName>${openid}</FromUserName><FromUserName>o2</FromUserName><Content>&</Content></xml>`,
      `<xml><FromUserName>${'o'.repeat(200)}</FromUserName><Content>&</Content></xml>`,
      '<xml><CreateTime>-1</CreateTime>&</xml>',
    ];
    for (const content of cases) {
      const event = unreadable(content);
      assert.deepEqual([event.fields, event.openid, event.createTime], [{}, '', 0], content);
      assert.equal(event.raw.toString(), content);
    }
  });

  test('bytes that are no UTF-8 are kept', () => {
    const [head = '', tail = ''] = inCdata('X]]>').split('X');
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xb0, 0xa1, 0x00]), Buffer.from(tail)]);
    const { query } = pushRequest('<xml></xml>', 'plain');
    const event = opened({ query, body });
    assert.ok(event.type === 'unreadable');
    assert.deepEqual(event.raw, body);
    assert.equal(event.openid, openid);
  });
});

test('a repeat of it has the same key, another one has another, and a MsgId in it takes nobody’s place', () => {
  const key = (content: string, nonce: string): string =>
    eventKey(opened(pushRequest(content, 'secure', testKeys, nonce)));
  assert.equal(key(inCdata('a]]>'), '1'), key(inCdata('a]]>'), '2'));
  assert.notEqual(key(inCdata('a]]>'), '1'), key(inCdata('b]]>'), '1'));
  assert.notEqual(key(inCdata('a]]>'), '1'), key(inCdata('a'), '1'));
  assert.ok(key(inCdata('a]]>'), '1').length <= 22);
});

/** What a user would write into a text to be taken for somebody or something else. */
const forgeries = [
  ']]></Content><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[unsubscribe]]></Event><Content><![CDATA[',
  ']]></Content><Event><![CDATA[unsubscribe]]></Event><Content><![CDATA[',
  ']]></Content><FromUserName>oVICTIM</FromUserName><Content><![CDATA[',
  ']]></Content><MsgId>1</MsgId><Content><![CDATA[',
  ']]><MsgId>1</MsgId><![CDATA[',
  ']]></Content><MsgId>1</MsgId></xml>',
  ']]></Content><MsgId>1</MsgId></xml><!--',
  `]]></Content></xml><xml><FromUserName>oVICTIM</FromUserName><MsgType>event</MsgType><Event>unsubscribe</Event><Content><![CDATA[`,
  ']]></Content><Encrypt>AAAA</Encrypt><Content><![CDATA[',
  ']]></Content><SubscribeMsgPopupEvent><List><TemplateId>T</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent><Content><![CDATA[',
  '</Content><MsgType>event</MsgType><Event>unsubscribe</Event><Content>',
  'x</Content><MsgId>1</MsgId><Content>1',
  'x","MsgType":"event","Event":"unsubscribe","y":"',
  'x","FromUserName":"oVICTIM","y":"',
  'x","\\u0046romUserName":"oVICTIM","y":"',
  'x","MsgId":1}',
  'x"}{"FromUserName":"oVICTIM","MsgType":"event","Event":"unsubscribe","y":"',
];

/** Whatever the words say, it is this person's message, or unreadable. */
function isStillTheirs(content: string): CallbackEvent {
  const event = opened(pushRequest(content, 'secure'));
  assert.ok(event.type === 'message' || event.type === 'unreadable', `${event.type}: ${content}`);
  assert.equal(event.openid, openid, content);
  assert.equal(event.createTime, 1_700_000_001, content);
  assert.equal(event.name, null, content);
  const { MsgType: type, MsgId: id } = event.fields;
  assert.deepEqual([type, id], ['text', msgId], content);
  return event;
}

test('fields that a user’s words pretend to be are not taken for WeChat’s', () => {
  for (const words of forgeries) {
    // Bare in CDATA they are words; where one of the ways makes fields of them, it is unreadable.
    const events = [inCdata(words), messageXml(words), messageJson(words)].map(isStillTheirs);
    assert.ok(
      events.some(({ type }) => type === 'unreadable'),
      words,
    );
    for (const event of events) {
      if (event.type === 'message') assert.equal(typeof event.fields.Content, 'string');
    }
  }
});

test('nor is a MsgId at the end of the words of a message that has none', () => {
  const noneXml = (words: string): string => messageXml(words, '');
  const noneJson = (words: string): string => messageJson(words).replace(`,"MsgId":${msgId}`, '');
  for (const content of [
    noneXml('<![CDATA[]]>]]></Content><MsgId>5</MsgId><Content><![CDATA[]]>'),
    noneXml('&</Content><MsgId>5</MsgId>'),
    noneXml('&</Content><MsgId>5'),
    noneXml('&</Content><Content>5'),
    noneJson('"x","MsgId":"5'),
    noneJson('"x","MsgId":5}'),
    noneJson('"x","MsgId":5'),
  ]) {
    assert.deepEqual(unreadable(content).fields, envelope, content);
  }
});

test('nor are any that can be put together of such pieces', () => {
  const pieces = [
    ...[
      ']]>',
      '<![CDATA[',
      '</Content>',
      '<Content>',
      '</xml>',
      '<xml>',
      '<!--',
      '-->',
      '<?a ?>',
      '&',
      '&lt;',
    ],
    ...[
      '<MsgId>1</MsgId>',
      '<MsgType>event</MsgType>',
      '<Event>unsubscribe</Event>',
      '<a>',
      '</a>',
      'x',
      '1',
    ],
    ...[
      '<FromUserName>oVICTIM</FromUserName>',
      '<CreateTime>1</CreateTime>',
      '<MsgId>',
      '</MsgId>',
      ' ',
      '\n',
    ],
    ...[
      '"',
      '\\',
      ',',
      '{',
      '}',
      '"MsgId":1',
      '"Event":"unsubscribe"',
      '"MsgType":"event"',
      '":"',
      '","',
      '[',
      ']',
    ],
    ...['"FromUserName":"oVICTIM"', '\\u0046', ':'],
  ];
  const words = fc.oneof(
    fc.string({ unit: fc.constantFrom(...pieces), maxLength: 12 }),
    fc
      .tuple(fc.constantFrom(...forgeries), fc.string({ unit: fc.constantFrom(...pieces), maxLength: 4 }))
      .map((two) => two.join('')),
  );
  let broken = 0;
  fc.assert(
    fc.property(words, fc.constantFrom(inCdata, messageXml, messageJson), (text, write) => {
      if (isStillTheirs(write(text)).type === 'unreadable') broken++;
    }),
    { numRuns: 5_000 },
  );
  assert.ok(broken > 1_000, `${broken} were unreadable`);
});
