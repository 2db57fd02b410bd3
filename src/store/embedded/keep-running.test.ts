import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { failure } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { keepRunning } from './keep-running.ts';

interface Start {
  done(pid: number): void;
  fails(error: Error): void;
}

/** A server whose starts last until they are told to end, and the looks at it, by hand. */
function watched(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const starts: Start[] = [];
  const said: [level: string, fields: object][] = [];
  const postgres = {
    pid: 1,
    revive: () =>
      new Promise<void>((resolve, reject) => {
        const done = (pid: number): void => {
          postgres.pid = pid;
          resolve();
        };
        starts.push({ done, fails: reject });
      }),
  };
  const stop = keepRunning(postgres, {
    ...silentLogger,
    warn: (fields) => said.push(['warn', fields]),
    error: (fields) => said.push(['error', fields]),
  });
  return {
    ...{ starts, said, stop },
    /** The time for a look has come, `times` in turn. */
    look: async (times = 1): Promise<void> => {
      for (let n = 0; n < times; n++) {
        t.mock.timers.tick(2_000);
        await settled();
      }
    },
  };
}

/** Whatever followed from promises has followed. */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

test('a start that takes long is not begun a second time, and stopping waits for it', async (t) => {
  const { starts, look, stop } = watched(t);
  await look(3);
  assert.equal(starts.length, 1);
  let isStopped = false;
  const stopped = stop().then(() => {
    isStopped = true;
  });
  await settled();
  assert.equal(isStopped, false);
  starts[0]?.done(2);
  await stopped;
  await look(3);
  assert.equal(starts.length, 1, 'nobody looks any more');
});

test('a look after one that ended finds what happened since; that the server was started again is said', async (t) => {
  const { starts, said, look, stop } = watched(t);
  for (const [n, pid] of [1, 7, 7].entries()) {
    await look();
    starts[n]?.done(pid);
    await settled();
    assert.deepEqual(said, n === 0 ? [] : [['warn', { pid: 7 }]]);
  }
  await stop();
  assert.equal(starts.length, 3);
});

test('why it cannot be started is said once, and again after it ran', async (t) => {
  const { starts, said, look, stop } = watched(t);
  const full = failure('DISK_FULL/database', {});
  const outcomes: ((one: Start | undefined) => void)[] = [
    (one) => one?.fails(full),
    (one) => one?.fails(full),
    (one) => one?.fails(new Error('else')),
    (one) => one?.fails(full),
    (one) => one?.done(1),
    (one) => one?.fails(full),
  ];
  for (const [n, outcome] of outcomes.entries()) {
    await look();
    outcome(starts[n]);
    await settled();
  }
  await stop();
  assert.deepEqual(
    said.map(([level, fields]) => [level, 'code' in fields && fields.code]),
    ['DISK_FULL', 'UNKNOWN', 'DISK_FULL', 'DISK_FULL'].map((code) => ['error', code]),
  );
});
