import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountKind, channelName } from '../../src/contract/shapes.ts';
import { resolveOptions } from '../../src/simulator/resolve-options.ts';
import { kindNames } from '../../src/texts/account-words.ts';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { deliveriesWords } from '../../src/texts/console/deliveries.ts';
import { accountKinds, channelNames } from '../../src/wechat/channels.ts';

/** What follows `prefix` in the keys of a table of words. */
function named(table: object, prefix: string): string[] {
  return Object.keys(table).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
}

test('the API and the console know exactly the channels that there are', () => {
  assert.deepEqual(channelName.options, channelNames);
  assert.deepEqual(named(deliveriesWords, 'channel.').sort(), [...channelNames].sort());
});

test('the API, the console, the words and the simulator know exactly the kinds of account that there are', () => {
  assert.deepEqual(accountKind.options, accountKinds);
  assert.deepEqual(Object.keys(kindNames).sort(), [...accountKinds].sort());
  assert.deepEqual(named(accountWords, 'kind.').sort(), [...accountKinds].sort());
  for (const kind of accountKinds) {
    assert.equal(resolveOptions({ accounts: [{ kind }] }).accounts[0]?.kind, kind);
  }
});
