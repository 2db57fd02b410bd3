/** The long form, over HTTP into a real database: test/chaos/callback-fuzz.chaos.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventKey } from '../../src/wechat/callback/event-key.ts';
import { openCallback } from '../../src/wechat/callback/open-callback.ts';
import { callbackFuzz } from '../support/callback/fuzz.ts';
import { testKeys } from '../support/callback/request.ts';

test('20,000 changed requests: nothing throws, and nothing comes of one that was not signed as it stands', () => {
  const fuzz = callbackFuzz(20_260_101);
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  for (let n = 0; n < 20_000; n++) {
    const { rawQuery, body, mutation, isSigned } = fuzz.next();
    const opened = openCallback({ query: new URLSearchParams(rawQuery), body, keys: testKeys });
    if (opened.kind === 'refused') {
      count(opened.reason);
      continue;
    }
    count(isSigned ? 'signed' : 'harmless');
    if (isSigned) continue;
    const message = `request ${n}, ${mutation}: ${rawQuery} ${body}`;
    assert.ok(fuzz.known.has(eventKey(opened.event)), message);
    assert.notEqual(opened.mode, 'plain', message);
  }
  // A fuzz that no longer gets past the first check, or never gets there, would pass as well.
  for (const what of ['signed', 'harmless', 'signature', 'unsigned', 'plain', 'malformed']) {
    assert.ok((seen.get(what) ?? 0) > 100, `${what}: ${JSON.stringify([...seen])}`);
  }
});
