import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode, failure, HongyanError } from '../base/errors.ts';
import { fileProblem } from '../texts/parts.ts';

/**
 * The config file: what HONGYAN_CONFIG names, or `<dataDir>/hongyan.json` where there is one.
 *
 * @param isSecret whether a key's value is for its owner's eyes only
 */
export function readConfigFile(
  named: string | undefined,
  dataDir: string,
  isSecret: (key: string) => boolean,
): { path: string; values: Record<string, unknown> } | null {
  const path = named ?? join(dataDir, 'hongyan.json');
  let text: string;
  let found: Stats;
  try {
    ({ text, found } = readWithModes(path));
  } catch (error) {
    if (named === undefined && ['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error) ?? '')) return null;
    throw failure(
      'CONFIG_INVALID/file-unreadable',
      { path, problem: fileProblem(errorCode(error)) },
      { cause: error },
    );
  }
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
      if (Object.entries(values).some(([key, value]) => isSecret(key) || hasPassword(value)))
        requirePrivate(path, found);
      return { path, values: { ...values } };
    }
  } catch (error) {
    if (error instanceof HongyanError) throw error;
    throw failure('CONFIG_INVALID/file-json', { path }, { cause: error });
  }
  throw failure('CONFIG_INVALID/file-object', { path });
}

/**
 * The value of a setting that lies in a file of its own; undefined when none is named. Below /run/secrets, where containers
 * have their secrets, whoever mounted it decides who reads it; elsewhere it is as private as a config file.
 */
export function readSecretFileOf(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const path = env[`${name}_FILE`];
  if (path === undefined || path === '') return undefined;
  if (env[name]) throw failure('CONFIG_INVALID/secret-twice', { name });
  let text: string;
  let found: Stats;
  try {
    ({ text, found } = readWithModes(path));
  } catch (error) {
    const problem = fileProblem(errorCode(error));
    throw failure(
      'CONFIG_INVALID/secret-unreadable',
      { name: `${name}_FILE`, path, problem },
      { cause: error },
    );
  }
  if (!resolve(path).startsWith('/run/secrets/')) requirePrivate(path, found);
  const value = text.trim();
  if (value === '') throw failure('CONFIG_INVALID/secret-empty', { name: `${name}_FILE`, path });
  return value;
}

function readWithModes(path: string): { text: string; found: Stats } {
  const file = openSync(path, 'r');
  try {
    return { found: fstatSync(file), text: readFileSync(file, 'utf8') };
  } finally {
    closeSync(file);
  }
}

/** A file with secrets is for its owner's eyes only, and the owner's are ours or root's: whoever writes it leads us where they want. */
function requirePrivate(path: string, found: Stats): void {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  if (found.uid !== uid && found.uid !== 0)
    throw failure('CONFIG_INVALID/file-foreign', { path, owner: String(found.uid), uid: String(uid) });
  // Of root's, a group of ours may read it: so are secrets mounted into containers.
  if ((found.mode & (found.uid === uid ? 0o077 : 0o037)) !== 0)
    throw failure('CONFIG_INVALID/file-exposed', { path, mode: (found.mode & 0o777).toString(8) });
}

/** An address with a password in it, a proxy's say. */
function hasPassword(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).password !== '';
}
