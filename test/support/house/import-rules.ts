/** The house rules about who may import what, and about what nobody imports. */
import { dirname } from 'node:path/posix';
import {
  folderOf,
  importsOf,
  isRelative,
  isTest,
  type Rule,
  type SourceFile,
  type Violation,
} from './source-file.ts';
import { lineAt } from './source-text.ts';

/** What each folder of src may import; `types` means `import type` only. Its own files are always allowed. */
const mayImport: Record<string, Record<string, 'all' | 'types'>> = {
  texts: {},
  contract: {},
  client: { contract: 'types' },
  base: { texts: 'all' },
  wechat: { base: 'all', texts: 'all' },
  store: { base: 'all', texts: 'all', wechat: 'types' },
  engine: { base: 'all', store: 'all', wechat: 'all', texts: 'all' },
  app: { base: 'all', store: 'all', engine: 'all', wechat: 'all', texts: 'all', contract: 'all' },
  server: {
    ...{ base: 'all', store: 'all', engine: 'all', wechat: 'all', texts: 'all', app: 'all' },
    contract: 'all',
    mcp: 'all',
  },
  mcp: { base: 'all', app: 'all', texts: 'all', wechat: 'all' },
  simulator: { base: 'all', wechat: 'types', texts: 'all' },
  cli: {
    ...{ base: 'all', wechat: 'all', store: 'all', engine: 'all', texts: 'all', app: 'all' },
    ...{ server: 'all', simulator: 'all', contract: 'all' },
  },
};

/** What console/ may import besides its own files, its libraries and its styles. */
const consoleMayImport: Record<string, 'all' | 'types'> = { client: 'all', texts: 'all', contract: 'types' };

/** The published entries: what they export is for strangers, so nobody inside has to use it. */
export const entries = [
  'src/index.ts',
  'src/client/index.ts',
  'src/wechat/index.ts',
  'src/simulator/index.ts',
];

/** bin/hongyan.js imports the one by an address that it computes, Vite the other. */
const startedFromOutside = ['src/cli/main.ts main', 'console/build/vite.config.ts default'];
/** A shelf of parts: which of them pages use today is not its matter. */
const shelf = 'console/parts/';

/**
 * Files of the command line that open what the actions work on, or start what works by itself. All others call src/app: what a
 * command does by itself HTTP, the console and the assistant could not.
 */
const composition = new Set([
  'src/cli/open.ts',
  'src/cli/workforce.ts',
  'src/cli/input/key-file.ts',
  // What was thrown, in words; a wait for the database.
  'src/cli/output/describe-error.ts',
  'src/cli/output/outage.ts',
  'src/cli/commands/serve.ts',
  // It makes an installation of its own, without anybody to ask.
  'src/cli/commands/demo.ts',
  'src/cli/commands/demo-console.ts',
]);

/** A command parses, calls an action, and prints. */
export const commands: Rule = (files) => {
  const violations: Violation[] = [];
  for (const { file, found, target, line } of importsOf(files)) {
    if (!isRelative(found.from) || folderOf(file.path) !== 'cli' || isTest(file.path)) continue;
    if (composition.has(file.path)) continue;
    const to = folderOf(target);
    if (to === 'store' || to === 'engine')
      violations.push({ rule: 'commands', path: file.path, line, what: `calls no action but ${target}` });
  }
  return violations;
};

export const folders: Rule = (files) => {
  const violations: Violation[] = [];
  for (const { file, found, target, line } of importsOf(files)) {
    if (!isRelative(found.from) || !file.path.startsWith('src/')) continue;
    const report = (what: string): void => {
      violations.push({ rule: 'folders', path: file.path, line, what });
    };
    const from = folderOf(file.path);
    const to = folderOf(target);
    if (!target.startsWith('src/')) {
      if (!isTest(file.path) || !target.startsWith('test/support/')) report(`src imports ${target}`);
    } else if (isTest(target)) report(`imports the test ${target}`);
    else if (from === undefined) {
      if (to === 'cli') report('the entry imports the command line');
    } else if (mayImport[from] === undefined) report(`the folder ${from} has no rule`);
    else if (from !== to) {
      const allowed = to === undefined ? undefined : mayImport[from][to];
      if (allowed === undefined) report(`${from} imports ${target}`);
      else if (allowed === 'types' && !found.typeOnly) {
        report(`${from} may only "import type" from ${to}: ${target}`);
      }
    }
  }
  return violations;
};

/**
 * The console knows the API and the words, and nothing else of the house; the phone knows the simulator's types. A page
 * imports the shared parts and never another page, so that each can be read, changed and loaded alone.
 */
export const consoleRooms: Rule = (files) => {
  const violations: Violation[] = [];
  for (const { file, found, target, line } of importsOf(files)) {
    if (!isRelative(found.from) || !file.path.startsWith('console/')) continue;
    const report = (what: string): void => {
      violations.push({ rule: 'console', path: file.path, line, what });
    };
    const [, from = ''] = file.path.split('/');
    if (target.startsWith('console/')) {
      const [, to = ''] = target.split('/');
      const isShared = to === from || to === 'parts' || from === 'frame';
      if (!isShared) report(`${from} imports ${target}`);
    } else if (target === 'src/simulator/index.ts') {
      if (from !== 'phone' || !found.typeOnly) report(`only the phone may "import type" of ${target}`);
    } else {
      const allowed = consoleMayImport[folderOf(target) ?? ''];
      if (allowed === undefined) report(`the console imports ${target}`);
      else if (allowed === 'types' && !found.typeOnly)
        report(`the console may only "import type" from ${target}`);
    }
  }
  return violations;
};

/** A relative import names an existing file; an index is an entry, for others. */
export const files = (all: SourceFile[], others: Iterable<string> = []): Violation[] => {
  const paths = new Set([...all.map(({ path }) => path), ...others]);
  const violations: Violation[] = [];
  for (const { file, found, target, line } of importsOf(all)) {
    const report = (what: string): void => {
      violations.push({ rule: 'files', path: file.path, line, what });
    };
    if (!isRelative(found.from)) continue;
    if (!paths.has(target)) report(`${found.from} is not a file`);
    else if (file.path.startsWith('src/') && !isTest(file.path) && /(^|\/)index\.ts$/.test(target)) {
      report(`imports the index ${target} and not the file`);
    }
    if (file.path.startsWith('examples/') && !entries.includes(target)) {
      report(`an example imports ${target}, which a reader's project could not`);
    }
  }
  return violations;
};

const roomOf = (path: string): string | undefined => /^(src\/[^/]+\/[^/]+)\/[^/]+$/.exec(path)?.[1];

/** Two rooms of a layer that import each other are one room, or have something in the wrong one. */
export const rooms: Rule = (all) => {
  const imports = new Map<string, string>();
  for (const { file, target } of importsOf(all.filter(({ path }) => !isTest(path)))) {
    const [from, to] = [roomOf(file.path), roomOf(target)];
    if (from === undefined || to === undefined || from === to || dirname(from) !== dirname(to)) continue;
    const key = `${from} ${to}`;
    if (!imports.has(key)) imports.set(key, `${file.path} → ${target}`);
  }
  const violations: Violation[] = [];
  for (const [key, what] of imports) {
    const [from = '', to = ''] = key.split(' ');
    const back = from < to ? imports.get(`${to} ${from}`) : undefined;
    if (back !== undefined)
      violations.push({ rule: 'rooms', path: `${from} ↔ ${to}`, line: 1, what: `${what}, ${back}` });
  }
  return violations;
};

/** Libraries: src uses what a user's `npm install` brings, and what it brings is used. */
export function libraries(all: SourceFile[], dependencies: string[], development: string[]): Violation[] {
  const violations: Violation[] = [];
  const used = new Set<string>();
  for (const { file, found, line } of importsOf(all)) {
    if (isRelative(found.from) || found.from.startsWith('node:')) continue;
    const name = found.from
      .split('/')
      .slice(0, found.from.startsWith('@') ? 2 : 1)
      .join('/');
    const shipped = file.path.startsWith('src/') && !isTest(file.path);
    if (shipped) used.add(name);
    const known = shipped ? dependencies : [...dependencies, ...development];
    if (!known.includes(name)) {
      violations.push({ rule: 'libraries', path: file.path, line, what: `${name} is not in package.json` });
    }
    const owner = {
      pg: 'store',
      'pg-boss': 'store',
      'pg-copy-streams': 'store',
      '@opentelemetry/api': 'base',
    }[name];
    if (shipped && owner !== undefined && folderOf(file.path) !== owner) {
      violations.push({ rule: 'libraries', path: file.path, line, what: `${name} belongs to src/${owner}` });
    }
  }
  for (const name of dependencies) {
    // Types belong to their library: they are shipped where our declarations mention it.
    if (used.has(name.replace(/^@types\//, ''))) continue;
    violations.push({
      rule: 'libraries',
      path: 'package.json',
      line: 1,
      what: `nothing in src uses ${name}`,
    });
  }
  return violations;
}

/**
 * Exports that nobody imports: `dead` when the file itself has no use for them either, else `needless`. A type may
 * be exported for the signature beside it.
 */
export function unusedExports(all: SourceFile[], kind: 'dead' | 'needless'): Violation[] {
  const used = new Set(startedFromOutside);
  for (const { found, target } of importsOf(all)) {
    for (const name of found.names) used.add(`${target} ${name}`);
  }
  const violations: Violation[] = [];
  for (const file of all) {
    if (!/^(?:src|console)\//.test(file.path) || entries.includes(file.path)) continue;
    if (file.path.startsWith(shelf)) continue;
    for (const { at, name, typeOnly } of file.exports) {
      if (used.has(`${file.path} ${name}`) || used.has(`${file.path} *`)) continue;
      const places = file.code.split(new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`));
      const usedHere = places.length > 2;
      if (usedHere ? kind === 'dead' || typeOnly : kind === 'needless') continue;
      const line = lineAt(file.text, at);
      violations.push({ rule: `${kind} export`, path: file.path, line, what: `nobody imports ${name}` });
    }
  }
  return violations;
}
