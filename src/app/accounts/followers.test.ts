import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundSyncs } from './followers.ts';

/** Runs that end when they are told to. */
function scene() {
  const syncs = new BackgroundSyncs();
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const settling = Promise.withResolvers<void>();
  const settled: string[] = [];
  const start = (name: string, syncId: number, settles: Promise<void> = Promise.resolve()): void => {
    const end = Promise.withResolvers<void>();
    ends.set(name, end);
    syncs.start({
      ...{ appid: 'wx1', syncId },
      run: () => {
        begun.push(name);
        return end.promise;
      },
      async settle(error) {
        await settles;
        settled.push(`${name} ${error instanceof Error ? error.message : 'done'}`);
      },
    });
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { syncs, begun, settled, settling, start, turn, end: (name: string) => ends.get(name) };
}

test('whoever starts a sync that runs has joined it', async () => {
  const { begun, settled, start, turn, end } = scene();
  start('first', 1);
  start('second', 1);
  end('first')?.resolve();
  await turn();
  assert.deepEqual([begun, settled], [['first'], ['first done']]);
  start('third', 2);
  assert.deepEqual(begun, ['first', 'third']);
});

test('whoever starts one while its failure is being written down is next: it was not joined', async () => {
  const { begun, settled, settling, start, turn, end } = scene();
  start('first', 1, settling.promise);
  end('first')?.reject(new Error('WECHAT_ERROR'));
  await turn();
  start('again', 1);
  assert.deepEqual(begun, ['first']);
  settling.resolve();
  await turn();
  assert.deepEqual([begun, settled], [['first', 'again'], ['first WECHAT_ERROR']]);
});

test('a new sync is not joined with one that the database has done', async () => {
  const { begun, start, turn, end } = scene();
  start('first', 1);
  start('new', 2);
  assert.deepEqual(begun, ['first']);
  end('first')?.resolve();
  await turn();
  assert.deepEqual(begun, ['first', 'new']);
});

test('the end of a process is no failure, and begins nothing', async () => {
  const { syncs, begun, settled, start, end } = scene();
  start('first', 1);
  start('new', 2);
  const closed = syncs.close();
  end('first')?.reject(new Error('stopping'));
  await closed;
  start('late', 3);
  assert.deepEqual([begun, settled], [['first'], []]);
});
