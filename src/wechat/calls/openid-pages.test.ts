import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenidPageAnswer, openidPages } from './openid-pages.ts';

const full = 3;
const page = (total: number, openids: string[], next = openids.at(-1) ?? ''): OpenidPageAnswer => ({
  total,
  count: openids.length,
  ...(openids.length === 0 ? {} : { data: { openid: openids } }),
  next_openid: next,
});

/** Walks a list whose pages are given by cursor; returns what came and which cursors were asked for. */
async function walk(
  pages: Record<string, OpenidPageAnswer>,
  from = '',
  fullPage: number | null = full,
): Promise<{ openids: string[]; next: string[]; asked: string[] }> {
  const asked: string[] = [];
  const openids: string[] = [];
  const next: string[] = [];
  const fetchPage = async (cursor: string): Promise<OpenidPageAnswer> => {
    asked.push(cursor);
    const answer = pages[cursor];
    assert.ok(answer, `asked for an unknown cursor ${cursor}`);
    return answer;
  };
  for await (const got of openidPages('/list', fullPage, fetchPage, from)) {
    openids.push(...got.openids);
    next.push(got.nextOpenid);
  }
  return { openids, next, asked };
}

test('a short last page that completes the total ends the list without another call', async () => {
  const result = await walk({ '': page(5, ['a', 'b', 'c']), c: page(5, ['d', 'e']) });
  assert.deepEqual(result, {
    openids: ['a', 'b', 'c', 'd', 'e'],
    next: ['c', 'e'],
    asked: ['', 'c'],
  });
});

test('a last page that is exactly full is followed by one empty page without data', async () => {
  const result = await walk({ '': page(3, ['a', 'b', 'c']), c: page(3, []) });
  assert.deepEqual(result.openids, ['a', 'b', 'c']);
  assert.deepEqual(result.asked, ['', 'c']);
});

test('an empty next_openid ends the list, and the page still names where to go on', async () => {
  const result = await walk({ '': page(3, ['a', 'b', 'c'], '') });
  assert.deepEqual(result, { openids: ['a', 'b', 'c'], next: ['c'], asked: [''] });
});

test('a short page in the middle does not end the list while WeChat counts more people', async () => {
  const result = await walk({ '': page(5, ['a', 'b']), b: page(5, ['c', 'd', 'e']), e: page(5, []) });
  assert.deepEqual(result.openids, ['a', 'b', 'c', 'd', 'e']);
});

test('a resumed list goes on after the given openid and asks until nothing comes', async () => {
  const result = await walk({ c: page(5, ['d', 'e']), e: page(5, []) }, 'c');
  assert.deepEqual(result, { openids: ['d', 'e'], next: ['e'], asked: ['c', 'e'] });
});

test('without a known page size a short page never ends the list', async () => {
  const result = await walk({ '': page(1, ['a']), a: page(1, []) }, '', null);
  assert.deepEqual(result.asked, ['', 'a']);
});

test('a list without total ends with its short page', async () => {
  const result = await walk({ '': { count: 1, data: { openid: ['a'] }, next_openid: 'a' } });
  assert.deepEqual(result.asked, ['']);
});

test('an empty account and a resume after the last openid give nothing', async () => {
  assert.deepEqual((await walk({ '': page(0, []) })).openids, []);
  assert.deepEqual((await walk({ '': {} })).openids, []);
  assert.deepEqual((await walk({ z: page(5, []) }, 'z')).openids, []);
  assert.deepEqual((await walk({ z: { total: 5, data: {} } }, 'z')).openids, []);
});

test('a cursor that does not move is an error instead of an endless list', async () => {
  await assert.rejects(walk({ '': page(9, ['a', 'b', 'c']), c: page(9, ['a', 'b', 'c']) }), {
    code: 'WECHAT_PAGING_STUCK',
  });
});

test('a first page without people, though WeChat counts some, is an error instead of an empty list', async () => {
  await assert.rejects(walk({ '': page(23_000, []) }), { code: 'WECHAT_PAGE_EMPTY' });
});
