import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callbackVectors } from '../../../test/support/callback/request.ts';
import { verifyCallbackUrl } from './verify-url.ts';

const token = 'AAAAA';
const v1 = {
  signature: 'f464b24fc39322e44b38aa78f5edd27bd1441696',
  timestamp: '1714036504',
  nonce: '1514711492',
  echostr: '4375120948345356249',
};
const refusal = (query: Record<string, string> | URLSearchParams): string => {
  const verified = verifyCallbackUrl({ query: new URLSearchParams(query), token });
  return verified.kind === 'refused' ? verified.reason : verified.echostr;
};

test('answers WeChat’s own example (V1) with its echostr', () => {
  const {
    signature = '',
    timestamp = '',
    nonce = '',
    echostr = '',
  } = callbackVectors.find(({ id }) => id === 'V1') ?? {};
  assert.deepEqual({ signature, timestamp, nonce, echostr }, v1);
  assert.deepEqual(verifyCallbackUrl({ query: new URLSearchParams(v1), token }), {
    kind: 'verified',
    echostr: '4375120948345356249',
  });
});

test('refuses another signature, and what has none', () => {
  assert.equal(refusal({ ...v1, signature: v1.signature.replace('f', 'e') }), 'signature');
  assert.equal(refusal({ ...v1, nonce: '1' }), 'signature');
  const { signature: _, ...unsigned } = v1;
  assert.equal(refusal(unsigned), 'unsigned');
  assert.equal(refusal({}), 'unsigned');
  assert.throws(() => verifyCallbackUrl({ query: new URLSearchParams(v1), token: '' }), {
    code: 'CALLBACK_TOKEN_INVALID',
  });
});

test('refuses the encrypted echostr of WeCom (V11a, V13b)', () => {
  for (const vector of callbackVectors.filter(({ id }) => id === 'V11a' || id === 'V13b')) {
    const query = new URLSearchParams({
      msg_signature: vector.msg_signature ?? '',
      timestamp: vector.timestamp ?? '',
      nonce: vector.nonce ?? '',
      echostr: vector.encrypt ?? '',
    });
    const verified = verifyCallbackUrl({ query, token: vector.token ?? '' });
    assert.deepEqual(verified, { kind: 'refused', reason: 'unsigned' });
  }
});

test('echoes nothing but an echostr, since the signature does not cover it', () => {
  const { echostr: _, ...bare } = v1;
  assert.equal(refusal(bare), 'malformed');
  for (const echostr of ['', '<script>alert(1)</script>', 'a b', 'a\r\nb', '1'.repeat(129), '鸿']) {
    assert.equal(refusal({ ...v1, echostr }), 'malformed', echostr);
  }
  const twice = new URLSearchParams(v1);
  twice.append('echostr', '2');
  assert.equal(refusal(twice), 'malformed');
});
