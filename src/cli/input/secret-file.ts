import { readFile } from 'node:fs/promises';
import { text as streamText } from 'node:stream/consumers';
import { errorCode, failure } from '../../base/errors.ts';

/** What a file with a secret holds, without blanks around it; `-` is standard input. Throws `SECRET_FILE_UNREADABLE`. */
export async function readSecretFile(file: string): Promise<string> {
  try {
    return (file === '-' ? await streamText(process.stdin) : await readFile(file, 'utf8')).trim();
  } catch (error) {
    const code = errorCode(error) ?? 'UNKNOWN';
    throw failure('SECRET_FILE_UNREADABLE/file', { file, code }, { cause: error });
  }
}
