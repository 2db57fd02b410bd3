import { readFile } from 'node:fs/promises';
import { text as streamText } from 'node:stream/consumers';
import { errorCode, failure } from '../../base/errors.ts';
import { fileProblem } from '../../texts/parts.ts';

/**
 * What a file with a secret holds, without blanks around it; `-` is standard input. Arguments are shown to everybody on the
 * machine (`ps`) and kept by shells, so no secret is taken from one. Throws `SECRET_FILE_UNREADABLE`.
 */
export async function readSecretFile(file: string): Promise<string> {
  let secret: string;
  try {
    secret = (file === '-' ? await streamText(process.stdin) : await readFile(file, 'utf8')).trim();
  } catch (error) {
    const problem = fileProblem(errorCode(error));
    throw failure('SECRET_FILE_UNREADABLE/file', { file, problem }, { cause: error });
  }
  if (secret === '') throw failure('SECRET_FILE_UNREADABLE/empty', { file });
  return secret;
}
