import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventXml, pushRequest, testKeys } from '../../../test/support/callback/request.ts';
import type { CallbackFields } from './event.ts';
import { eventKey } from './event-key.ts';
import { openCallback } from './open-callback.ts';
import { parseEvent } from './parse-event.ts';

const envelope = { ToUserName: 'gh', FromUserName: 'o1', CreateTime: '1714112445', MsgType: 'event' };
const keyOf = (fields: CallbackFields): string => eventKey(parseEvent({ ...envelope, ...fields }));

test('a repeat has the same key: the same body under another signature, random and nonce', () => {
  const content = eventXml({ ...envelope, Event: 'TEMPLATESENDJOBFINISH', MsgID: '1', Status: 'success' });
  const keys = ['1', '22', '333'].map((nonce) => {
    const opened = openCallback({ ...pushRequest(content, 'secure', testKeys, nonce), keys: testKeys });
    return opened.kind === 'event' ? eventKey(opened.event) : opened.reason;
  });
  assert.deepEqual(new Set(keys).size, 1);
  assert.match(keys[0] ?? '', /^[\w-]{22}$/);
  const compatible = openCallback({ ...pushRequest(content, 'compatible'), keys: testKeys });
  assert.equal(compatible.kind === 'event' && eventKey(compatible.event), keys[0]);
});

test('two events of one user in one second have different keys', () => {
  const popup = (choice: string, template: string): CallbackFields => ({
    Event: 'subscribe_msg_popup_event',
    List: { TemplateId: template, SubscribeStatusString: choice, PopupScene: '0' },
  });
  const keys = [
    { Event: 'subscribe' },
    { Event: 'unsubscribe' },
    { Event: 'SCAN', EventKey: '1' },
    { Event: 'SCAN', EventKey: '2' },
    { Event: 'TEMPLATESENDJOBFINISH', MsgID: '1', Status: 'success' },
    { Event: 'TEMPLATESENDJOBFINISH', MsgID: '2', Status: 'success' },
    popup('accept', 'T1'),
    popup('reject', 'T1'),
    popup('accept', 'T2'),
    { Event: 'LOCATION', Latitude: '1', Longitude: '12' },
    { Event: 'LOCATION', Latitude: '11', Longitude: '2' },
  ].map(keyOf);
  assert.equal(new Set(keys).size, keys.length);
});

test('a user’s message is known by its MsgId alone, when it has one', () => {
  const message = { MsgType: 'text', MsgId: '6074746557628292943', Content: 'x' };
  assert.equal(keyOf(message), 'm6074746557628292943');
  assert.equal(keyOf({ ...message, Content: 'y' }), 'm6074746557628292943');
  for (const MsgId of ['', '0', 'x', '1'.repeat(21)]) {
    assert.notEqual(keyOf({ ...message, MsgId }), keyOf({ ...message, MsgId, Content: 'y' }), MsgId);
    assert.match(keyOf({ ...message, MsgId }), /^[\w-]{22}$/);
  }
  // An event's MsgId is no user's message.
  assert.notEqual(keyOf({ Event: 'x', MsgId: '1' }), 'm1');
});

test('neither the order of fields nor the format changes a key; any other text does', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(
    fc.property(fc.dictionary(texts, texts), texts, (more, other) => {
      const fields = { ...more, ...envelope, Event: 'x' };
      const backwards = Object.fromEntries(Object.entries(fields).reverse());
      assert.equal(eventKey(parseEvent(fields)), eventKey(parseEvent(backwards)));
      fc.pre(other !== 'x');
      assert.notEqual(keyOf({ ...fields }), keyOf({ ...fields, Event: other }));
    }),
  );
  // Nesting and lists are part of it.
  const shapes = [
    { A: 'b' },
    { A: ['b'] },
    { A: { b: '' } },
    { A: [['b']] },
    { A: 'b', b: '' },
    { A: '["b"]' },
  ];
  assert.equal(new Set(shapes.map((fields) => keyOf({ Event: 'x', ...fields }))).size, shapes.length);
});
