import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { errorCode, failure } from '../../base/errors.ts';
import { explainFileError } from './disk.ts';
import type { ServerUser } from './program.ts';
import { type ServerHome, shortHash } from './server-home.ts';

/** The port is only part of the socket's name. */
export const socketPort = 5432;

/** sun_path without its final NUL: 107 bytes on Linux, 103 on macOS. */
const maxSocketPathBytes = process.platform === 'darwin' ? 103 : 107;

export function socketPath(directory: string, port: number): string {
  return join(directory, `.s.PGSQL.${port}`);
}

/**
 * A directory for the socket that nobody but the server's user and root gets into: in the home where the path
 * is short enough, else in /tmp. Others can make directories there too, so one is trusted only if it is ours.
 */
export async function prepareSocketDirectory(
  home: ServerHome,
  user: ServerUser | undefined,
): Promise<string> {
  const uid = user?.uid ?? process.getuid?.();
  if (Buffer.byteLength(socketPath(home.sockets, socketPort)) <= maxSocketPathBytes) {
    return await explainFileError(home.directory, async () => {
      await mkdir(home.sockets, { recursive: true, mode: 0o700 });
      if (user !== undefined) await chown(home.sockets, user.uid, user.gid);
      await chmod(home.sockets, 0o700);
      return home.sockets;
    });
  }
  const directory = `/tmp/hongyan-${uid}-${shortHash(home.directory)}`;
  await explainFileError('/tmp', async () => {
    await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  });
  const found = await lstat(directory);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw failure(
      'EMBEDDED_PG_UNSAFE_DIRECTORY/socket',
      { directory, home: home.directory },
      { details: { directory, ownerUid: found.uid, mode: (found.mode & 0o7777).toString(8) } },
    );
  }
  return directory;
}

/** True when some process answers on this socket, even one that our /proc does not show (another container's). */
export async function socketAnswers(path: string): Promise<boolean> {
  if (Buffer.byteLength(path) > maxSocketPathBytes) return false;
  return await answers({ path });
}

/** True when something listens there. */
export async function answers(address: NetConnectOpts): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
