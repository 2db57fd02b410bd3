import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { aesKey } from '../../src/simulator/callback/crypto.ts';
import type { ResolvedCallback } from '../../src/simulator/callback/options.ts';
import { checkReply } from '../../src/simulator/callback/reply.ts';
import {
  seal,
  signedQuery,
  type WritableEvent,
  writeJson,
  writeXml,
} from '../../src/simulator/callback/write-event.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import type { CallbackEvent } from '../../src/wechat/callback/event.ts';
import { eventKey } from '../../src/wechat/callback/event-key.ts';
import type { CallbackKeys } from '../../src/wechat/callback/keys.ts';
import { type OpenedCallback, openCallback } from '../../src/wechat/callback/open-callback.ts';
import { sealMessage, writeCallbackReply } from '../../src/wechat/callback/reply.ts';
import { verifyCallbackUrl } from '../../src/wechat/callback/verify-url.ts';
import {
  type Account,
  account,
  content,
  openid,
  receiptStatus,
  seconds,
  writing,
} from '../support/callback/arbitraries.ts';
import { inTime } from '../support/in-time.ts';

// The simulator writes from the documents, the client reads from the documents, and neither has code of the other.

/** JSON has no form for what only Official Accounts get. */
const xmlOnly = new Set(['TEMPLATESENDJOBFINISH', 'MASSSENDJOBFINISH', 'subscribe', 'unsubscribe', 'SCAN']);

function keysOf({ appid, token, encodingAESKey, mode }: Account): CallbackKeys {
  return { appid, token, aesKeys: mode === 'plain' ? [] : [encodingAESKey] };
}

function isJsonOf(of: Account, event: WritableEvent): boolean {
  return of.isJson && !xmlOnly.has(event.name);
}

function write(of: Account, event: WritableEvent): string {
  return isJsonOf(of, event) ? writeJson(event, of.shape) : writeXml(event, of.shape);
}

/** Whether the words stand in the body so that an XML parser reads them as they are. */
function isFaithful(of: Account, event: WritableEvent): boolean {
  const words = event.extra?.content ?? event.extra?.sessionFrom ?? '';
  if (isJsonOf(of, event) || of.shape.textForm === 'split') return true;
  return of.shape.textForm === 'unsplit' ? !words.includes(']]>') : !/[<&]|\]\]>/.test(words);
}

/** What the simulator writes, as the client takes it off the wire. */
function push(
  of: Account,
  event: WritableEvent,
  timestamp: string,
): { query: URLSearchParams; body: Buffer } {
  const isJson = isJsonOf(of, event);
  const plain = write(of, event);
  const key = aesKey(of.encodingAESKey);
  const { body, encrypted } = seal(plain, { ...of, isJson, toUserName: event.toUserName, key });
  const query = signedQuery(of.token, timestamp, of.nonce, event.openid, encrypted);
  return { query: new URLSearchParams(query), body: Buffer.from(body) };
}

function opened(result: OpenedCallback): OpenedCallback & { kind: 'event' } {
  assert.equal(result.kind, 'event', JSON.stringify(result));
  // Just asserted.
  return result as OpenedCallback & { kind: 'event' };
}

/** The client's event must say what the simulator was told to write; where it cannot be read, it must be there whole. */
function same(of: Account, event: CallbackEvent, written: WritableEvent): void {
  const { extra } = written;
  assert.deepEqual(
    [event.openid, event.toUserName, event.createTime],
    [written.openid, written.toUserName, written.createTime],
  );
  assert.equal(event.name, written.name === 'text' ? null : written.name);
  switch (event.type) {
    case 'template-receipt':
      assert.deepEqual(
        [event.msgid, event.status, event.detail],
        [written.msgid, receiptStatus[written.status], written.status],
      );
      return;
    case 'subscribe-receipt': {
      const [item, ...others] = event.items;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [item?.msgid, item?.templateId, item?.status, item?.detail],
        [written.msgid, written.templateId, receiptStatus[written.status], written.status],
      );
      return;
    }
    case 'credit-popup':
    case 'credit-change':
      assert.deepEqual(
        event.items.map(({ templateId: id, choice }) => [id, choice]),
        extra?.choices?.map(({ template_id, choice }) => [template_id, choice]),
      );
      if (event.type === 'credit-popup') {
        for (const { scene } of event.items) assert.equal(scene, String(extra?.popupScene));
      }
      return;
    case 'follow':
      assert.equal(
        event.scene,
        extra?.eventKey === undefined ? null : extra.eventKey.replace('qrscene_', ''),
      );
      return;
    case 'unfollow':
      return;
    case 'scan':
      assert.equal(event.scene, extra?.eventKey);
      return;
    case 'mass-receipt':
      assert.deepEqual(
        [event.msgid, event.detail, event.totalCount, event.filterCount, event.sentCount, event.errorCount],
        [written.msgid, written.status, extra?.totalCount, extra?.filterCount, extra?.filterCount, 0],
      );
      return;
    case 'unreadable':
      assert.ok(!isFaithful(of, written), `${event.raw} can be read`);
      assert.equal(event.raw.toString(), write(of, written));
      if (written.name === 'text') assert.equal(event.fields.MsgId, extra?.messageId);
      return;
    case 'session':
      assert.equal(written.name, 'user_enter_tempsession');
      if (!isFaithful(of, written)) return;
      // The typed value is trimmed, the fields are as they came.
      assert.equal(event.fields.SessionFrom, extra?.sessionFrom);
      assert.equal(event.sessionFrom, extra?.sessionFrom?.trim());
      return;
    case 'message':
      assert.deepEqual([event.msgType, event.msgId], ['text', extra?.messageId]);
      if (!isFaithful(of, written)) return;
      assert.equal(event.fields.Content, extra?.content);
      return;
    case 'unknown':
      assert.fail(`the client does not know ${written.name}`);
  }
}

test('the client opens whatever the simulator writes, in every mode, format and shape', () => {
  fc.assert(
    fc.property(account, content, openid, seconds, (of, what, from, createTime) => {
      const written: WritableEvent = {
        toUserName: of.originalId,
        openid: from,
        createTime,
        status: '',
        msgid: '',
        templateId: undefined,
        extra: undefined,
        ...what,
      };
      if (written.name === 'subscribe' && written.extra?.eventKey !== undefined) {
        written.extra = { ...written.extra, eventKey: `qrscene_${written.extra.eventKey}` };
      }
      const first = opened(openCallback({ ...push(of, written, '1'), keys: keysOf(of) }));
      assert.equal(first.mode, of.mode);
      same(of, first.event, written);
      // A repeat has another signature and is the same event.
      const again = opened(openCallback({ ...push({ ...of, nonce: '77' }, written, '9'), keys: keysOf(of) }));
      assert.equal(eventKey(again.event), eventKey(first.event));
      // Another token, key or appid opens nothing.
      const { query, body } = push(of, written, '1');
      const foreign = [{ ...keysOf(of), token: `${of.token.slice(0, 31)}x` }];
      if (of.mode !== 'plain') foreign.push({ ...keysOf(of), appid: 'wx' }, { ...keysOf(of), aesKeys: [] });
      for (const keys of foreign) {
        if (keys.token === of.token && keys.appid === of.appid && keys.aesKeys.length > 0) continue;
        if (of.mode === 'plain' && keys.token === of.token) continue;
        assert.equal(openCallback({ query, body, keys }).kind, 'refused');
      }
    }),
    { numRuns: 1500 },
  );
});

test('texts of every length around the 32-byte block come through', () => {
  const of: Account = {
    appid: 'wx0123456789abcdef',
    originalId: 'gh_0123456789ab',
    token: 'token',
    encodingAESKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
    random: 'aaaabbbbccccdddd',
    nonce: '1',
    mode: 'secure',
    isJson: false,
    shape: { listShape: 'documented', createTimeAs: 'number', textForm: 'unsplit' },
  };
  for (let length = 1; length <= 100; length++) {
    for (const unit of ['x', '雁', '🪿']) {
      const written: WritableEvent = {
        name: 'text',
        toUserName: of.originalId,
        openid: 'o',
        createTime: 1,
        status: '',
        msgid: '',
        templateId: undefined,
        extra: { content: unit.repeat(length), messageId: '1' },
      };
      same(of, opened(openCallback({ ...push(of, written, '1'), keys: keysOf(of) })).event, written);
    }
  }
});

test('the simulator takes every reply that the client writes, and sees its words', () => {
  const text = writing.filter((words) => words.trim() !== '' && Buffer.byteLength(words) <= 2048);
  fc.assert(
    fc.property(account, openid, text, (of, from, words) => {
      const written: WritableEvent = {
        name: 'text',
        toUserName: of.originalId,
        openid: from,
        createTime: 1,
        status: '',
        msgid: '',
        templateId: undefined,
        extra: { content: 'hi', messageId: '1' },
      };
      const keys = keysOf(of);
      const request = opened(openCallback({ ...push(of, written, '1'), keys }));
      const settings: ResolvedCallback = { ...of, url: 'http://x/', format: of.isJson ? 'json' : 'xml' };
      const replies = [{ kind: 'text', content: words }, { kind: 'transfer' }] as const;
      for (const reply of replies) {
        const { body } = writeCallbackReply({ reply, opened: request, keys });
        const seen = checkReply(body, settings, { ...of, openid: from });
        assert.equal(seen.kind, 'reply', JSON.stringify(seen));
        assert.equal(checkReply(body, settings, { ...of, openid: 'somebody else' }).kind, 'wrong');
        if (of.mode === 'plain') continue;
        const other = { ...settings, token: `${of.token}x` };
        assert.equal(checkReply(body, other, { ...of, openid: from }).kind, 'wrong');
      }
      const { body } = writeCallbackReply({ reply: { kind: 'none' }, opened: request, keys });
      assert.equal(checkReply(body, settings, { ...of, openid: from }).kind, 'empty');
      if (of.mode === 'plain') return;
      // Of a program that encrypts whatever it answers.
      const sealed = (content: string): string =>
        JSON.stringify(sealMessage(content, keys, { timestamp: 1 }));
      assert.equal(checkReply(sealed(''), settings, { ...of, openid: from }).kind, 'empty');
      assert.equal(checkReply(sealed('junk'), settings, { ...of, openid: from }).kind, 'wrong');
    }),
    { numRuns: 300 },
  );
});

test('over a socket: the URL verifies, every event is opened once, and the reply reaches the person', async () => {
  const events = new Map<string, CallbackEvent>();
  let keys: CallbackKeys | undefined;
  let requests = 0;
  const server = createServer(async (request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    if (keys === undefined) throw new Error('asked before the keys are known');
    if (request.method === 'GET') {
      const verified = verifyCallbackUrl({ query, token: keys.token });
      response.end(verified.kind === 'verified' ? verified.echostr : verified.reason);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const result = opened(openCallback({ query, body: Buffer.concat(chunks), keys }));
    events.set(eventKey(result.event), result.event);
    requests++;
    const isMessage = result.event.type === 'message';
    const reply = isMessage ? ({ kind: 'text', content: '您好' } as const) : ({ kind: 'none' } as const);
    response.end(writeCallbackReply({ reply, opened: result, keys }).body);
  });
  server.listen(0, '127.0.0.1');
  await inTime('it listens', once(server, 'listening'));
  try {
    // A listening TCP server has an AddressInfo.
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    for (const [kind, mode, format] of [
      ['service', 'secure', 'xml'],
      ['miniprogram', 'compatible', 'json'],
    ] as const) {
      await using simulator = await startSimulator({
        kind,
        events: { jitterMs: 50, duplicateShare: 0.5, answerLostShare: 0.3, retryAfterMs: 10 },
      });
      const simulated = simulator.account();
      const { appid } = simulated;
      const token = 'roundtrip';
      const encodingAESKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
      keys = { appid, token, aesKeys: [encodingAESKey] };
      await simulated.events.setCallback({ url, token, encodingAESKey, mode, format });
      events.clear();
      requests = 0;
      const subscribe = simulated.templates().find(({ family }) => family === 'subscribe');
      const template_id = subscribe?.template_id ?? '';
      const people = 40;
      for (let index = 0; index < people; index++) {
        const user = simulated.user(simulated.openid(index));
        user.choose([{ template_id, choice: 'accept' }]);
        user.turnOff([template_id]);
        user.sendText(`第 ${index} 个`);
      }
      assert.equal(await simulated.events.drained(), true);
      assert.equal(events.size, 3 * people);
      assert.ok(requests > 3 * people);
      const summary = simulated.events.summary();
      assert.deepEqual([summary.delivered, summary.deliveries], [3 * people, requests]);
      const replies = simulated.events.replies();
      assert.ok(replies.length >= people);
      for (const { body, problem } of replies) {
        assert.equal(problem, undefined);
        assert.match(body, /您好/);
      }
    }
  } finally {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
});
