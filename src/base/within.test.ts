import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notLongAfter, within } from './within.ts';

const forEver = new Promise<never>(() => {});

test('says whether the work came to its end in time', async (t) => {
  assert.equal(await within(60_000, Promise.resolve('done')), true);
  assert.equal(await within(Number.POSITIVE_INFINITY, Promise.resolve('done')), true);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const late = within(1_000, forEver);
  t.mock.timers.tick(1_000);
  assert.equal(await late, false);
  const never = within(-1, forEver);
  t.mock.timers.tick(0);
  assert.equal(await never, false, 'no time is left');
});

test('rejects as the work does', async () => {
  await assert.rejects(within(60_000, Promise.reject(new Error('broken'))), /broken/);
  await assert.rejects(within(Number.POSITIVE_INFINITY, Promise.reject(new Error('broken'))), /broken/);
});

test('work goes on for a while after the signal, and not longer', async (t) => {
  const { signal } = new AbortController();
  assert.equal(await notLongAfter(signal, () => 1_000, Promise.resolve('done')), 'done');
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const when of ['before', 'meanwhile'] as const) {
    const stop = new AbortController();
    if (when === 'before') stop.abort(new Error('stopped'));
    const waiting = notLongAfter(stop.signal, () => 1_000, forEver);
    let ended = false;
    const seen = assert.rejects(waiting, /stopped/).then(() => {
      ended = true;
    });
    if (when === 'meanwhile') stop.abort(new Error('stopped'));
    t.mock.timers.tick(999);
    await Promise.resolve();
    assert.equal(ended, false, when);
    t.mock.timers.tick(1);
    await seen;
  }
});
