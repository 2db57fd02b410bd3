/** The long form, in a process with little memory: test/chaos/recipient-fuzz.chaos.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFuzzed, recipientFuzz } from '../support/audience/recipient-fuzz.ts';

test('1,500 changed recipient files are read or refused, never with a fault of ours', async () => {
  const fuzz = recipientFuzz(20_260_301);
  const seen = new Map<string, number>();
  for (let n = 0; n < 1_500; n++) {
    const file = fuzz.next();
    try {
      const code = await readFuzzed(file);
      seen.set(code, (seen.get(code) ?? 0) + 1);
    } catch (error) {
      throw new Error(`file ${n}, ${file.mutation} ${JSON.stringify(file.options)}`, { cause: error });
    }
  }
  // A fuzz that no longer gets past the first check would pass as well.
  for (const code of [
    'read',
    'RECIPIENT_FILE_DAMAGED',
    'RECIPIENT_OPENID_COLUMN_MISSING',
    'RECIPIENT_ENCODING_UNKNOWN',
  ])
    assert.ok((seen.get(code) ?? 0) > 20, `${code}: ${JSON.stringify([...seen])}`);
});
