/**
 * `npm run test:break [-- TEXT …]`: breaks one behaviour after the other in a copy of the repository and runs the test that
 * must notice. Ends with 1 when a break survives. With texts, only breaks in whose words or file one of them stands.
 * With `--unbroken` nothing is broken: each named test is run alone, and has to be there and to pass.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { breaks } from './all.ts';
import { type Break, broken } from './break.ts';
import { endGroupsOnSignal, runGroup } from './run-group.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isUnbroken = process.argv[2] === '--unbroken';
const texts = process.argv.slice(isUnbroken ? 3 : 2);
const chosen = breaks.filter(
  ({ what, file }) => texts.length === 0 || texts.some((one) => `${what} ${file}`.includes(one)),
);
/** A test that hangs has noticed too, but nobody wants to wait for it. */
const timeoutMs = 180_000;
/** Tests that were seen to pass. */
const unbroken = new Set<string>();

endGroupsOnSignal();
const copy = await mkdtemp(join(tmpdir(), 'hongyan-break-'));
try {
  for (const name of [
    'bin',
    'console',
    'deploy',
    'docs',
    'examples',
    'sql',
    'src',
    'test',
    'package.json',
    'tsconfig.json',
  ])
    await cp(join(root, name), join(copy, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  let survived = 0;
  for (const one of chosen) {
    const seen = isUnbroken ? await unbrokenly(one) : await tried(one);
    if (seen !== 'noticed ' && seen !== 'passes  ') survived++;
    console.log(`${seen} ${one.what} (${one.file} → ${one.test})`);
  }
  const what = isUnbroken ? 'have a test that is there and passes alone' : 'made their test fail';
  console.log(`${chosen.length - survived} of ${chosen.length} breaks ${what}`);
  process.exitCode = survived === 0 ? 0 : 1;
} finally {
  await rm(copy, { recursive: true, force: true });
}

/** `FAILS`: without the break too, and then a test notices nothing. */
async function tried(one: Break): Promise<'noticed ' | 'SURVIVED' | 'FAILS   '> {
  const path = join(copy, one.file);
  const content = await readFile(path, 'utf8');
  await writeFile(path, broken(content, one));
  try {
    if ((await run(one)).code === 0) return 'SURVIVED';
  } finally {
    await writeFile(path, content);
  }
  const key = `${one.test} ${one.name ?? ''}`;
  if (!unbroken.has(key) && (await run(one)).code !== 0) return 'FAILS   ';
  unbroken.add(key);
  return 'noticed ';
}

/** `MISSING`: no test has that name, and a break of it would be noticed by nobody. */
async function unbrokenly(one: Break): Promise<'passes  ' | 'FAILS   ' | 'MISSING '> {
  const key = `${one.test} ${one.name ?? ''}`;
  if (unbroken.has(key)) return 'passes  ';
  const { code, passed } = await run(one);
  if (code !== 0) return 'FAILS   ';
  if (one.name !== undefined && !passed.some((title) => title.includes(one.name ?? ''))) return 'MISSING ';
  unbroken.add(key);
  return 'passes  ';
}

/** Exit code of the test, null when it was ended because it took too long; and what passed: a file in which nothing was run, too. */
async function run({ test, name }: Break): Promise<{ code: number | null; passed: string[] }> {
  const pattern = name === undefined ? [] : [`--test-name-pattern=${escaped(name)}`];
  const args = ['--test', '--test-reporter=tap', ...pattern, test];
  const { code, stdout } = await runGroup(process.execPath, args, { cwd: copy, timeoutMs });
  const passed = [...stdout.matchAll(/^ *ok \d+ - (.*)$/gm)].map(([, title = '']) => title);
  return { code, passed: passed.filter((title) => !title.includes(' # SKIP')).map(plain) };
}

/** As it was before TAP escaped it. */
function plain(title: string): string {
  return title.replaceAll(/\\([#\\])/g, '$1');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
