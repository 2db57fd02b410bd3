/** The house rules about how large files and folders are, and about what may be written in which file. */
import { dirname } from 'node:path/posix';
import { folderOf, importsOf, isTest, type Rule, type SourceFile, type Violation } from './source-file.ts';
import { lineAt } from './source-text.ts';

/** Longer files are worth a thought from 400 lines on, and do too much from 600 on. */
export function size(all: { path: string; text: string }[], limit: 400 | 600): Violation[] {
  return all.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - 1;
    return lines > limit ? [{ rule: 'size', path, line: limit + 1, what: `${lines} lines` }] : [];
  });
}

/** Most sources of one folder; more ask for rooms. Tests beside them are not counted. */
const mostInFolder = 25;

export const folderSize: Rule = (files) => {
  const sources = new Map<string, number>();
  for (const { path } of files)
    if (!isTest(path)) sources.set(dirname(path), (sources.get(dirname(path)) ?? 0) + 1);
  return [...sources]
    .filter(([, count]) => count > mostInFolder)
    .map(([path, count]) => ({ rule: 'folder size', path, line: 1, what: `${count} files` }));
};

const statements = [
  /\bselect\b[\s\S]+\bfrom\b/,
  /\binsert\s+into\b/,
  /\bupdate\s+[\w{}.]+\s+(?:as\s+\w+\s+)?set\b/,
  /\bdelete\s+from\b/,
  /\bcopy\s+[\w{}.]+\s*(?:\([^)]*\))?\s*(?:from|to)\s+std/,
  /\b(?:create|alter|drop|truncate)\s+(?:table|schema|database|index)\b/,
];

/** SQL is lower case here, and upper case in the text of others; an English sentence starts with one capital. */
function isSql(literal: string): boolean {
  const text = literal.replace(/^\s*\$ .*$/gm, ''); // an example of the command line may pipe from a database
  return statements.some((form) => form.test(text) || (/[A-Z]{4}/.test(text) && form.test(shout(text))));
}

/** Words in capitals become small; all others lose what makes them keywords. */
const shout = (text: string): string =>
  text.replace(/\b[a-zA-Z]+\b/g, (word) => (word === word.toUpperCase() ? word.toLowerCase() : '_'));

export const sql: Rule = (all) =>
  all
    .filter(({ path }) => /^(src|examples)\//.test(path) && folderOf(path) !== 'store' && !isTest(path))
    .flatMap(({ path, text, code, strings }) => [
      ...strings
        .filter((literal) => isSql(literal.text))
        .map(({ at }) => ({ rule: 'sql', path, line: lineAt(text, at), what: 'SQL outside src/store' })),
      ...[...code.matchAll(/(?<![\w$])(?:pool|client|connection|db)\s*\.\s*query\s*[(<]/g)].map(
        ({ index }) => ({ rule: 'sql', path, line: lineAt(text, index), what: 'a query outside src/store' }),
      ),
    ]);

/** A pattern that the code of some files must not contain. */
function forbidden(rule: string, where: (path: string) => boolean, pattern: RegExp, what: string): Rule {
  return (all) =>
    all
      .filter(({ path }) => where(path))
      .flatMap(({ path, text, code }) =>
        [...code.matchAll(pattern)].map(({ index }) => ({ rule, path, line: lineAt(text, index), what })),
      );
}

const readsEnvironment = forbidden(
  'environment',
  (path) => /^src\//.test(path) && !['src/cli/config.ts', 'src/cli/environment.ts'].includes(path),
  /(?<![\w$.])process\s*(?:\?\.|\.|\[)\s*(?:env\b|['"])|\}\s*=\s*process\b(?!\s*\.)/g,
  'the environment is read in src/cli/config.ts',
);

export const environment: Rule = (all) => [
  ...readsEnvironment(all),
  ...[...importsOf(all)]
    .filter(({ file, found }) => file.path.startsWith('src/') && /^(?:node:)?process$/.test(found.from))
    .map(({ file, line }) => ({ rule: 'environment', path: file.path, line, what: 'process is imported' })),
];

export const output: Rule = forbidden(
  'output',
  (path) => path.startsWith('src/') && folderOf(path) !== 'cli' && !isTest(path),
  /(?<![\w$.])(?:console\s*[.[]|process\s*\.\s*std(?:out|err)\b)/g,
  'only src/cli prints',
);

export const anyType: Rule = forbidden(
  'any',
  (path) => /^(?:src|console)\//.test(path),
  /(?:[:<|&,]\s*|\bas\s+|=>\s*)any\b(?!\s*[:(.?])/g,
  'any switches the type check off',
);

export const suppressed: Rule = (all) =>
  inComments(all, 'suppressed', /@ts-(?:ignore|nocheck)\b/, 'a switched off type check');

export const unfinished: Rule = (all) =>
  inComments(all, 'unfinished', /\b(?:TODO|FIXME|XXX|HACK)\b(?![^\n]*#\d)/, 'needs the number of an issue');

function inComments(all: SourceFile[], rule: string, pattern: RegExp, what: string): Violation[] {
  return all.flatMap(({ path, text, comments }) =>
    comments
      .filter((comment) => pattern.test(comment.text))
      .map(({ at }) => ({ rule, path, line: lineAt(text, at), what })),
  );
}

// In each word one letter stands in brackets, so that this file passes its own rule.
const registries =
  /registry\.np[m]js\.org|np[m]mirror|registry\.yar[n]pkg|npm\.tao[b]ao|cnp[m]js|npm\.pkg\.git[h]ub/i;
const assistants =
  /\bcl[a]ude\b|\banthr[o]pic\b|\bop[e]nai\b|\bch[a]tgpt\b|\bgpt-?\d|\bcop[i]lot\b|\bgem[i]ni\b|\bcod[e]x\b|\bdeep[s]eek\b|\bA[I][- ](?:assist|agent|generat|tool|written)|\bL[L]Ms?\b|language m[o]del|人工智[能]|大模[型]/i;

/** Of every text file of the repository, documents too. */
export function words(texts: Map<string, string>): Violation[] {
  const violations: Violation[] = [];
  for (const [path, text] of texts) {
    for (const [index, line] of text.split('\n').entries()) {
      if (registries.test(line)) {
        violations.push({ rule: 'words', path, line: index + 1, what: 'names a package registry' });
      }
      if (assistants.test(line) || /(?:^|\/)(?:cl[a]ude|ag[e]nts)\.md$/i.test(path)) {
        violations.push({ rule: 'words', path, line: index + 1, what: 'names a writing tool' });
      }
    }
  }
  return violations;
}
