import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUserOf } from './server-user.ts';

test('whoever owns a cluster is called as the machine calls them, and by their number where it does not', async () => {
  assert.deepEqual(await serverUserOf(0, 7), { uid: 0, gid: 0, name: 'root' });
  const nobodys = 3_999_999_999;
  assert.deepEqual(await serverUserOf(nobodys, 7), { uid: nobodys, gid: 7, name: String(nobodys) });
});
