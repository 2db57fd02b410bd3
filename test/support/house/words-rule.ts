/** Finds what people read and what is not in src/texts, by the look of the sources. */
import { lineAt, type SourceText } from './source-text.ts';

/** Folders whose English literals people see. */
const shown = /^src\/(?:cli|app|engine|server)\//;
/** Calls whose words are for the log, which is English, or tell of a mistake in the program itself. */
const notForPeople =
  /(?:\blog(?:ger)?\??\.(?:fatal|error|warn|info|debug|trace)|\bnew (?:Type|Range)?Error)\((?:[^()]|\([^()]*\))*$/;
const twoWords = /[A-Za-z]{2,}[,:;]? [a-z]{2,}/;
/** Of what is written into a file: XML, say. Between the tags may be words. */
const markup = /<[^<>]*>/g;

/** Lines of a file of src whose words are not in the catalogues. */
export function wordsOutside(path: string, text: string, source: SourceText): number[] {
  if (!path.startsWith('src/') || path.startsWith('src/texts/') || path.endsWith('.test.ts')) return [];
  const lines = new Set<number>();
  if (path !== 'src/base/errors.ts')
    for (const { index } of source.code.matchAll(/\bnew HongyanError\(/g)) lines.add(lineAt(text, index));
  if (shown.test(path)) {
    for (const { at, text: words } of source.strings) {
      if (!twoWords.test(words.replaceAll('{}', '').replaceAll(markup, ''))) continue;
      if (!notForPeople.test(source.code.slice(Math.max(0, at - 1_000), at))) lines.add(lineAt(text, at));
    }
  }
  return [...lines].sort((a, b) => a - b);
}
