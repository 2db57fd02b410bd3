import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ContentWish, contentOf, differences, exclusionsPart, RowsDigest } from './campaign-content.ts';

type Row = [openid: string, vars: string | null];

const row = fc.tuple(fc.string(), fc.option(fc.string()));

function digestOf(rows: readonly Row[]): string {
  const digest = new RowsDigest();
  for (const one of rows) digest.add(one);
  return digest.value;
}

test('rows are the same in any order, and others as soon as one of them is', () => {
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (rows, others) => {
      const text = (list: readonly Row[]): string =>
        list
          .map((one) => JSON.stringify(one))
          .sort()
          .join();
      assert.equal(digestOf(rows), digestOf(rows.toReversed()));
      assert.equal(digestOf(rows) === digestOf(others), text(rows) === text(others));
      const [first] = rows;
      if (first !== undefined) assert.notEqual(digestOf([...rows, first]), digestOf(rows));
    }),
  );
});

const wish: ContentWish = {
  channel: 'oa-template',
  body: {
    template_id: 't',
    url: 'https://example.com',
    data: { keyword1: { value: 'a' }, keyword2: { value: 'b' } },
  },
  audience: { kind: 'all' },
  exclusions: [
    { kind: 'tag', tagId: 1 },
    { kind: 'campaign', id: 2 },
  ],
  dedupe: 'openid',
  onInvalid: 'skip',
  includeNoCredit: false,
  startAt: new Date(1_000),
  validUntil: null,
};

test('each part of a wish belongs to its content, in whatever order it was written', () => {
  const made = { content: contentOf(wish) };
  const differing = (change: Partial<ContentWish>): string[] =>
    differences(made, contentOf({ ...wish, ...change }));
  assert.deepEqual(
    differing({
      body: {
        data: { keyword2: { value: 'b' }, keyword1: { value: 'a' } },
        url: 'https://example.com',
        template_id: 't',
      },
      exclusions: wish.exclusions.toReversed(),
    }),
    [],
  );
  for (const [change, parts] of [
    [{ channel: 'kf' }, ['message']],
    [{ body: { ...wish.body, template_id: 'u' } }, ['message']],
    [{ body: { ...wish.body, data: { keyword1: { value: 'a' } } } }, ['message']],
    [{ audience: { kind: 'tag', tagId: 1 } }, ['recipients']],
    [{ audience: { kind: 'resend', of: 1, what: ['failed'] } }, ['recipients']],
    [{ exclusions: [] }, ['exclusions']],
    [{ exclusions: [{ kind: 'tag', tagId: 2 }] }, ['exclusions']],
    [{ dedupe: 'none' }, ['options']],
    [{ onInvalid: 'reject' }, ['options']],
    [{ includeNoCredit: true }, ['options']],
    [{ startAt: new Date(2_000) }, ['options']],
    [{ startAt: null, validUntil: new Date(1_000) }, ['options']],
    [{ dedupe: 'none', channel: 'kf' }, ['message', 'options']],
  ] as const)
    assert.deepEqual(differing(change), parts);
});

test('what is in files is compared once they are read, and a campaign of an older version with nothing', () => {
  const exclusions = [{ kind: 'file', name: 'a.csv' }] as const;
  const unread = contentOf({ ...wish, exclusions, audience: { kind: 'file', name: 'x.csv' } });
  assert.deepEqual(Object.keys(unread).sort(), ['message', 'options']);
  const other = { ...unread, recipients: 'a', exclusions: exclusionsPart(exclusions, 'b') };
  assert.deepEqual(differences({ content: unread }, other), []);
  assert.deepEqual(differences({ content: { ...other, recipients: 'c' } }, other), ['recipients']);
  assert.notEqual(exclusionsPart(exclusions, 'b'), exclusionsPart(exclusions, 'c'));
  assert.deepEqual(differences({ content: null }, other), []);
});
