import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, failure, HongyanError } from '../../base/errors.ts';
import { claimDataDirectory } from '../../store/embedded/data-directory.ts';
import { fileProblem } from '../../texts/parts.ts';

/**
 * A secret that lies in a file of the data directory, readable for its owner only (0600): 32 random bytes as base64,
 * made at first start. Two first starts at once end up with one file.
 *
 * Throws `SECRET_KEY_EXPOSED` when others can read it, `DATA_DIR_UNUSABLE`.
 */
export async function openKeyFile(dataDir: string, name: string): Promise<string> {
  // Before anything is written there: a directory of somebody else's must stay as it is.
  await claimDataDirectory(dataDir);
  const path = join(dataDir, name);
  return await readKeyFile(path).catch((error: unknown) => makeKeyFile(dataDir, path, error));
}

/** The same, and null instead of making it. */
export async function findKeyFile(dataDir: string, name: string): Promise<string | null> {
  await claimDataDirectory(dataDir);
  const path = join(dataDir, name);
  return await readKeyFile(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw unusable(path, error);
  });
}

/** A secret that comes from elsewhere becomes the file; one that is there already stays as it is. */
export async function keepKeyFile(dataDir: string, name: string, key: Buffer): Promise<void> {
  await claimDataDirectory(dataDir);
  await makeKeyFile(dataDir, join(dataDir, name), { code: 'ENOENT' }, key);
}

export async function readKeyFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8');
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw failure('SECRET_KEY_EXPOSED/mode', { path, mode: (mode & 0o777).toString(8) });
  }
  return text;
}

function unusable(path: string, reason: unknown): unknown {
  if (reason instanceof HongyanError) return reason;
  return failure(
    'DATA_DIR_UNUSABLE/read',
    { path, problem: fileProblem(errorCode(reason)) },
    { cause: reason },
  );
}

async function makeKeyFile(
  dataDir: string,
  path: string,
  reason: unknown,
  key: Buffer = randomBytes(32),
): Promise<string> {
  if (errorCode(reason) !== 'ENOENT') throw unusable(path, reason);
  const text = `${key.toString('base64')}\n`;
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    // flush: what is sealed with the key is on disk at once, and so must be the key.
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    await chmod(draft, 0o600);
    // link() fails if somebody was faster, so two first starts end up with one key.
    await link(draft, path);
    return text;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return await readKeyFile(path);
    const code = errorCode(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw error; // said as any other full disk
    throw failure(
      'DATA_DIR_UNUSABLE/write',
      { directory: dataDir, problem: fileProblem(code) },
      { cause: error },
    );
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}
