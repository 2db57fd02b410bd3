import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorCode } from '../../base/errors.ts';
import { Hosts, hostsOf } from './hosts.ts';

describe('a connection that names several servers is one for each of them', () => {
  for (const [connectionString, hosts] of [
    ['postgres://u:p@a/x', ['postgres://u:p@a/x']],
    [
      'postgresql://u:p@a:5432,b:5433/x?target_session_attrs=read-write',
      ['postgresql://u:p@a:5432/x', 'postgresql://u:p@b:5433/x'],
    ],
    [
      'postgresql://u:p%40s@[::1]:1,10.0.0.2/x?sslmode=verify-full&target_session_attrs=primary',
      [
        'postgresql://u:p%40s@[::1]:1/x?sslmode=verify-full',
        'postgresql://u:p%40s@10.0.0.2/x?sslmode=verify-full',
      ],
    ],
    [
      'postgresql://u:p@/x?host=/run/a,/run/b&port=5432',
      ['postgresql://u:p@/x?host=%2Frun%2Fa&port=5432', 'postgresql://u:p@/x?host=%2Frun%2Fb&port=5432'],
    ],
    ['postgresql:///x?host=a,b&port=1,2', ['postgresql:///x?host=a&port=1', 'postgresql:///x?host=b&port=2']],
    ['postgres://a/x?target_session_attrs=any', ['postgres://a/x']],
  ] as const) {
    test(connectionString, () => assert.deepEqual(hostsOf({ connectionString }), hosts));
  }

  test('a connection without an address has none', () => assert.deepEqual(hostsOf({}), []));

  test('what it cannot mean is refused with the reason', () => {
    const code = (connectionString: string): string | undefined => {
      try {
        hostsOf({ connectionString });
        return undefined;
      } catch (error) {
        return errorCode(error);
      }
    };
    assert.equal(code('postgres://a,b/x?target_session_attrs=standby'), 'DATABASE_HOSTS');
    assert.equal(code('postgres:///x?host=a,b,c&port=1,2'), 'DATABASE_HOSTS');
  });
});

test('of a server that failed the next one is asked, and only whoever asked the present one may say so', () => {
  const hosts = new Hosts(['postgres://a/', 'postgres://b/']);
  assert.deepEqual(hosts.present, { connectionString: 'postgres://a/' });
  hosts.failed(0);
  hosts.failed(0); // a connection that was begun before
  assert.deepEqual(hosts.present, { connectionString: 'postgres://b/' });
  hosts.failed(1);
  assert.equal(hosts.at, 0);
  assert.deepEqual(new Hosts([]).present, {});
});
