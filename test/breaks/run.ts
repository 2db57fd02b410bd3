/**
 * `npm run test:break [-- TEXT …]`: breaks one behaviour after the other in a copy of the repository and runs the test that
 * must notice. Ends with 1 when a break survives. With texts, only breaks in whose words or file one of them stands.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { breaks } from './all.ts';
import { type Break, broken } from './break.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const texts = process.argv.slice(2);
const chosen = breaks.filter(
  ({ what, file }) => texts.length === 0 || texts.some((text) => `${what} ${file}`.includes(text)),
);
/** A test that hangs has noticed too, but nobody wants to wait for it. */
const timeoutMs = 180_000;
/** Tests that were seen to pass. */
const unbroken = new Set<string>();

const copy = await mkdtemp(join(tmpdir(), 'hongyan-break-'));
try {
  for (const name of [
    'bin',
    'console',
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
    const seen = await tried(one);
    if (seen !== 'noticed ') survived++;
    console.log(`${seen} ${one.what} (${one.file} → ${one.test})`);
  }
  console.log(`${chosen.length - survived} of ${chosen.length} breaks made their test fail`);
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
    if ((await run(one)) === 0) return 'SURVIVED';
  } finally {
    await writeFile(path, content);
  }
  const key = `${one.test} ${one.name ?? ''}`;
  if (!unbroken.has(key) && (await run(one)) !== 0) return 'FAILS   ';
  unbroken.add(key);
  return 'noticed ';
}

/** Exit code of the test, null when it was ended because it took too long. */
async function run({ test, name }: Break): Promise<number | null> {
  const pattern = name === undefined ? [] : [`--test-name-pattern=${escaped(name)}`];
  const child = spawn(process.execPath, ['--test', ...pattern, test], {
    cwd: copy,
    stdio: 'ignore',
    timeout: timeoutMs,
  });
  const [code] = await once(child, 'exit');
  return code;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
