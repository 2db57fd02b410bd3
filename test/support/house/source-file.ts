/** What the house rules are functions of: the files' texts, so that a test can break each rule on purpose. */
import { dirname, join } from 'node:path/posix';
import {
  type Export,
  type Import,
  lineAt,
  readExports,
  readImports,
  readSource,
  type SourceText,
} from './source-text.ts';

export interface SourceFile extends SourceText {
  path: string;
  text: string;
  imports: Import[];
  exports: Export[];
}

export interface Violation {
  rule: string;
  path: string;
  line: number;
  what: string;
}

export type Rule = (files: SourceFile[]) => Violation[];

/** Path (with `/`) → content; only TypeScript and JavaScript belong here. */
export function readSources(texts: Map<string, string>): SourceFile[] {
  return [...texts].map(([path, text]) => {
    const source = readSource(text);
    return { path, text, ...source, imports: readImports(text, source), exports: readExports(source) };
  });
}

export const isTest = (path: string): boolean => path.endsWith('.test.ts');
export const isRelative = (specifier: string): boolean => specifier.startsWith('.');
const resolveImport = (file: SourceFile, specifier: string): string => join(dirname(file.path), specifier);
export const folderOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

/** Each import with the file that it names, and the line on which it begins. */
export function* importsOf(
  files: SourceFile[],
): Generator<{ file: SourceFile; found: Import; target: string; line: number }> {
  for (const file of files) {
    for (const found of file.imports) {
      const target = isRelative(found.from) ? resolveImport(file, found.from) : found.from;
      yield { file, found, target, line: lineAt(file.text, found.at) };
    }
  }
}
