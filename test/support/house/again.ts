/**
 * `npm run test:again -- [--times N] [--load L] [--late SHARE] FILE …`: runs test files again and again, as `npm test` does but one
 * at a time, with L busy loops beside them, or with sockets that are read late (./late.js), and says what failed and how often. A test that fails now and then is worse than none. Also
 * prints what each file took: wall time depends on what else the machine does, CPU time (its processes + PostgreSQL's) hardly.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { compileCache, holdTestServer } from '../embedded/test-server.ts';

interface Failure {
  test: string;
  why: string;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string', default: '20' },
    load: { type: 'string', default: '0' },
    late: { type: 'string', default: '0' },
  },
});
const files = positionals.flatMap((pattern) => (existsSync(pattern) ? [pattern] : globSync(pattern).sort()));
const times = Number(values.times);
if (files.length === 0 || !(times > 0)) {
  console.error(
    'usage: npm run test:again -- [--times N] [--load L] [--late SHARE] FILE …   (globs in quotes)',
  );
  process.exit(2);
}
process.chdir(root);
const timeout = Number(
  /--test-timeout=(\d+)/.exec(JSON.parse(readFileSync('package.json', 'utf8')).scripts.test)?.[1],
);

process.env.NODE_COMPILE_CACHE ??= compileCache;
if (Number(values.late) > 0) {
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import ${new URL('./late.js', import.meta.url).href}`;
  process.env.TEST_LATE_SHARE = values.late;
}
const server = await holdTestServer();
const loops = Array.from({ length: Number(values.load) }, () => new Worker('for (;;);', { eval: true }));
const failed = new Map<string, number>();
let totalS = 0;
try {
  for (let round = 1; round <= times; round++) {
    for (const file of files) {
      const { failures, cpuS, databaseS, wallS } = await once(file);
      totalS += cpuS + databaseS;
      const took = `${cpuS.toFixed(1)} + ${databaseS.toFixed(1)} s CPU, ${wallS.toFixed(0)} s`;
      console.log(`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${round}/${times} ${file} (${took})`);
      for (const { test, why } of failures) {
        const name = `${file}: ${test}`;
        if (!failed.has(name)) console.log(`       ${test}\n${why.replaceAll(/^/gm, '         ')}`);
        failed.set(name, (failed.get(name) ?? 0) + 1);
      }
    }
  }
} finally {
  for (const loop of loops) await loop.terminate();
  await server.close();
}
console.log(`\n${files.length} files, ${times} times: ${totalS.toFixed(0)} s CPU`);
for (const [name, often] of failed) console.log(`failed ${often} of ${times} times: ${name}`);
process.exitCode = failed.size === 0 ? 0 : 1;

async function once(
  file: string,
): Promise<{ failures: Failure[]; cpuS: number; databaseS: number; wallS: number }> {
  const [children, database, begun] = [childrenS(), serverS(server.pid), performance.now()];
  const failures: Failure[] = [];
  const events = run({
    ...{ files: [file], timeout, concurrency: 1 },
    execArgv: ['--import', './test/support/file-deadline.ts'],
  });
  for await (const { type, data } of events) {
    // The test counts as passed, and the file fails without a word about why.
    if (type === 'test:diagnostic' && data.message.includes('asynchronous activity after the test ended'))
      failures.push({ test: 'after the end of a test', why: data.message });
    // A test of which a part failed fails too.
    if (type !== 'test:fail' || data.details.error.failureType === 'subtestsFailed') continue;
    const { cause } = data.details.error;
    const why = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    failures.push({ test: data.name, why: why.split('\n').slice(0, 12).join('\n') });
  }
  return {
    failures,
    cpuS: childrenS() - children,
    databaseS: serverS(server.pid) - database,
    wallS: (performance.now() - begun) / 1000,
  };
}

/** CPU time of the processes that this one and its children started and that have ended. */
function childrenS(): number {
  const [, children] = timesOf('self');
  return children;
}

/** CPU time of a PostgreSQL with all its backends that have ended. */
function serverS(pid: number): number {
  const [own, children] = timesOf(pid);
  return own + children;
}

/** In seconds, zeros where there is no /proc: user + system, and that of its children that ended. */
function timesOf(pid: number | 'self'): [own: number, children: number] {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return [0, 0];
  }
  // Behind the name, which is in parentheses. Linux counts in hundredths.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
  return [(user + system) / 100, (childrenUser + childrenSystem) / 100];
}
