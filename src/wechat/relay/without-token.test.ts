import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutToken } from './without-token.ts';

const token = 'aaab_token';

async function passed(...chunks: string[]): Promise<string> {
  const out: Buffer[] = [];
  for await (const bytes of withoutToken(
    chunks.map((chunk) => Buffer.from(chunk)),
    token,
  ))
    out.push(bytes);
  return Buffer.concat(out).toString();
}

test('a token is stars, wherever it is cut', async () => {
  const text = `{"a":"${token}","b":"${token}${token}"}`;
  const expected = text.replaceAll(token, '*'.repeat(token.length));
  for (let at = 0; at <= text.length; at++)
    for (const next of [0, 1, 5]) {
      const end = Math.min(text.length, at + next);
      assert.equal(await passed(text.slice(0, at), text.slice(at, end), text.slice(end)), expected);
    }
  assert.equal(await passed(...text), expected, 'byte by byte');
});

test('what only begins like it stays', async () => {
  for (const text of ['', 'aaaaaaa', 'aaab_toke', 'aaab_tokeaaab_toke', 'token'])
    assert.equal(await passed(...text), text);
});

test('chunks are not changed for whoever else has them', async () => {
  const chunk = Buffer.from(token);
  for await (const bytes of withoutToken([chunk], token)) assert.equal(bytes.toString(), '*'.repeat(10));
  assert.equal(chunk.toString(), token);
});
