import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorCode } from '../../base/errors.ts';

/** How far a database is, by PostgreSQL's own positions (WAL), so clocks play no part. Null: it does not say. */
export interface Position {
  systemIdentifier: string | null;
  timeline: number | null;
  /** WAL flushed to disk, as PostgreSQL writes it: `16/B374D848`. A crash never takes it back. */
  lsn: string | null;
}

/** What the witness says of a history: how far it was, or in whose place another one was begun. */
export interface Witness extends Position {
  /** The database in which this history was followed by another; null: it is the present one. */
  followedIn: string | null;
}

/** True when a database at `now` has forgotten something that was at `then`. Another cluster says nothing. */
export function isBehind(now: Position, then: Position): boolean {
  if (now.systemIdentifier !== then.systemIdentifier) return false;
  if (now.timeline !== null && then.timeline !== null && now.timeline !== then.timeline)
    return now.timeline < then.timeline;
  return now.lsn !== null && then.lsn !== null && bytesOf(now.lsn) < bytesOf(then.lsn);
}

function bytesOf(lsn: string): bigint {
  const [high = '', low = ''] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/**
 * What the witness says: a file outside of the database that knows how far it was. A data directory that is copied back as
 * it was brings everything back but this. Null when there is none, or when it cannot be read (a file that was cut off by a
 * power failure): then a copy is not noticed, which is better than an alarm at every start.
 */
export async function readWitness(directory: string, id: string): Promise<Witness | null> {
  let value: unknown;
  try {
    if (await isForeign(directory)) return null;
    value = JSON.parse(await readFile(pathOf(directory, id), 'utf8'));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { systemIdentifier, timeline, lsn, followedIn } = value as Partial<Record<keyof Witness, unknown>>; // checked below
  if (typeof systemIdentifier !== 'string' || typeof timeline !== 'number' || typeof lsn !== 'string')
    return null;
  if (!/^[0-9A-F]+\/[0-9A-F]+$/i.test(lsn)) return null;
  return { systemIdentifier, timeline, lsn, followedIn: typeof followedIn === 'string' ? followedIn : null };
}

/**
 * Replaces the witness in one step. Not synced: one that is lost to a power failure is only older. Of several processes
 * that write at once the last wins, a few seconds older at most.
 *
 * @returns the file system's code when it could not be written, or FOREIGN; else null
 */
export async function writeWitness(
  directory: string,
  id: string,
  position: Position | Witness,
): Promise<string | null> {
  const path = pathOf(directory, id);
  // A name of its own: of two checks in one process the first would take away what the second is about to rename.
  const draft = `${path}.${randomUUID()}`;
  try {
    if (await isForeign(directory)) return 'FOREIGN';
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify({ ...position, at: new Date().toISOString() })}\n`, {
      mode: 0o600,
    });
    await rename(draft, path);
    return null;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    return errorCode(error) ?? 'unknown';
  }
}

/**
 * Whether somebody else decides what lies there: the directory is theirs, or the way to it leads over a link of theirs. Root,
 * with the HOME of whoever called it, would write where they want, and believe what they wrote.
 */
async function isForeign(directory: string): Promise<boolean> {
  const uid = process.getuid?.();
  if (uid === undefined) return false;
  const isOurs = (owner: number): boolean => owner === uid || owner === 0;
  for (let path = resolve(directory); path !== dirname(path); path = dirname(path)) {
    const found = await lstat(path).catch(() => null); // what is not there yet is made by us
    if (found?.isSymbolicLink() === true && !isOurs(found.uid)) return true;
  }
  const found = await stat(directory).catch(() => null);
  return found !== null && !isOurs(found.uid);
}

/** @param id a uuid of the database, never a name that somebody chose */
function pathOf(directory: string, id: string): string {
  return join(directory, `${id}.json`);
}
