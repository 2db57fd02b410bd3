import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account } from '../../store/accounts/accounts.ts';
import { checkForwardTo, checkPublicUrl, checkReply, checkUnsignedFrom } from './rules.ts';

const account: Account = {
  ...{ appid: 'wx0123456789abcdef', kind: 'service', name: '', tokenSource: 'none', baseUrl: null },
  ...{ timeZone: 'Asia/Shanghai', ratePerS: 100, state: 'active', stateReason: null, createdAt: new Date(0) },
};
const invalid = { code: 'CALLBACK_SETTING_INVALID' };

test('takes the address with and without the path that Hongyan adds', () => {
  for (const value of [
    'https://x.example.com',
    'https://x.example.com/',
    'https://x.example.com/callback/wx0123456789abcdef',
  ])
    assert.equal(checkPublicUrl(value, account), 'https://x.example.com');
  assert.equal(checkPublicUrl('https://x.example.com/push/', account), 'https://x.example.com/push');
  assert.equal(
    checkPublicUrl('http://127.0.0.1:8790', { ...account, baseUrl: 'http://127.0.0.1:8780' }),
    'http://127.0.0.1:8790',
  );
  for (const value of [
    'https://x.example.com:8443',
    'ftp://x',
    'x.example.com',
    'https://a:b@x',
    'https://x/?a=1',
  ])
    assert.throws(() => checkPublicUrl(value, account), invalid, value);
});

test('takes what WeChat takes for a reply', () => {
  for (const value of ['none', 'transfer', 'text:谢谢', `text:${'字'.repeat(682)}`])
    assert.equal(checkReply(value, account), value);
  for (const value of ['', 'hello', 'text:', `text:${'字'.repeat(683)}`])
    assert.throws(() => checkReply(value, account), invalid, value);
  assert.throws(() => checkReply('text:hello', { ...account, kind: 'miniprogram' }), invalid);
});

test('relays to web addresses only', () => {
  assert.equal(checkForwardTo('http://10.0.0.5/wx?id=3'), 'http://10.0.0.5/wx?id=3');
  for (const value of [
    ...['file:///etc/passwd', 'x', ''],
    ...['http://169.254.169.254/latest/meta-data/', 'http://2852039166/', 'http://[::ffff:a9fe:a9fe]/'],
    ...['http://100.100.100.200/', 'http://[fd00:ec2::254]/', 'http://[fe80::1]/'],
  ])
    assert.throws(() => checkForwardTo(value), invalid, value);
});

test('lets unsigned pushes in from internal addresses only', () => {
  assert.deepEqual(checkUnsignedFrom(['10.0.0.0/8', ' 192.168.3.4', 'fd00::/8']), [
    '10.0.0.0/8',
    '192.168.3.4/32',
    'fd00::/8',
  ]);
  assert.deepEqual(checkUnsignedFrom([]), []);
  for (const value of [
    ...['0.0.0.0/0', '8.8.8.0/24', '10.0.0.0/4', '172.0.0.0/12', '::/0', 'fe00::/6', '2001:db8::/32'],
    ...['nonsense', '10.0.0.0/x', '10.0.0.0/33', '10.0.0.0/-1', '', '10.0.0.0/8,1.1.1.1'],
  ])
    assert.throws(() => checkUnsignedFrom(value.split(',')), invalid, value);
});
