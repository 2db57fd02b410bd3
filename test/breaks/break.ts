/** One behaviour broken by one line, and the test that has to notice. */
export interface Break {
  /** The behaviour that is broken, as a user would say it. */
  what: string;
  /** The file that is changed, from the repository's root. */
  file: string;
  /** Occurs in it exactly once. */
  find: string;
  replace: string;
  /** The file of tests that must fail. */
  test: string;
  /** Only tests with this in their name are run, so that it is they that fail. Default: all of the file. */
  name?: string;
}

/** The file with the break in it. Throws when the place is not there any more, or there twice. */
export function broken(content: string, { file, find, replace }: Break): string {
  const parts = content.split(find);
  if (parts.length !== 2)
    throw new Error(`"${find}" is in ${file} ${parts.length - 1} times; a break names its place once`);
  return parts.join(replace);
}
