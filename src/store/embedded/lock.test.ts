import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { acquireLock } from './lock.ts';

test('whoever has to wait for a lock is told so once, and has it when it is free', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-lock-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const options = { lockFile: join(directory, 'lock'), directory, timeoutMs: 60_000 };
  let waits = 0;
  const first = await acquireLock({ ...options, onWait: () => waits++ });
  assert.equal(waits, 0, 'it was free');
  await assert.rejects(acquireLock({ ...options, timeoutMs: 200, onWait: () => waits++ }), {
    code: 'EMBEDDED_PG_LOCKED',
    message: new RegExp(`pid ${process.pid}\\b`),
  });
  assert.equal(waits, 1);
  const waiting = Promise.withResolvers<void>();
  const second = acquireLock({ ...options, onWait: waiting.resolve });
  await Promise.race([waiting.promise, second]);
  await first.release();
  await (await second).release();
});
