import { failure } from '../../base/errors.ts';
import { readSecretFile } from './secret-file.ts';

/**
 * A URL of an argument or of a file. One with a query, or with a part of its path that looks made by a machine, is refused as an
 * argument: it may be a secret, and others on the machine see arguments in the list of processes, and the shell keeps them.
 */
export async function urlOf(
  name: string,
  given: string | undefined,
  fileOption: string,
  file: string | undefined,
): Promise<string | undefined> {
  if (file !== undefined) {
    if (given !== undefined)
      throw failure('USAGE/options-exclude', { option: name, other: fileOption, command: 'hongyan' });
    return await readSecretFile(file);
  }
  const url = given !== undefined && URL.canParse(given) ? new URL(given) : null;
  if (
    url !== null &&
    (url.search !== '' || url.username !== '' || url.password !== '' || hasKey(url.pathname))
  )
    throw failure('USAGE/url-in-arguments', { name, option: fileOption });
  return given;
}

/** A part of 16 characters or more with letters and digits mixed, as in the addresses that chat services give. */
function hasKey(path: string): boolean {
  return path.split('/').some((part) => part.length >= 16 && /[a-z]\w*\d|\d\w*[a-z]/i.test(part));
}
