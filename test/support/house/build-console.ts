/** The built console, for tests that serve it or look at it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode } from '../../../src/base/errors.ts';
import { pidExists } from '../../../src/store/embedded/processes.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const patienceMs = 240_000;

/** Builds console and phone unless what is built is newer than every source of it; test files that start together wait. */
export function buildConsole(): void {
  const release = takeLock(join(root, 'node_modules/.console-build.lock'));
  try {
    const sources = ['console', 'src/texts', 'src/client', 'src/contract'].flatMap((name) =>
      filesIn(join(root, name)),
    );
    const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
    const built = statSync(join(root, 'dist/console/phone.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (built > newest) return;
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [vite, 'build', '-c', 'console/build/vite.config.ts'],
      { cwd: root, encoding: 'utf8' },
    );
    assert.equal(status, 0, stdout + stderr);
  } finally {
    release();
  }
}

/**
 * Waits until nobody has it; gives what lets go of it. It holds the pid of its holder: that of one that was killed is nobody's.
 */
export function takeLock(lock: string): () => void {
  const deadline = performance.now() + patienceMs;
  while (!tryLock(lock)) {
    assert.ok(performance.now() < deadline, `whoever has ${lock} does not end`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  return () => rmSync(lock, { force: true });
}

function tryLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    const holder = Number(readIfThere(lock));
    // 0: it is not written yet.
    if (holder !== 0 && !pidExists(holder)) rmSync(lock, { force: true });
    return false;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return '';
  }
}

function filesIn(directory: string): string[] {
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
