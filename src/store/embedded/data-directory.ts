import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import { explainFileError } from './disk.ts';

const markerName = 'hongyan-data.txt';
const markerText = `This is a data directory of Hongyan. It holds (or points to) its database and its secret key.
Back it up as a whole, and delete it only as a whole, while Hongyan is stopped.
`;

/**
 * Names that may lie in a directory before it is ours: a mounted volume's own, and files of Hongyan's. The key among them: it
 * is put there before a backup is restored.
 */
const harmless = /^(lost\+found|\.DS_Store|hongyan.*|secret\.key(\..+)?)$/;

/**
 * Makes `path` a data directory of Hongyan, or checks that it is one: created with mode 0700, owned by this
 * user, empty or marked as ours. Repeating it is harmless. Call it before anything else is written there.
 *
 * @returns the directory's real path
 * @throws EMBEDDED_PG_FOREIGN_DIRECTORY, EMBEDDED_PG_WRONG_OWNER, EMBEDDED_PG_NOT_WRITABLE
 */
export async function claimDataDirectory(path: string): Promise<string> {
  const directory = await explainFileError(path, async () => {
    await makeDirectory(resolve(path));
    return await realpath(path);
  });
  const found = await stat(directory);
  requireOwner(directory, found);
  return await explainFileError(directory, async () => {
    const names = await readdir(directory);
    if (!names.includes(markerName)) {
      const stranger = names.find((name) => !harmless.test(name));
      if (stranger !== undefined)
        throw failure(
          'EMBEDDED_PG_FOREIGN_DIRECTORY/files',
          { directory, stranger },
          { details: { directory } },
        );
      await writeMarker(directory);
    }
    if (process.platform !== 'win32' && (found.mode & 0o777) !== 0o700) await chmod(directory, 0o700);
    return directory;
  });
}

/**
 * Level by level, because Node's own way tries for ever where the file system makes none (/proc), and takes a link to
 * a disk that is not mounted for a file.
 */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOTDIR') throw notDirectory(path);
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
    const known = code === 'EEXIST' ? path : dirname(path);
    const found = await stat(known).catch(() => null);
    if (code === 'EEXIST' && found !== null) {
      if (!found.isDirectory()) throw notDirectory(path);
      return;
    }
    if (found !== null || known === dirname(known))
      throw failure(
        'EMBEDDED_PG_NOT_WRITABLE/parent',
        { directory: path, parent: known },
        { cause: error, details: { directory: path } },
      );
    const target = await readlink(known).catch(() => null);
    if (target !== null)
      throw failure(
        'EMBEDDED_PG_NOT_WRITABLE/link',
        { link: known, target },
        { cause: error, details: { directory: path, link: known } },
      );
    await makeDirectory(known);
    await makeDirectory(path);
  }
}

function notDirectory(directory: string): HongyanError {
  return failure('EMBEDDED_PG_FOREIGN_DIRECTORY/file', { directory }, { details: { directory } });
}

function requireOwner(directory: string, found: Stats): void {
  const uid = process.getuid?.();
  if (uid === undefined || found.uid === uid) return;
  throw failure(
    'EMBEDDED_PG_WRONG_OWNER/directory',
    { directory, owner: String(found.uid), uid: String(uid) },
    { details: { directory, ownerUid: found.uid, uid } },
  );
}

/** Of two starters at once, one's marker stays: a link, unlike a rename, does not replace. */
async function writeMarker(directory: string): Promise<void> {
  const temporary = join(directory, `hongyan-${randomUUID()}.tmp`);
  await writeFile(temporary, `${markerText}\nid ${randomUUID()}\n`, { mode: 0o600 });
  try {
    await link(temporary, join(directory, markerName));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Tells this data directory from another one that had the same path before. */
export async function dataDirectoryId(directory: string): Promise<string> {
  const text = await readFile(join(directory, markerName), 'utf8');
  return /^id (\S+)$/m.exec(text)?.[1] ?? '';
}
