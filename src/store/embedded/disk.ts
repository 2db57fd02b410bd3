import { statfs } from 'node:fs/promises';
import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import { fileProblem } from '../../texts/parts.ts';

const mebibyte = 1024 * 1024;

/** A fresh cluster takes 40 MB on disk and its first checkpoints a few WAL segments of 16 MB more. */
export const newClusterBytes = 128 * mebibyte;
/** Below this a server cannot write its next WAL segment. */
export const startBytes = 20 * mebibyte;

/** Throws DISK_FULL when fewer than `neededBytes` are free where `directory` lies. */
export async function requireFreeSpace(directory: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  if (freeBytes < neededBytes) throw diskFull(directory, freeBytes, neededBytes);
}

function diskFull(directory: string, freeBytes: number, neededBytes: number, cause?: unknown): HongyanError {
  return failure(
    'DISK_FULL/start',
    { directory, free: Math.floor(freeBytes / mebibyte), needed: Math.ceil(neededBytes / mebibyte) },
    { cause, details: { directory, freeBytes, neededBytes } },
  );
}

/** Turns "no space left" into DISK_FULL; other errors pass unchanged. */
export async function explainFullDisk<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isFullDisk(cause)) throw diskFull(directory, 0, newClusterBytes, cause);
    throw cause;
  }
}

function isFullDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');
}

/** Turns the file system's refusals into errors that say what to do; other errors pass unchanged. */
export async function explainFileError<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await explainFullDisk(directory, work);
  } catch (cause) {
    switch (errorCode(cause)) {
      case 'EACCES':
      case 'EPERM':
      case 'EROFS':
        throw failure(
          'EMBEDDED_PG_NOT_WRITABLE/permission',
          { directory, problem: fileProblem(errorCode(cause)) },
          { cause, details: { directory } },
        );
      default:
        throw cause;
    }
  }
}
