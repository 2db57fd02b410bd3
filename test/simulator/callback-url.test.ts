import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { test } from 'node:test';
import { type SimulatedAccount, startSimulator } from '../../src/simulator/index.ts';
import { CallbackReceiver } from '../support/callback/receiver.ts';
import { simulatorFor, trust } from '../support/callback/simulator.ts';

test('a reply must be one: plain in plain mode, encrypted and signed in the others', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, { events: { deliveries: 1 } });
  const account = simulator.account();
  const user = account.user(account.openid(0));
  const reply = (to: string): string =>
    `<xml><ToUserName><![CDATA[${to}]]></ToUserName><FromUserName><![CDATA[${account.events.originalId}]]></FromUserName><CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[您好]]></Content></xml>`;
  /** Sends a text to the account, which answers so; whether WeChat took it. */
  const taken = async (answer: string): Promise<boolean> => {
    receiver.answer = (_push, response) => response.end(answer);
    account.events.clear();
    user.sendText('在吗');
    await account.events.drained();
    const [event] = account.events.all();
    const [recorded] = account.events.replies();
    assert.equal(recorded?.problem === undefined, event?.fate === 'delivered');
    return event?.fate === 'delivered';
  };
  for (const nothing of ['', 'success']) assert.equal(await taken(nothing), true);
  for (const junk of [
    'ok',
    '"success"',
    'SUCCESS',
    'success\n',
    '{"errcode":0}',
    '<xml></xml>',
    '{',
    '<html>',
  ]) {
    assert.equal(await taken(junk), false, junk);
  }
  assert.equal(await taken(reply(user.openid)), true);
  assert.equal(account.events.replies()[0]?.body, reply(user.openid));
  assert.equal(await taken(reply(account.openid(1))), false);

  await account.events.setCallback({ url: receiver.url, mode: 'secure' });
  trust(receiver, account);
  assert.equal(await taken(reply(user.openid)), false);
  const sealed = seal(account, reply(user.openid));
  assert.equal(await taken(sealed), true);
  assert.equal(account.events.replies()[0]?.body, reply(user.openid));
  assert.equal(await taken(sealed.replace('<TimeStamp>1', '<TimeStamp>2')), false);
  assert.match(account.events.replies()[0]?.problem ?? '', /MsgSignature/);
  assert.equal(await taken(seal(account, reply(user.openid), 'wx0000000000000000')), false);
  assert.equal(await taken('success'), true);
});

/** An encrypted reply as the documents describe it. */
function seal({ events, appid }: SimulatedAccount, message: string, receiveId = appid): string {
  const { token = '', encodingAESKey = '' } = events.callback ?? {};
  const body = Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const plain = Buffer.concat([Buffer.from('0123456789abcdef'), length, body, Buffer.from(receiveId)]);
  const pad = 32 - (plain.length % 32);
  const key = Buffer.from(`${encodingAESKey}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const encrypted = cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])).toString('base64');
  const signature = createHash('sha1').update([token, '1', '2', encrypted].sort().join('')).digest('hex');
  return `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>1</TimeStamp><Nonce><![CDATA[2]]></Nonce></xml>`;
}

test('the URL is asked for the echostr before it counts', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await startSimulator();
  const { events } = simulator.account();
  const refuses = (answer: (query: URLSearchParams) => string, message: RegExp): Promise<void> => {
    receiver.verification = answer;
    return assert.rejects(events.setCallback({ url: receiver.url }), { code: 'SIMULATOR_CALLBACK', message });
  };
  await refuses(() => 'success', /answered "success" and not the echostr \d{19}/);
  await refuses((query) => `"${query.get('echostr')}"`, /quotes or white space/);
  await refuses((query) => `${query.get('echostr')}\n`, /quotes or white space/);
  await refuses(() => {
    throw new Error('expected');
  }, /status 500/);
  assert.equal(receiver.wrong.length, 1);
  receiver.wrong.length = 0;
  receiver.isSilent = true;
  events.configure({ timeoutMs: 50 });
  await assert.rejects(events.setCallback({ url: receiver.url }), {
    code: 'SIMULATOR_CALLBACK',
    message: /did not answer within 0.05 s/,
  });
  events.configure({ timeoutMs: 5000 });
  receiver.isSilent = false;
  assert.equal(typeof events.callback, 'undefined');
  await assert.rejects(events.setCallback({ url: 'http://127.0.0.1:1/' }), {
    code: 'SIMULATOR_CALLBACK',
    message: /cannot be reached/,
  });
  await assert.rejects(startSimulator({ callback: { url: 'http://127.0.0.1:1/' } }), {
    code: 'SIMULATOR_CALLBACK',
  });
  receiver.verification = undefined;
  await events.setCallback({ url: `${receiver.url}/{appid}?a=b` });
  assert.equal(events.callback?.url, `${receiver.url}/${simulator.account().appid}?a=b`);
  const wrong: [object, RegExp][] = [
    [{ url: 'ftp://x/' }, /http/],
    [{ url: `${receiver.url}#part` }, /http/],
    [{ url: receiver.url.replace('//', '//name@') }, /http/],
    [{ url: receiver.url, token: 'a_b' }, /token/],
    [{ url: receiver.url, encodingAESKey: 'short' }, /43/],
    [{ url: receiver.url, format: 'json' }, /XML only/],
    [{ url: receiver.url, modus: 'plain' }, /modus/],
  ];
  for (const [settings, message] of wrong) {
    // @ts-expect-error some have keys that do not exist
    await assert.rejects(events.setCallback(settings), { code: 'SIMULATOR_OPTIONS', message });
  }
});
