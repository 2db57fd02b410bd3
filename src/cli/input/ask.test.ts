import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { askYesNo } from './ask.ts';

/** What is answered when a person presses these keys, one after the other. */
async function answered(...keys: string[]): Promise<boolean> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  output.resume();
  const asked = askYesNo({ signal: new AbortController().signal, lang: 'en' }, 'Send?', { input, output });
  // The question is drawn when keys are listened to.
  await new Promise((resolve) => output.once('data', resolve));
  for (const key of keys) input.write(key);
  return await asked;
}

const [enter, escapeKey, controlC, left] = ['\r', '\u001b', '\u0003', '\u001b[D'];

test('yes is yes', async () => {
  assert.equal(await answered('y'), true);
  assert.equal(await answered(left, enter), true);
});

test('no, enter without a choice, escape and ctrl-C are no', async () => {
  for (const key of ['n', enter, escapeKey, controlC]) assert.equal(await answered(key), false, `${key}`);
});

test('nobody to ask is an error and no answer', async () => {
  const input = Object.assign(new PassThrough(), { isTTY: false });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  await assert.rejects(
    askYesNo({ signal: new AbortController().signal, lang: 'en' }, 'Send?', { input, output }),
    {
      code: 'USAGE',
    },
  );
});
