import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { failure } from '../../base/errors.ts';
import type { ServerUser } from './program.ts';

/** Debian, Fedora and most others call 65534 "nobody". */
const nobodyUid = 65534;

/**
 * The user to run PostgreSQL as: undefined for ourselves, another one when we are root.
 *
 * `hongyan` comes first: every other daemon may run as nobody too, and could then read the cluster.
 */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = await readUsers();
  const user =
    users.find((candidate) => candidate.name === 'hongyan') ??
    users.find((candidate) => candidate.uid === nobodyUid) ??
    users.find((candidate) => candidate.name === 'nobody');
  if (user !== undefined && user.uid !== 0) return user;
  throw failure('EMBEDDED_PG_NO_UNPRIVILEGED_USER/none', {});
}

/** The name and group of the uid that owns an existing cluster. */
export async function serverUserOf(uid: number, gid: number): Promise<ServerUser> {
  return (await readUsers()).find((user) => user.uid === uid) ?? { uid, gid, name: String(uid) };
}

async function readUsers(): Promise<ServerUser[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4 && /^\d+$/.test(fields[2] ?? '') && /^\d+$/.test(fields[3] ?? ''))
    .map((fields) => ({ name: fields[0] ?? '', uid: Number(fields[2]), gid: Number(fields[3]) }));
}

/** initdb looks up its own user's name and fails without one, as in containers that run under a random uid. */
export function requirePasswdEntry(): void {
  try {
    userInfo();
  } catch (cause) {
    const uid = process.getuid?.();
    throw failure('EMBEDDED_PG_NO_PASSWD_ENTRY', { uid: String(uid) }, { cause, details: { uid } });
  }
}
