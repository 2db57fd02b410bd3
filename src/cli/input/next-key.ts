import { randomBytes } from 'node:crypto';
import { chmod, link, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, failure } from '../../base/errors.ts';
import { createSealer, parseSecretKey, type Sealer } from '../../base/seal.ts';
import { fileProblem } from '../../texts/parts.ts';
import { readKeyFile } from './key-file.ts';

const name = 'secret.key';
const nextName = /^secret\.key\.next-[0-9a-f]{16}$/;

/** A key that a rekey wrote beside `secret.key` and that may hold already. */
export interface NextKey {
  path: string;
  sealer: Sealer;
}

/**
 * The keys that wait beside `secret.key`. Each has a name of its own, so that of two rekeys at once neither overwrites the
 * key that the other commits.
 */
export async function nextKeys(dataDir: string): Promise<NextKey[]> {
  const found = (await readdir(dataDir)).filter((one) => nextName.test(one));
  const keys = await Promise.all(
    found.map(async (one) => {
      const path = join(dataDir, one);
      const text = await readKeyFile(path).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return null; // its rekey has ended meanwhile
        throw error;
      });
      return text === null ? [] : [{ path, sealer: createSealer(parseSecretKey(text)) }];
    }),
  );
  return keys.flat();
}

/**
 * Writes a key beside `secret.key`. It is on disk when this returns, its name too: only then may anything be sealed with
 * it.
 */
export async function writeNextKey(dataDir: string, key: Buffer): Promise<NextKey> {
  const sealer = createSealer(key);
  const path = join(dataDir, `${name}.next-${sealer.keyId}`);
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await writeKey(draft, key);
    await rename(draft, path);
    await syncDirectory(dataDir);
  } finally {
    await rm(draft, { force: true });
  }
  return { path, sealer };
}

/**
 * The database holds the key `keyId`: if it is one of `next`, it becomes `secret.key`, and the one before stays beside it
 * for backups that need it. Without it nothing happens. Repeating it is harmless, also by two processes at once.
 *
 * @param before keyId of what `secret.key` held
 */
export async function settleKeys(
  dataDir: string,
  next: readonly NextKey[],
  before: string,
  keyId: string,
): Promise<void> {
  const held = next.find(({ sealer }) => sealer.keyId === keyId);
  if (held === undefined) return; // one that does not hold may be of a rekey that has not committed yet
  const path = join(dataDir, name);
  if (before !== keyId) {
    await link(path, `${path}.before-${before}`).catch(ignore('EEXIST'));
    // Another process may have been faster.
    await rename(held.path, path).catch(ignore('ENOENT'));
  }
  // Nobody can commit the others any more: whoever still has the key before is refused.
  for (const one of next) await rm(one.path, { force: true });
  await syncDirectory(dataDir);
}

/** The key in a file of the operator's; one that is not there is made, for its owner only. */
export async function openNewKeyFile(path: string): Promise<Buffer> {
  try {
    return parseSecretKey(await readKeyFile(path));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const key = randomBytes(32);
  try {
    await writeKey(path, key);
    await syncDirectory(dirname(path));
  } catch (error) {
    throw failure('REKEY_FILE/write', { path, problem: fileProblem(errorCode(error)) }, { cause: error });
  }
  return key;
}

async function writeKey(path: string, key: Buffer): Promise<void> {
  await writeFile(path, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  await chmod(path, 0o600);
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // it has no such thing
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignore(code: string): (error: unknown) => void {
  return (error) => {
    if (errorCode(error) !== code) throw error;
  };
}
