import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Actor, personOf } from './actor.ts';

const key = (id: string, name: string): Actor => ({
  ...{ kind: 'key', id, name, permissions: 'all', accounts: 'all' },
  ...{ entrance: 'http', lang: 'en', source: null, requestId: null },
});

test('keys of one name are one person for an approval, and a user is none of them', () => {
  assert.equal(personOf(key('0123456789ab', 'shop')), personOf(key('ba9876543210', 'shop')));
  assert.notEqual(personOf(key('0123456789ab', 'shop')), personOf(key('0123456789ab', 'crm')));
  assert.notEqual(personOf(key('0123456789ab', 'shop')), personOf({ ...key('1', 'shop'), kind: 'user' }));
});
