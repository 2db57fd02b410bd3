import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../base/errors.ts';
import { processIdentity } from './processes.ts';

/**
 * Who uses the server: one file per attachment, with the pid and the start time of its process, so that one
 * killed with -9 does not count and a later process with its pid does not either; and how many connections it wants.
 * All functions are called under the lock.
 */
export async function addAttachment(directory: string, connections: number): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const id = `${process.pid}-${randomUUID()}`;
  const identity = await processIdentity(process.pid);
  const file = join(directory, id);
  // Written beside and renamed: a half-written file would look like a dead process.
  await writeFile(`${file}.tmp`, JSON.stringify({ pid: process.pid, identity, connections }), {
    mode: 0o600,
  });
  await rename(`${file}.tmp`, file);
  return id;
}

export async function removeAttachment(directory: string, id: string): Promise<void> {
  await rm(join(directory, id), { force: true });
}

/** How many attachments of living processes there are, and the connections that they want; files of dead ones are removed. */
export async function countAttachments(directory: string): Promise<{ others: number; connections: number }> {
  let others = 0;
  let connections = 0;
  for (const name of await readdir(directory).catch(emptyIfMissing)) {
    const file = join(directory, name);
    const wanted = await connectionsOfLiving(file);
    if (wanted === null) await rm(file, { force: true });
    else {
      others += 1;
      connections += wanted;
    }
  }
  return { others, connections };
}

function emptyIfMissing(error: unknown): string[] {
  if (errorCode(error) === 'ENOENT') return [];
  throw error;
}

/** Null when its process is gone. */
async function connectionsOfLiving(file: string): Promise<number | null> {
  let entry: unknown;
  try {
    entry = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
  if (typeof entry !== 'object' || entry === null) return null;
  if (!('pid' in entry) || typeof entry.pid !== 'number' || !('identity' in entry)) return null;
  if ((await processIdentity(entry.pid)) !== entry.identity) return null;
  return 'connections' in entry && typeof entry.connections === 'number' ? entry.connections : 0;
}
