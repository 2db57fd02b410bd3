import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FreshRecipients } from './fresh-recipients.ts';

function fresh(): FreshRecipients {
  return new FreshRecipients([1, 2, 3, 4, 5].map((no) => ({ no, openid: `o${no}`, vars: null })));
}

test('somebody who is denied a later attempt takes nobody’s turn along', () => {
  const list = fresh();
  list.takeFirst();
  list.takeFirst();
  // 1 was tried before, 4 never.
  list.leaveOut(new Set([1, 4]));
  const tried: (number | undefined)[] = [];
  for (; list.first !== undefined; list.takeFirst()) tried.push(list.first.no);
  assert.deepEqual(tried, [3, 5]);
});

test('between two marks are those who were not tried', () => {
  const list = fresh();
  list.takeFirst();
  assert.deepEqual(
    list.between(0, 3).map(({ no }) => no),
    [2, 3],
  );
  assert.deepEqual(
    list.between(3, 9).map(({ no }) => no),
    [4, 5],
  );
});
