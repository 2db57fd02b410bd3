import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { errorsPage } from './support/house/errors-page.ts';
import { lineAt, readSource } from './support/house/source-text.ts';

const src = new URL('../src/', import.meta.url);
const page = new URL('../docs/errors.md', import.meta.url);
const codeForm = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

interface Raised {
  codes: string[];
  /** Places where the code is not a literal, so that nobody can look it up. */
  unreadable: string[];
  /** All literals in the form of a code: rows of a file are refused with codes that are not errors. */
  literals: string[];
}

/** The codes that a source raises: the first argument of `failure(…)` and `HongyanError(…)`, and of `super(…)` in its subclasses. */
function raisedIn(path: string, text: string): Raised {
  const source = readSource(text);
  const inside = (from: number, to: number): string[] =>
    source.strings.filter(({ at }) => at >= from && at < to).map((literal) => literal.text);
  const found: Raised = {
    codes: [],
    unreadable: [],
    literals: source.strings
      .map((literal) => literal.text.replace(/\/.*/, ''))
      .filter((one) => codeForm.test(one)),
  };
  const calls = /\bextends HongyanError\b/.test(source.code)
    ? /\b(?:new HongyanError|failure|super)\s*\(/g
    : /\b(?:new HongyanError|failure)\s*\(/g;
  for (const { index, 0: call } of source.code.matchAll(calls)) {
    const from = index + call.length;
    // `CODE/reason` of the catalogue is raised as CODE.
    const codes = inside(from, endOfArgument(source.code, from)).map((key) => key.replace(/\/.*/, ''));
    if (codes.length === 0 || codes.some((code) => !codeForm.test(code))) {
      found.unreadable.push(`${path}:${lineAt(text, index)}`);
    } else found.codes.push(...codes);
  }
  return found;
}

function endOfArgument(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    const char = code[at] ?? '';
    if (depth === 0 && (char === ',' || char === ')')) return at;
    if ('([{'.includes(char)) depth++;
    if (')]}'.includes(char)) depth--;
  }
  return code.length;
}

/** First cells of tables, and headings, that hold nothing but codes; with or without backticks. */
function documentedIn(markdown: string): string[] {
  const codes: string[] = [];
  for (const line of markdown.split('\n')) {
    const cell = /^\s*\|([^|]*)\|/.exec(line)?.[1] ?? /^#+\s+(.*)$/.exec(line)?.[1] ?? '';
    const words = cell.replaceAll(/[`*\\,/·]|<a [^>]*>|<\/a>/g, ' ').split(/\s+/);
    const names = words.filter((word) => word !== '');
    if (names.length > 0 && names.every((name) => codeForm.test(name) && name.length > 3))
      codes.push(...names);
  }
  return codes;
}

test('docs/errors.md lists every error code of the sources, and no other', async () => {
  const raised = new Set<string>();
  const literals = new Set<string>();
  const unreadable: string[] = [];
  for (const name of await readdir(src, { recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts') || /^texts[\\/]/.test(name)) continue;
    if (name === 'base/errors.ts') continue;
    const found = raisedIn(name, await readFile(new URL(name.replaceAll('\\', '/'), src), 'utf8'));
    for (const code of found.codes) raised.add(code);
    for (const literal of found.literals) literals.add(literal);
    unreadable.push(...found.unreadable);
  }
  assert.ok(raised.size > 50, 'the sources were not read');
  const documented = documentedIn(await readFile(page, 'utf8'));
  assert.deepEqual(
    {
      'code is not a literal': unreadable,
      'missing in docs/errors.md': [...raised].filter((code) => !documented.includes(code)).sort(),
      'nowhere in src': documented.filter((code) => !literals.has(code)).sort(),
      'listed twice': documented.filter((code, i) => documented.indexOf(code) !== i),
    },
    {
      'code is not a literal': [],
      'missing in docs/errors.md': [],
      'nowhere in src': [],
      'listed twice': [],
    },
  );
});

test('the tables of docs/errors.md are those of the catalogue (npm run docs:errors)', async () => {
  const text = await readFile(page, 'utf8');
  assert.equal(text, errorsPage(text));
});

test('finds a code in every form in which it is raised', () => {
  const text = `
    throw new HongyanError('ONE', 'text');
    new HongyanError(
      'TWO_A', \`text\`, { cause });
    failure('SEVEN/reason', { SEVENTY: 'EIGHT' });
    new HongyanError(left ? 'THREE' : 'FOUR', f('NOT_THIS', (1, 2)));
    // new HongyanError('COMMENT')
    log("new HongyanError('TEXT')");
    class Own extends HongyanError { constructor() { super(a(b, c) ? 'FIVE' : 'SIX', 'SEVEN'); } }
    new HongyanError(code, 'text');
    new HongyanError(\`PART_\${x}\`, 'text');
  `;
  const { codes, unreadable } = raisedIn('a.ts', text);
  assert.deepEqual(codes, ['ONE', 'TWO_A', 'SEVEN', 'THREE', 'FOUR', 'FIVE', 'SIX']);
  assert.deepEqual(unreadable, ['a.ts:10', 'a.ts:11']);
});

test('reads the codes of a page in several layouts', () => {
  const markdown = [
    '| code | what |',
    '|---|---|',
    '| `ONE_A` | text with `NOT_THIS` |',
    '| TWO_A | text |',
    '| `FOUR_A`, `FIVE_A` | text |',
    '## `SIX_A`',
    '## Errors of the API',
    '| What about this | `NOPE` |',
    '`NOT_HERE` | x',
  ].join('\n');
  assert.deepEqual(documentedIn(markdown), ['ONE_A', 'TWO_A', 'FOUR_A', 'FIVE_A', 'SIX_A']);
});
