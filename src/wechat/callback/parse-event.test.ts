import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseCallbackBody } from './body.ts';
import type { CallbackEvent } from './event.ts';
import { parseEvent } from './parse-event.ts';

function parse(text: string): CallbackEvent {
  const body = parseCallbackBody(Buffer.from(text));
  assert.ok(body !== undefined, text);
  return parseEvent(body.fields);
}

/** An event in XML with WeChat's envelope. */
function xml(name: string, inside = ''): CallbackEvent {
  return parse(`<xml>
<ToUserName><![CDATA[gh_123456789abc]]></ToUserName>
<FromUserName><![CDATA[otFpruAK8D-E6EfStSYonYSBZ8_4]]></FromUserName>
<CreateTime>1610969440</CreateTime>
<MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[${name}]]></Event>
${inside}
</xml>`);
}

/** An event in JSON; CreateTime is a number in some pushes and a text in others. */
function json(name: string, more: object, createTime: number | string = '1620973045'): CallbackEvent {
  const head = {
    ToUserName: 'gh_123456789abc',
    FromUserName: 'o7esq5',
    CreateTime: createTime,
    MsgType: 'event',
  };
  return parse(JSON.stringify({ ...head, Event: name, ...more }));
}

/** What the type adds to the envelope. */
function own(event: CallbackEvent): Record<string, unknown> {
  const { openid, toUserName, createTime, name, fields, ...rest } = event;
  return rest;
}

test('the envelope', () => {
  const event = xml('unsubscribe', '<EventKey><![CDATA[]]></EventKey>');
  const { fields, ...rest } = event;
  assert.deepEqual(rest, {
    type: 'unfollow',
    openid: 'otFpruAK8D-E6EfStSYonYSBZ8_4',
    toUserName: 'gh_123456789abc',
    createTime: 1610969440,
    name: 'unsubscribe',
  });
  assert.deepEqual(Object.keys(fields), [
    'ToUserName',
    'FromUserName',
    'CreateTime',
    'MsgType',
    'Event',
    'EventKey',
  ]);
  assert.equal(json('unsubscribe', {}, 1482048670).createTime, 1482048670);
  assert.equal(json('unsubscribe', { Encrypt: 'x' }).fields.Encrypt, undefined);
});

test('a CreateTime that is none is 0', () => {
  for (const time of ['', 'x', '-1', '1.5', '17141124450000', '1e9']) {
    assert.equal(json('unsubscribe', {}, time).createTime, 0, time);
  }
  assert.equal(parse('{"action":"CheckContainerPath"}').createTime, 0);
});

describe('TEMPLATESENDJOBFINISH', () => {
  const receipt = (status: string): Record<string, unknown> =>
    own(xml('TEMPLATESENDJOBFINISH', `<MsgID>200163836</MsgID><Status><![CDATA[${status}]]></Status>`));

  test('each status', () => {
    for (const [detail, status] of [
      ['success', 'delivered'],
      ['failed:user block', 'blocked'],
      ['failed: user block', 'blocked'],
      ['failed: system failed', 'failed-system'],
      ['failed:system failed', 'failed-system'],
      ['failed:freq limit', 'failed-frequency'],
      ['failed: something new', 'failed-other'],
      ['failed:', 'failed-other'],
      ['', 'failed-other'],
      ['successful?', 'failed-other'],
    ] as const) {
      assert.deepEqual(receipt(detail), { type: 'template-receipt', msgid: '200163836', status, detail });
    }
  });

  test('with a 64-bit msgid, under any spelling, in the lower case of old pushes', () => {
    for (const tag of ['MsgID', 'MsgId', 'msgid']) {
      const event = xml(
        'templatesendjobfinish',
        `<${tag}>3557254367693750277</${tag}><Status>success</Status>`,
      );
      assert.deepEqual(own(event), {
        type: 'template-receipt',
        msgid: '3557254367693750277',
        status: 'delivered',
        detail: 'success',
      });
      assert.equal(event.name, 'templatesendjobfinish');
    }
    const inJson = parse(
      '{"MsgType":"event","Event":"TEMPLATESENDJOBFINISH","MsgID":3557254367693750277,"Status":"success"}',
    );
    assert.equal(inJson.type === 'template-receipt' && inJson.msgid, '3557254367693750277');
  });

  test('without a usable msgid or status it is kept as unknown', () => {
    for (const inside of [
      '<Status>success</Status>',
      '<MsgID>x</MsgID><Status>success</Status>',
      '<MsgID>9223372036854775808</MsgID><Status>success</Status>',
      '<MsgID>1</MsgID><MsgID>2</MsgID><Status>success</Status>',
      '<MsgID>1</MsgID>',
    ]) {
      const event = xml('TEMPLATESENDJOBFINISH', inside);
      assert.deepEqual([event.type, event.name], ['unknown', 'TEMPLATESENDJOBFINISH'], inside);
    }
    assert.equal(receipt('success').msgid, '200163836');
  });
});

test('MASSSENDJOBFINISH, with all that it carries', () => {
  const event = xml(
    'MASSSENDJOBFINISH',
    `<MsgID>1000001625</MsgID><Status><![CDATA[err(30003)]]></Status><TotalCount>10</TotalCount><FilterCount>8</FilterCount>
<SentCount>7</SentCount><ErrorCount>1</ErrorCount>
<CopyrightCheckResult><Count>2</Count><ResultList>
<item><ArticleIdx>1</ArticleIdx><OriginalArticleUrl><![CDATA[Url_1]]></OriginalArticleUrl></item>
<item><ArticleIdx>2</ArticleIdx><OriginalArticleUrl><![CDATA[Url_2]]></OriginalArticleUrl></item>
</ResultList><CheckState>2</CheckState></CopyrightCheckResult>`,
  );
  assert.deepEqual(own(event), {
    type: 'mass-receipt',
    msgid: '1000001625',
    detail: 'err(30003)',
    totalCount: 10,
    filterCount: 8,
    sentCount: 7,
    errorCount: 1,
  });
  assert.deepEqual(event.fields.CopyrightCheckResult, {
    Count: '2',
    ResultList: {
      item: [
        { ArticleIdx: '1', OriginalArticleUrl: 'Url_1' },
        { ArticleIdx: '2', OriginalArticleUrl: 'Url_2' },
      ],
    },
    CheckState: '2',
  });
});

test('subscribe and SCAN, with the scene of the QR code', () => {
  const scene = (name: string, inside: string): unknown => {
    const event = xml(name, inside);
    return event.type === 'follow' || event.type === 'scan' ? [event.type, event.scene] : event.type;
  };
  assert.deepEqual(scene('subscribe', ''), ['follow', null]);
  assert.deepEqual(scene('subscribe', '<EventKey><![CDATA[]]></EventKey>'), ['follow', null]);
  assert.deepEqual(scene('subscribe', '<EventKey><![CDATA[qrscene_123123]]></EventKey><Ticket>T</Ticket>'), [
    'follow',
    '123123',
  ]);
  assert.deepEqual(scene('subscribe', '<EventKey>last_trade_no_4002</EventKey>'), ['follow', null]);
  assert.deepEqual(scene('SCAN', '<EventKey><![CDATA[海报]]></EventKey><Ticket>T</Ticket>'), [
    'scan',
    '海报',
  ]);
  assert.deepEqual(scene('scan', '<EventKey>qrscene_1</EventKey>'), ['scan', 'qrscene_1']);
});

describe('subscription events', () => {
  const accepted = { TemplateId: 'T1', SubscribeStatusString: 'accept', PopupScene: '0' };
  const rejected = { TemplateId: 'T2', SubscribeStatusString: 'reject', PopupScene: '0' };
  const choices = [
    { templateId: 'T1', choice: 'accept', scene: '0' },
    { templateId: 'T2', choice: 'reject', scene: '0' },
  ];

  test('a popup in XML', () => {
    const event = xml(
      'subscribe_msg_popup_event',
      `<SubscribeMsgPopupEvent>
<List><TemplateId><![CDATA[VRR0]]></TemplateId><SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString><PopupScene>2</PopupScene></List>
<List><TemplateId><![CDATA[9nLI]]></TemplateId><SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString><PopupScene>2</PopupScene></List>
</SubscribeMsgPopupEvent>`,
    );
    assert.deepEqual(own(event), {
      type: 'credit-popup',
      items: [
        { templateId: 'VRR0', choice: 'accept', scene: '2' },
        { templateId: '9nLI', choice: 'reject', scene: '2' },
      ],
    });
  });

  test('a list on top or in a wrapper, an object for one and an array for several', () => {
    const several = [accepted, rejected];
    for (const more of [
      { List: several },
      { SubscribeMsgPopupEvent: { List: several } },
      { SubscribeMsgPopupEvent: several },
      { SubscribeMsgPopupEvent: [{ List: accepted }, { List: rejected }] },
      { List: '', SubscribeMsgPopupEvent: { List: several } },
    ]) {
      assert.deepEqual(own(json('subscribe_msg_popup_event', more)), {
        type: 'credit-popup',
        items: choices,
      });
    }
    for (const more of [
      { List: accepted },
      { List: [accepted] },
      { SubscribeMsgPopupEvent: { List: accepted } },
    ]) {
      const event = json('subscribe_msg_popup_event', more);
      assert.deepEqual(own(event), { type: 'credit-popup', items: choices.slice(0, 1) });
    }
  });

  test('a change, in its own wrapper and in the popup’s', () => {
    for (const wrapper of ['SubscribeMsgChangeEvent', 'SubscribeMsgPopupEvent']) {
      const item =
        '<List><TemplateId>T</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List>';
      assert.deepEqual(own(xml('subscribe_msg_change_event', `<${wrapper}>${item}</${wrapper}>`)), {
        type: 'credit-change',
        items: [{ templateId: 'T', choice: 'reject', scene: null }],
      });
    }
  });

  test('every accept is one, and other words are kept', () => {
    for (const [word, choice] of [
      ['accept', 'accept'],
      ['acceptWithAudio', 'accept'],
      ['acceptWithAlert', 'accept'],
      ['ACCEPT', 'accept'],
      ['Reject', 'reject'],
      ['ban', 'ban'],
      ['filter', 'filter'],
    ] as const) {
      const event = json('subscribe_msg_popup_event', { List: { ...accepted, SubscribeStatusString: word } });
      assert.equal(event.type === 'credit-popup' && event.items[0]?.choice, choice, word);
    }
  });

  test('the result of a send', () => {
    const sent = (item: object): unknown => {
      const event = json('subscribe_msg_sent_event', {
        List: { TemplateId: 'T', MsgID: '1864323726461255680', ...item },
      });
      return event.type === 'subscribe-receipt' ? event.items : event.type;
    };
    assert.deepEqual(sent({ ErrorCode: '0', ErrorStatus: 'success' }), [
      {
        templateId: 'T',
        msgid: '1864323726461255680',
        errorCode: '0',
        status: 'delivered',
        detail: 'success',
      },
    ]);
    for (const [item, status] of [
      [{ ErrorCode: '43101', ErrorStatus: 'user refuse to accept the msg' }, 'blocked'],
      [{ ErrorCode: '43004', ErrorStatus: 'require subscribe' }, 'blocked'],
      [{ ErrorCode: '45009', ErrorStatus: 'reach max api daily quota limit' }, 'failed-frequency'],
      [{ ErrorCode: '-1', ErrorStatus: 'system error' }, 'failed-system'],
      [{ ErrorCode: '47003', ErrorStatus: 'argument invalid' }, 'failed-other'],
      [{ ErrorCode: '999999', ErrorStatus: 'failed:user block' }, 'blocked'],
      [{ ErrorCode: '999999', ErrorStatus: 'success' }, 'failed-other'],
      [{ ErrorStatus: 'success' }, 'delivered'],
      [{}, 'failed-other'],
    ] as const) {
      const items = sent(item);
      assert.equal(Array.isArray(items) && items[0].status, status, JSON.stringify(item));
    }
    const inXml = xml(
      'subscribe_msg_sent_event',
      '<SubscribeMsgSentEvent><List><TemplateId>T</TemplateId><MsgID>1700827132819554304</MsgID><ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent>',
    );
    assert.deepEqual(own(inXml), {
      type: 'subscribe-receipt',
      items: [
        {
          templateId: 'T',
          msgid: '1700827132819554304',
          errorCode: '0',
          status: 'delivered',
          detail: 'success',
        },
      ],
    });
  });

  test('an item that lacks what it is about is left out, an event without items is unknown', () => {
    const event = json('subscribe_msg_popup_event', { List: [accepted, { PopupScene: '0' }, 'x', rejected] });
    assert.deepEqual(own(event), { type: 'credit-popup', items: choices });
    for (const name of [
      'subscribe_msg_popup_event',
      'subscribe_msg_change_event',
      'subscribe_msg_sent_event',
    ]) {
      for (const more of [{}, { List: [] }, { List: 'x' }, { List: {} }, { List: { MsgID: 'x' } }]) {
        assert.deepEqual(own(json(name, more)), { type: 'unknown' });
      }
    }
  });
});

test('a session', () => {
  const event = json('user_enter_tempsession', { SessionFrom: 'sessionFrom' }, 1482048670);
  assert.deepEqual(own(event), { type: 'session', sessionFrom: 'sessionFrom' });
});

test('users’ messages, by MsgType', () => {
  const event = parse(
    '{"ToUserName":"toUser","FromUserName":"fromUser","CreateTime":1482048670,"MsgType":"text","Content":"this is a test","MsgId":1234567890123456789}',
  );
  assert.deepEqual(own(event), { type: 'message', msgType: 'text', msgId: '1234567890123456789' });
  assert.equal(event.name, null);
  assert.deepEqual(own(parse('<xml><MsgType>image</MsgType><PicUrl>u</PicUrl></xml>')), {
    type: 'message',
    msgType: 'image',
    msgId: '',
  });
});

test('all others are unknown and whole', () => {
  const event = xml('VIEW', '<EventKey><![CDATA[https://example.com/]]></EventKey><MenuId>1</MenuId>');
  assert.deepEqual([event.type, event.name, event.fields.MenuId], ['unknown', 'VIEW', '1']);
  const platform = parse(
    '<xml><AppId>wx</AppId><CreateTime>1436876196</CreateTime><InfoType>unauthorized</InfoType></xml>',
  );
  assert.deepEqual(
    [platform.type, platform.name, platform.createTime],
    ['unknown', 'unauthorized', 1436876196],
  );
  const nameless = parse(
    '{"MsgType":"event","__proto__":{"Event":"subscribe"},"constructor":{"name":"SCAN"}}',
  );
  assert.deepEqual([nameless.type, nameless.name, nameless.openid], ['unknown', null, '']);
});

test('no fields throw, and every value typed comes from a text', () => {
  const names = fc.constantFrom(
    'MsgType',
    'Event',
    'List',
    'MsgID',
    'Status',
    'SubscribeMsgPopupEvent',
    'TemplateId',
    'ErrorCode',
    'SubscribeStatusString',
    '__proto__',
    'CreateTime',
    'FromUserName',
  );
  const texts = fc.constantFrom(
    'event',
    'subscribe',
    'SCAN',
    'TEMPLATESENDJOBFINISH',
    'subscribe_msg_sent_event',
    'subscribe_msg_popup_event',
    'accept',
    '1',
    '',
    '99999999999999999999',
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      texts,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(names, value), (fields) => {
      const event = parse(JSON.stringify(fields));
      assert.equal(typeof event.openid, 'string');
      assert.ok(Number.isSafeInteger(event.createTime));
    }),
    { numRuns: 2_000 },
  );
});
