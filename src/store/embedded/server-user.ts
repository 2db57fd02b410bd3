import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { failure } from '../../base/errors.ts';
import { runProgram, type ServerUser } from './program.ts';

/** Debian, Fedora and most others call 65534 "nobody". */
const nobodyUid = 65534;

/**
 * Nobody's uids: outside of what distributions give to users and services, and of what systemd, containers and
 * directories hand out by themselves (systemd's list of uids calls this range unused).
 */
const ownUids = { first: 60_578, count: 606 };

/**
 * The user to run PostgreSQL as: undefined for ourselves, another one when we are root.
 *
 * `hongyan` where there is one; else a uid and gid that nobody has, chosen by the server's home. Not nobody: whatever
 * else runs as nobody could read the database and its password. An entry in /etc/passwd is not needed to run, only to
 * create a cluster (`creatorOf`).
 */
export async function findServerUser(home: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = await readUsers();
  const named = users.find(({ name, uid }) => name === 'hongyan' && uid !== 0);
  if (named !== undefined) return named;
  const taken = new Set(users.flatMap(({ uid, gid }) => [uid, gid]));
  const from = createHash('sha256').update(home).digest().readUInt16BE(0);
  for (let i = 0; i < ownUids.count; i++) {
    const uid = ownUids.first + ((from + i) % ownUids.count);
    if (!taken.has(uid)) return { uid, gid: uid, name: String(uid) };
  }
  throw failure('EMBEDDED_PG_NO_UNPRIVILEGED_USER/none', {});
}

/**
 * The user that runs initdb, which refuses a uid without an entry in /etc/passwd: nobody, but in the group of the
 * server's own user, so that no other process of nobody's gets to what it writes, or at the process itself.
 */
export async function creatorOf(user: ServerUser): Promise<ServerUser> {
  const users = await readUsers();
  if (users.some(({ uid }) => uid === user.uid)) return user;
  const nobody = users.find(isNobody);
  if (nobody === undefined || nobody.uid === 0) throw failure('EMBEDDED_PG_NO_UNPRIVILEGED_USER/none', {});
  return { ...nobody, gid: user.gid };
}

/** Whether whatever runs as nobody may read what belongs to this user. */
export async function isShared(user: ServerUser): Promise<boolean> {
  return isNobody(user) || (await readUsers()).some((one) => isNobody(one) && one.uid === user.uid);
}

function isNobody({ uid, name }: ServerUser): boolean {
  return uid === nobodyUid || name === 'nobody';
}

/**
 * Gives a directory and all in it to the user. By chown(1), which follows no link that somebody puts in its way while it
 * walks.
 */
export async function giveTo(user: ServerUser, directory: string): Promise<void> {
  const owner = `${user.uid}:${user.gid}`;
  const { exitCode, output } = await runProgram('chown', ['-R', '-h', owner, directory], undefined, '/');
  if (exitCode === 0) return;
  throw failure(
    'EMBEDDED_PG_OWNER_UNCHANGED',
    { directory, owner, output },
    { details: { directory, uid: user.uid } },
  );
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
