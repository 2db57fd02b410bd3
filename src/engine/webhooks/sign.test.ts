import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { makeSecret, parseSecret, signatureHeaders } from './sign.ts';

// The example of the Standard Webhooks specification.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

test('signs id, time and body as Standard Webhooks does', () => {
  const headers = signatureHeaders(
    [secret],
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1614265330,
    '{"test": 2432232314}',
  );
  assert.deepEqual(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a receiver can check a new secret with nothing but HMAC', () => {
  const made = makeSecret();
  const headers = signatureHeaders([made], 'id', 7, '{"中文":"😀"}');
  const key = Buffer.from(made.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update('id.7.{"中文":"😀"}').digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${expected}`);
});

test('the public library of Standard Webhooks takes what is signed, with either secret while one is rotated', () => {
  const [old, current] = [makeSecret(), makeSecret()];
  const body = '{"appid":"wx1","items":[{"topic":"message","fields":{"Content":"你好 🦢"}}]}';
  const now = Math.floor(Date.now() / 1000);
  const headers = signatureHeaders([current, old], 'a-delivery', now, body);
  for (const key of [old, current])
    assert.deepEqual(new Webhook(key).verify(body, headers), JSON.parse(body));
  assert.throws(() => new Webhook(makeSecret()).verify(body, headers), /No matching signature/);
  assert.throws(() => new Webhook(current).verify(`${body} `, headers), /No matching signature/);
  const late = signatureHeaders([current], 'a-delivery', now - 600, body);
  assert.throws(() => new Webhook(current).verify(body, late), /too old/);
});

test('takes only secrets that are long enough to be one', () => {
  for (const bad of ['', 'secret', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'!'.repeat(44)}`, 'x'.repeat(44)])
    assert.equal(parseSecret(bad), null, bad);
  assert.equal(parseSecret(`${makeSecret()}\n`)?.length, 32);
});
