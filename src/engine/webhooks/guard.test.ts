import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { test } from 'node:test';
import { checkWebhookUrl, createGuard } from './guard.ts';

const refused = [
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::ffff:1.1.1.1',
  '::FFFF:0101:0101',
  '::ffff:0:1.1.1.1',
  '::127.0.0.1',
  'fe80::1',
  'fd00::1',
  'ff02::1',
  '64:ff9b::a9fe:a9fe',
  '2002:7f00:1::',
  '2001:0:7f00:1::',
];
const allowed = ['1.1.1.1', '172.15.255.255', '172.32.0.1', '100.128.0.1', '2606:4700::1111'];

test('refuses addresses that are not public, in whatever form they are written', () => {
  const guard = createGuard([]);
  for (const address of refused) assert.equal(guard.allows(address), false, address);
  for (const address of allowed) assert.equal(guard.allows(address), true, address);
});

test('a network that is not public ends where it does', () => {
  const guard = createGuard([]);
  /** The last address that begins so. */
  const last = (start: string): string => [...start.split('.'), '255', '255', '255'].slice(0, 4).join('.');
  const last6 = (start: string): string =>
    [...start.split(':'), ...Array<string>(7).fill('ffff')].slice(0, 8).join(':');
  /** What is public before it, its first and last address, what is public behind it. */
  const edges: [string | null, string, string, string | null][] = [
    [null, '0.0.0.0', last('0'), '1.0.0.0'],
    [last('9'), '10.0.0.0', last('10'), '11.0.0.0'],
    [last('100.63'), '100.64.0.0', last('100.127'), '100.128.0.0'],
    [last('126'), '127.0.0.0', last('127'), '128.0.0.0'],
    [last('169.253'), '169.254.0.0', last('169.254'), '169.255.0.0'],
    [last('172.15'), '172.16.0.0', last('172.31'), '172.32.0.0'],
    [last('191'), '192.0.0.0', last('192.0.0'), '192.0.1.0'],
    [last('192.0.1'), '192.0.2.0', last('192.0.2'), '192.0.3.0'],
    [last('192.88.98'), '192.88.99.0', last('192.88.99'), '192.88.100.0'],
    [last('192.167'), '192.168.0.0', last('192.168'), '192.169.0.0'],
    [last('198.17'), '198.18.0.0', last('198.19'), '198.20.0.0'],
    [last('198.51.99'), '198.51.100.0', last('198.51.100'), '198.51.101.0'],
    [last('203.0.112'), '203.0.113.0', last('203.0.113'), '203.0.114.0'],
    [last('223'), '224.0.0.0', last('239'), null],
    [null, '240.0.0.0', last('255'), null],
    [null, '::', '::ffff:ffff', '::1:0:0'],
    [last6('64:ff9a'), '64:ff9b::', '64:ff9b::ffff:ffff', '64:ff9b::1:0:0'],
    [last6('64:ff9b:0'), '64:ff9b:1::', last6('64:ff9b:1'), '64:ff9b:2::'],
    [last6('ff'), '100::', last6('100:0:0:0'), '100:0:0:1::'],
    [last6('2000'), '2001::', last6('2001:1ff'), '2001:200::'],
    [last6('2001:db7'), '2001:db8::', last6('2001:db8'), '2001:db9::'],
    [last6('2001'), '2002::', last6('2002'), '2003::'],
    [last6('3ffe'), '3fff::', last6('3fff:fff'), '3fff:1000::'],
    [last6('5eff'), '5f00::', last6('5f00'), '5f01::'],
    [last6('fbff'), 'fc00::', last6('fdff'), 'fe00::'],
    [last6('fe7f'), 'fe80::', last6('febf'), null],
    [null, 'fec0::', last6('feff'), null],
    [null, 'ff00::', last6('ffff'), null],
  ];
  for (const [publicBefore, first, end, publicBehind] of edges) {
    for (const one of [first, end]) assert.equal(guard.allows(one), false, one);
    for (const one of [publicBefore, publicBehind])
      if (one !== null) assert.equal(guard.allows(one), true, one);
  }
});

test('refuses such addresses in a URL before anything is sent', () => {
  const guard = createGuard([]);
  for (const url of [
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1:80/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/latest/meta-data',
  ])
    assert.throws(() => checkWebhookUrl(url, guard), { code: 'WEBHOOK_ADDRESS_REFUSED' }, url);
  for (const url of [
    'ftp://example.com/',
    'https://user:secret@example.com/',
    'https://user@example.com/',
    'https://:secret@example.com/',
    'example.com',
    '',
    'file:///etc/passwd',
  ])
    assert.throws(() => checkWebhookUrl(url, guard), { code: 'WEBHOOK_URL_INVALID' }, url);
  assert.equal(
    checkWebhookUrl('https://example.com/a?token=x#y', guard).href,
    'https://example.com/a?token=x',
  );
});

test('exempts what the configuration names, and nothing beside it', () => {
  const guard = createGuard(['10.1.0.0/16', '127.0.0.1', 'fd00:7::/32']);
  assert.equal(guard.allows('::ffff:10.1.0.1'), true, 'in the form of a socket that listens on both');
  assert.deepEqual(
    ['10.1.255.1', '10.2.0.1', '127.0.0.1', '127.0.0.2', 'fd00:7::5', 'fd00:8::5'].map((one) =>
      guard.allows(one),
    ),
    [true, false, true, false, true, false],
  );
  for (const entry of ['10.0.0.0/33', 'example.com', '10.0.0.0/', '', '10.0.0.0/8/8'])
    assert.throws(() => createGuard([entry]), { code: 'CONFIG_INVALID' }, entry);
});

test('a name that leads to a forbidden address is refused when connecting', async () => {
  const lookup = (allow: string[], all: boolean): Promise<string | LookupAddress[]> =>
    new Promise((resolve, reject) => {
      createGuard(allow).lookup('localhost', { all, family: 4 }, (error, address) =>
        error === null ? resolve(address) : reject(error),
      );
    });
  await assert.rejects(lookup([], true), { code: 'WEBHOOK_ADDRESS_REFUSED' });
  await assert.rejects(lookup([], false), { code: 'WEBHOOK_ADDRESS_REFUSED' });
  assert.equal(await lookup(['127.0.0.1'], false), '127.0.0.1');
  assert.deepEqual(await lookup(['127.0.0.1'], true), [{ address: '127.0.0.1', family: 4 }]);
});

test('a name of several addresses is refused if one of them is forbidden, in whatever order they come', async () => {
  const addresses = [
    { address: '1.1.1.1', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ];
  const lookup = (found: LookupAddress[], all: boolean): Promise<string | LookupAddress[]> =>
    new Promise((resolve, reject) => {
      const guard = createGuard([], (_name, _options, done) => done(null, found));
      guard.lookup('example.com', { all }, (error, address) =>
        error === null ? resolve(address) : reject(error),
      );
    });
  for (const found of [addresses, addresses.toReversed(), []])
    for (const all of [true, false])
      await assert.rejects(lookup(found, all), { code: 'WEBHOOK_ADDRESS_REFUSED' });
  assert.equal(await lookup(addresses.slice(0, 1), false), '1.1.1.1');
});
