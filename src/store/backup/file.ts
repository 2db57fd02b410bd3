import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import yauzl from 'yauzl';
import { errorCode, failure } from '../../base/errors.ts';
import { fileProblem } from '../../texts/parts.ts';
import { type Manifest, manifestShape } from './manifest.ts';

const mostManifestBytes = 16 * 1024 * 1024;

/** A backup that is open for reading. Close it. */
export interface BackupFile {
  readonly manifest: Manifest;
  read(entry: string): Promise<Readable>;
  close(): void;
}

/** Throws `BACKUP_FILE` for a file that is none, or not whole. */
export async function openBackup(path: string): Promise<BackupFile> {
  const zip = await yauzl
    .openPromise(path, { autoClose: false, lazyEntries: true })
    .catch((error: unknown) => {
      const code = errorCode(error);
      throw code === undefined
        ? failure('BACKUP_FILE/none', { path }, { cause: error })
        : failure('BACKUP_FILE/read', { path, problem: fileProblem(code) }, { cause: error });
    });
  try {
    const entries = new Map<string, yauzl.Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    const read = async (name: string): Promise<Readable> => {
      const entry = entries.get(name);
      if (entry === undefined) throw failure('BACKUP_FILE/damaged', { place: name });
      return await zip.openReadStreamPromise(entry);
    };
    const about = entries.get('manifest.json');
    if (about === undefined || about.uncompressedSize > mostManifestBytes)
      throw failure('BACKUP_FILE/none', { path });
    const parsed = manifestShape.safeParse(JSON.parse(await text(await read('manifest.json'))));
    if (!parsed.success) throw failure('BACKUP_FILE/none', { path }, { cause: parsed.error });
    return { manifest: parsed.data, read, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}
