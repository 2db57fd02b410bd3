import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseProxy } from './proxy.ts';

const wechat = new URL('https://api.weixin.qq.com');
const httpsProxy = 'http://proxy.example:3128';

test('the account’s own proxy wins, and null means a direct connection', () => {
  assert.equal(chooseProxy(wechat, { proxy: 'http://own.example:1', httpsProxy }), 'http://own.example:1/');
  assert.equal(chooseProxy(wechat, { proxy: null, httpsProxy }), null);
  assert.equal(chooseProxy(wechat, {}), null);
});

test('HTTPS_PROXY holds for https only, and may lack its scheme', () => {
  assert.equal(chooseProxy(wechat, { httpsProxy }), 'http://proxy.example:3128/');
  assert.equal(chooseProxy(wechat, { httpsProxy: 'proxy.example:3128' }), 'http://proxy.example:3128/');
  assert.equal(chooseProxy(new URL('http://127.0.0.1:8080'), { httpsProxy }), null);
  assert.equal(chooseProxy(wechat, { httpsProxy: '' }), null);
});

test('NO_PROXY exempts hosts, suffixes, ports and everything', () => {
  const exempt = (noProxy: string): boolean => chooseProxy(wechat, { httpsProxy, noProxy }) === null;
  for (const value of [
    '*',
    'api.weixin.qq.com',
    'qq.com',
    '.qq.com',
    '*.qq.com',
    'a.com, API.weixin.qq.com:443',
  ]) {
    assert.equal(exempt(value), true, value);
  }
  for (const value of ['', 'xqq.com', 'api.weixin.qq.com:8443', 'api', 'localhost 127.0.0.1']) {
    assert.equal(exempt(value), false, value);
  }
});

test('refuses a proxy that it cannot use, without repeating its password', () => {
  for (const proxy of ['socks5://u:hunter2@h:1', 'not a url hunter2']) {
    assert.throws(
      () => chooseProxy(wechat, { proxy }),
      (error: Error & { code?: string }) =>
        error.code === 'PROXY_INVALID' && !error.message.includes('hunter2'),
    );
  }
});
