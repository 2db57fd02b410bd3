import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PaceUser, PaceUsers } from './pace-users.ts';

test('all hand back what may not be sent, and only who may use the reserve what is left of it', () => {
  const users = new PaceUsers();
  const seen: string[] = [];
  const user = (name: string, usesReserve: boolean): PaceUser => ({
    usesReserve,
    handBack: (appid, path) => seen.push(`${name} back ${appid} ${path}`),
    onOpened: (appid, path) => seen.push(`${name} opened ${appid} ${path}`),
    wake: () => seen.push(`${name} wake`),
  });
  users.join(user('campaigns', false));
  users.join(user('messages', true));
  users.handBack('wx1', null);
  users.handBackReserve('wx1', '/a');
  users.onOpened('wx1', '/a');
  users.wake();
  assert.deepEqual(seen, [
    ...['campaigns back wx1 null', 'messages back wx1 null', 'messages back wx1 /a'],
    ...['campaigns opened wx1 /a', 'messages opened wx1 /a', 'campaigns wake', 'messages wake'],
  ]);
});
