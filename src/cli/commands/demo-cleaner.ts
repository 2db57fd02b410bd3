import { spawn } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { errorCode } from '../../base/errors.ts';
import { partFlag } from '../parent.ts';

/** The database of the demo has so long to end, ms. */
const endsWithinMs = 5_000;

/**
 * A process that sees to it that nothing is left of a demo which is killed: an embedded database goes on without whoever
 * started it, since the next command would find it again, and the demo's nobody finds.
 *
 * @returns ends the process, once the demo has cleared up by itself
 */
export function startCleaner(directory: string): () => Promise<void> {
  const main = fileURLToPath(new URL('../../../bin/hongyan.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'demo', '--clear', directory, partFlag], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Not ended by the ctrl-C of a terminal.
    detached: true,
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return async () => {
    if (child.connected) child.disconnect();
    await gone;
  };
}

/** Ends the database that runs in the directory of a demo, and removes it. */
export async function clearDemo(directory: string): Promise<void> {
  for (const pid of await databasesIn(directory)) {
    kill(pid, 'SIGINT'); // at once, as PostgreSQL has it
    for (const until = performance.now() + endsWithinMs; kill(pid, 0) && performance.now() < until; ) {
      await setTimeout(50);
    }
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

async function databasesIn(directory: string): Promise<number[]> {
  try {
    const files = await readdir(directory, { recursive: true });
    const found = files.filter((name) => name.endsWith('postmaster.pid'));
    return await Promise.all(
      found.map(async (name) => Number((await readFile(join(directory, name), 'utf8')).split('\n')[0])),
    );
  } catch (error) {
    // Cleared while it was looked at.
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** False when there is no such process. */
function kill(pid: number, signal: 'SIGINT' | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}
