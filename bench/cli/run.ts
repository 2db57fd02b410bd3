/**
 * How long a command line takes, from its start to its end: from a clone, and as built (`npm run build` first).
 *
 *     npm run bench:cli [-- --runs 15]
 *
 * `accounts list` finds its database running, the embedded one, as beside `serve`. *First* keeps nothing compiled. The kinds
 * take turns, so that all of them have the same machine.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const runs = Number(values.runs);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tells at the end of a process what it took. */
const telling = `
import { writeSync } from 'node:fs';
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(2, '\\ncpu ' + (user + system) / 1000);
});`;

const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-cli-'));
const env = {
  PATH: process.env.PATH ?? '',
  HOME: directory,
  HONGYAN_DATA_DIR: join(directory, 'data'),
  HONGYAN_STATE_DIR: join(directory, 'state'),
};

async function run(program: string, args: string[], cache: string): Promise<{ ms: number; cpuMs: number }> {
  const hook = `data:text/javascript,${encodeURIComponent(telling)}`;
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', hook, program, ...args], {
    env: { ...env, XDG_CACHE_HOME: cache },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  const ms = performance.now() - started;
  const cpu = /\ncpu ([\d.]+)$/.exec(said)?.[1];
  if (code !== 0 || cpu === undefined) throw new Error(`${args.join(' ')}: ${said}`);
  return { ms, cpuMs: Number(cpu) };
}

function median(numbers: number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(0);
}

let serve: ChildProcessByStdio<null, Readable, null> | null = null;
try {
  // bin/hongyan.js takes the sources where there are some beside it.
  const built = join(directory, 'built');
  await mkdir(built);
  await cp(join(root, 'bin'), join(built, 'bin'), { recursive: true });
  for (const one of ['dist', 'package.json']) await symlink(join(root, one), join(built, one));
  const clone = join(root, 'bin/hongyan.js');
  serve = spawn(process.execPath, [clone, 'serve'], {
    env: { ...env, HONGYAN_LISTEN: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // It speaks when it is ready.
  await Promise.race([
    once(serve.stdout, 'data'),
    once(serve, 'exit').then(() => Promise.reject(new Error('serve ended'))),
  ]);
  serve.stdout.resume();
  const commands = [['--help'], ['help', 'push'], ['accounts', 'list']];
  const kinds = commands.flatMap((args) =>
    ['clone', 'built'].flatMap((from) =>
      ['first', 'then'].map((when) => ({ args, from, when, taken: [] as Awaited<ReturnType<typeof run>>[] })),
    ),
  );
  for (let i = -1; i < runs; i++)
    for (const { args, from, when, taken } of kinds) {
      const cache = join(directory, `cache-${when}`);
      if (when === 'first') await rm(cache, { recursive: true, force: true });
      const one = await run(from === 'clone' ? clone : join(built, 'bin/hongyan.js'), args, cache);
      if (i >= 0) taken.push(one);
    }
  console.log(`medians of ${runs}                            ms   ms of CPU`);
  for (const { args, from, when, taken } of kinds)
    console.log(
      `hongyan ${args.join(' ').padEnd(14)} ${from}, ${when.padEnd(6)} ${median(taken.map((one) => one.ms)).padStart(8)} ${median(taken.map((one) => one.cpuMs)).padStart(11)}`,
    );
} finally {
  if (serve !== null && serve.exitCode === null && serve.kill('SIGTERM')) await once(serve, 'exit');
  await rm(directory, { recursive: true, force: true });
}
