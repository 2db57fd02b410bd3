/**
 * The last net under a test file, loaded before it by `npm test` (`--import`). The runner's own limit (`--test-timeout`) knows
 * tests, and neither a file that hangs before its first one or after its last one nor a loop that lets no timer come. After ten
 * minutes the file is ended with all processes that it started, and its name is said.
 */
import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** For its own test. */
const limitMs = Number(process.env.HONGYAN_TEST_FILE_MS ?? 600_000);

// `NODE_TEST_CONTEXT` is the runner's, set for each file that it runs.
if (isMainThread && process.env.NODE_TEST_CONTEXT === 'child-v8') {
  // A thread, since a loop in the file would not let a timer of its own come.
  const watch = new Worker(new URL(import.meta.url), {
    workerData: { watched: process.argv[1] },
    execArgv: [],
  });
  watch.unref();
} else if (!isMainThread && typeof workerData?.watched === 'string') {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, limitMs);
  writeSync(2, `${workerData.watched} has not ended within ${limitMs / 1000} s: it is ended.\n`);
  // Itself last: whose parent is gone is nobody's descendant any more.
  for (const pid of [...descendants(process.pid), process.pid]) end(pid);
}

/** Children, their children, and so on; on systems without /proc none are found. */
function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of namesIn('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = /^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
    if (parent !== undefined) parents.set(pid, Number(parent));
  }
  const found = new Set([root]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(root);
  return [...found];
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
