import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HongyanError } from '../../base/errors.ts';
import { openRecipients } from './recipients.ts';

const options = { signal: new AbortController().signal };
const openids = ['oAAAAAAAAAAAAAAAAAAAAAAAAAA1', 'oAAAAAAAAAAAAAAAAAAAAAAAAAA2'];

async function refusal(to: string): Promise<string> {
  const error = await openRecipients(to, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof HongyanError, `${to} was taken`);
  assert.match(error.code, /^(?:USAGE|AUDIENCE_INVALID)$/);
  return error.message;
}

test('a mistyped list of openids is not repeated in the error', async () => {
  // Joined by a full-width comma, the list is one word.
  const message = await refusal(openids.join('，'));
  assert.match(message, /"oAAAAAAAAAAA…" is none of them/);
  assert.doesNotMatch(message, /A{12}/);
  assert.match(await refusal('everybody'), /"everybody" is none of them/, 'a short word is shown whole');
});

test('a list names its people, whatever separates them, and has one name in any order', async () => {
  for (const to of [openids.join(','), openids.join(' '), openids.toReversed().join('|')]) {
    const { audience, name, total, batches } = await openRecipients(to, options);
    assert.deepEqual([audience, name, total], [{ kind: 'list', count: 2 }, openids.join(','), 2]);
    const rows: unknown[] = [];
    for await (const batch of batches ?? [])
      rows.push(...batch.map((row) => (row.kind === 'row' ? row.openid : row.reason)));
    assert.deepEqual(rows.sort(), openids);
  }
  assert.match(await refusal(`${openids[0]},short`), /"short" is none of them/);
  assert.match(await refusal(','), /is none of them/);
});

test('all, tags and files are told apart from openids', async () => {
  assert.deepEqual((await openRecipients('all', options)).audience, { kind: 'all' });
  assert.deepEqual((await openRecipients('tag:128', options)).audience, { kind: 'tag', tagId: 128 });
  for (const tag of ['tag:', 'tag:1a', 'tag:-1', 'tag:1234567890'])
    assert.match(await refusal(tag), /is not a tag/);
  assert.match(await refusal('list.csv'), /a file is written with an @: --to @list.csv/);
  assert.match(await refusal('@'), /needs a file name/);
});
