/** Clusters of tests in memory: their many small files and fsyncs cost a disk, and its file system, more than PostgreSQL. */
import { readdir, readFile, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcessesIn } from '../../../src/store/embedded/postmaster.ts';

const memory = '/dev/shm';

/** The file system in memory where that many bytes are free, else null. */
export async function memoryDirectory(bytes: number): Promise<string | null> {
  const space = await statfs(memory).catch(() => undefined);
  // What it may hold says nothing about what the machine still has.
  const free = space === undefined ? 0 : Math.min(space.bavail * space.bsize, freemem());
  return free > bytes && (await mayRun(memory)) ? memory : null;
}

/** Root's server may need a copy of its programs beside its cluster; a container's memory is often mounted without that right. */
async function mayRun(directory: string): Promise<boolean> {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  const options = mounts
    .split('\n')
    .find((line) => line.split(' ')[1] === directory)
    ?.split(' ')[3];
  return options !== undefined && !options.split(',').includes('noexec');
}

/** For a cluster of a single test. */
export async function scratchRoot(): Promise<string> {
  return (await memoryDirectory(2 ** 30)) ?? tmpdir();
}

/** Ends the servers of all clusters in there. */
export async function endClustersUnder(directory: string): Promise<void> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  for (const name of names.filter((one) => /(^|\/)pg(\.tmp-\d+)?$/.test(one)))
    await endProcessesIn(['postgres', 'initdb'], join(directory, name), undefined, 'SIGKILL', 0);
}
