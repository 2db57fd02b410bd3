import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorCode } from '../../base/errors.ts';
import { countedPage, type OpenidPageAnswer, openidPages, page as tagPage } from './openid-pages.ts';

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
  from: string | { from: string; seen: number } = '',
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
  const options = typeof from === 'string' ? { from } : from;
  for await (const got of openidPages('/list', fullPage, fetchPage, options)) {
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
  assert.deepEqual((await walk({ '': { count: 0, next_openid: '' } })).openids, []);
  assert.deepEqual((await walk({ z: page(5, []) }, 'z')).openids, []);
  assert.deepEqual((await walk({ z: { total: 5, count: 0, data: {}, next_openid: '' } }, 'z')).openids, []);
});

test('a cursor that does not move is an error instead of an endless list', async () => {
  await assert.rejects(walk({ '': page(9, ['a', 'b', 'c']), c: page(9, ['a', 'b', 'c']) }), {
    code: 'WECHAT_PAGING_STUCK',
  });
});

test('a first page without people, though WeChat counts some, is an error instead of an empty list', async () => {
  await assert.rejects(walk({ '': page(23_000, []) }), { code: 'WECHAT_PAGE_EMPTY' });
});

/** A full page of `n` openids that begin with `name`. */
const many = (name: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${name}${i}`);

test('a list whose pages end long before its total is an error, wherever it was begun', async () => {
  const short = { code: 'WECHAT_PAGES_SHORT' };
  const first = { '': page(25_000, many('a', 10_000)) };
  await assert.rejects(walk({ ...first, a9999: page(25_000, []) }, '', 10_000), short);
  await assert.rejects(walk({ '': page(25_000, many('a', 10_000), '') }, '', 10_000), short);
  // Resumed: only whoever says how many there were before can be told.
  const rest = { z: page(25_000, []) };
  await assert.rejects(walk(rest, { from: 'z', seen: 10_000 }, 10_000), short);
  assert.deepEqual((await walk(rest, { from: 'z', seen: 25_000 }, 10_000)).openids, []);
  assert.deepEqual((await walk(rest, 'z', 10_000)).openids, []);
});

test('a total that collapses from one page to the next is an error, one that shrinks a little is none', async () => {
  const pages = (total: number) => ({ '': page(25_000, many('a', 10_000)), a9999: page(total, []) });
  await assert.rejects(walk(pages(10_000), '', 10_000), { code: 'WECHAT_PAGES_SHORT' });
  const left = { '': page(100, many('a', 60)), a59: page(97, many('b', 37)) };
  assert.equal((await walk(left, '', 60)).openids.length, 97);
});

test('people who left or came while it was read end no list: a hundredth, or five', async () => {
  assert.equal((await walk({ '': page(1_000, many('a', 990), '') }, '', 1_000)).openids.length, 990);
  assert.equal((await walk({ '': page(8, ['a', 'b', 'c'], '') })).openids.length, 3);
  await assert.rejects(walk({ '': page(1_000, many('a', 989), '') }, '', 1_000), {
    code: 'WECHAT_PAGES_SHORT',
  });
});

test('cursors or pages that come again, and more people than there are, end in an error', async () => {
  const stuck = { code: 'WECHAT_PAGING_STUCK' };
  const cycle = {
    '': page(9, ['a', 'b', 'c']),
    c: page(9, ['d', 'e', 'f']),
    f: page(9, ['g', 'h', 'i'], 'c'),
  };
  await assert.rejects(walk(cycle), stuck);
  // The same people under another cursor.
  await assert.rejects(walk({ '': page(9, ['a', 'b', 'c']), c: page(9, ['a', 'b', 'c'], 'x') }), stuck);
  let pages = 0;
  async function* endless() {
    yield* openidPages('/list', 10, async () => page(20, many(`p${pages++}-`, 10)));
  }
  await assert.rejects(async () => {
    for await (const _ of endless()) assert.ok(pages < 10);
  }, stuck);
});

test('whatever a list does, it ends: with as many people as it counts, or in an error', async () => {
  const strange = fc.record({
    size: fc.nat({ max: 60 }),
    full: fc.integer({ min: 1, max: 10 }),
    /** What goes wrong on which page: pages are cut, counted otherwise, repeated, or handed out under other cursors. */
    faults: fc.array(
      fc.record({
        page: fc.nat({ max: 12 }),
        what: fc.constantFrom('empty', 'cut', 'total', 'no cursor', 'back', 'random') as fc.Arbitrary<string>,
      }),
      { maxLength: 3 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(strange, async ({ size, full, faults }) => {
      const people = many('o', size);
      let asked = 0;
      const fetchPage = async (cursor: string): Promise<OpenidPageAnswer> => {
        const fault = faults.find((one) => one.page === asked)?.what;
        assert.ok(++asked < 200, 'it does not end');
        const at = cursor === '' ? 0 : people.indexOf(cursor) + 1;
        const openids = people.slice(at, at + full);
        const right = page(size, openids);
        if (fault === 'empty') return page(size, []);
        if (fault === 'cut') return page(size, openids.slice(0, 1));
        if (fault === 'total') return { ...right, total: Math.floor(size / 3) };
        if (fault === 'no cursor') return { ...right, next_openid: '' };
        if (fault === 'back') return { ...right, next_openid: people[Math.max(0, at - 3)] ?? '' };
        return fault === 'random' ? { ...right, next_openid: `x${asked}` } : right;
      };
      const seen = new Set<string>();
      try {
        for await (const { openids } of openidPages('/list', full, fetchPage))
          for (const openid of openids) seen.add(openid);
      } catch (error) {
        assert.match(String(errorCode(error)), /^WECHAT_PAG/);
        return;
      }
      // Of a wrong total nobody can know, and people listed twice hide who is missing: the sync counts each once.
      if (!faults.some(({ what }) => what === 'total' || what === 'random' || what === 'back'))
        assert.ok(size - seen.size <= 5, `${seen.size} of ${size}`);
    }),
    { numRuns: 500 },
  );
});

test('a page whose count is not that of its openids is no page', () => {
  const whole = { total: 9, count: 2, data: { openid: ['a', 'b'] }, next_openid: 'b' };
  for (const shape of [countedPage, tagPage]) {
    assert.equal(shape.safeParse(whole).success, true);
    for (const cut of [
      { ...whole, count: 3 },
      { ...whole, count: 0 },
      { ...whole, data: undefined },
    ])
      assert.equal(shape.safeParse(cut).success, false, JSON.stringify(cut));
    assert.equal(shape.safeParse({ total: 9, count: 0, next_openid: '' }).success, true, 'an empty one');
  }
  assert.equal(countedPage.safeParse({ ...whole, total: undefined }).success, false);
  assert.equal(tagPage.safeParse({ ...whole, total: undefined }).success, true);
});
