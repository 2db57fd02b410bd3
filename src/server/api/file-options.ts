import { encodingOf, type FileOptions } from '../../app/audience/open.ts';
import { failure } from '../../base/errors.ts';

type Given = { [name in keyof Omit<FileOptions, 'encoding'>]?: FileOptions[name] | undefined } & {
  encoding?: string | undefined;
};

/** How a file is read, of what the query says; without what was not given. Throws `ENCODING_UNKNOWN`. */
export function fileOptions({ encoding, ...given }: Given): FileOptions {
  const options: FileOptions = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  return { ...options, ...(encoding === undefined ? {} : { encoding: encodingGiven(encoding) }) };
}

function encodingGiven(name: string) {
  const encoding = encodingOf(name);
  if (encoding === undefined) throw failure('ENCODING_UNKNOWN', { name });
  return encoding;
}
