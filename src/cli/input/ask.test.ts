import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { askYesNo, requireYes, type Terminal } from './ask.ts';

const context = { signal: new AbortController().signal, lang: 'en' } as const;

/** What comes of a question when a person presses these keys, one after the other. */
async function pressed<T>(
  ask: (context: { signal: AbortSignal; lang: 'en' }, message: string, terminal: Terminal) => Promise<T>,
  ...keys: string[]
): Promise<T> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  output.resume();
  const asked = ask(context, 'Send?', { input, output });
  // The question is drawn when keys are listened to.
  await new Promise((resolve) => output.once('data', resolve));
  for (const key of keys) input.write(key);
  return await asked;
}

const answered = (...keys: string[]): Promise<boolean> => pressed(askYesNo, ...keys);

const [enter, escapeKey, controlC, left] = ['\r', '\u001b', '\u0003', '\u001b[D'];

test('yes is yes', async () => {
  assert.equal(await answered('y'), true);
  assert.equal(await answered(left, enter), true);
});

test('no, enter without a choice, escape and ctrl-C are no', async () => {
  for (const key of ['n', enter, escapeKey, controlC]) assert.equal(await answered(key), false, `${key}`);
});

test('what needs a yes goes no further without one', async () => {
  await pressed(requireYes, 'y');
  for (const key of ['n', enter, escapeKey, controlC])
    await assert.rejects(pressed(requireYes, key), { code: 'CANCELLED' }, `${key}`);
});

test('nobody to ask is an error and no answer', async () => {
  const input = Object.assign(new PassThrough(), { isTTY: false });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  await assert.rejects(askYesNo(context, 'Send?', { input, output }), { code: 'USAGE' });
});
