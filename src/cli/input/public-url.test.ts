import assert from 'node:assert/strict';
import { test } from 'node:test';
import { urlOf } from './public-url.ts';

const given = (url: string): Promise<string | undefined> => urlOf('<url>', url, '--url-file', undefined);

test('an address that may hold a secret is not taken from the command line', async () => {
  for (const url of [
    ...['https://example.com/hook?key=1', 'https://me:secret@example.com/', 'https://me@example.com/'],
    ...[
      'https://hooks.example.com/services/T0/B0/XXXXXXXX1yXXXXXXXXXXXXXX',
      'https://example.com/0123456789abcdef/hook',
    ],
    'https://example.com/hook/9c5b94b1-35ad-49bb-b118-8e8fc24abf80',
  ])
    await assert.rejects(given(url), { code: 'USAGE' }, url);
  for (const url of [
    ...[
      'https://example.com/',
      'https://example.com/wechat/events-of-the-service-account',
      'http://10.0.0.5:8080/v1/hook',
    ],
    'https://example.com/2026/11/27/orders',
  ])
    assert.equal(await given(url), url);
});
