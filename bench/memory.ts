/**
 * Peak memory of the Hongyan process in its large jobs: a follower sync, and pushes of files and of all followers.
 *
 *     npm run bench:memory [-- --followers 1000000 --rows 200000 --all]
 *
 * Each job is the command line as a user runs it, in a process of its own, on a database of its own; WeChat is the
 * simulator inside this process. Peak is VmHWM of /proc, so this runs on Linux only.
 */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSimulator } from '../src/simulator/index.ts';
import { textRow, workbook } from '../test/support/audience/xlsx-file.ts';

const { values } = parseArgs({
  options: {
    followers: { type: 'string', default: '1000000' },
    rows: { type: 'string', default: '200000' },
    /** Also pushes to all followers. */
    all: { type: 'boolean', default: false },
  },
});
const followers = Number(values.followers);
const rows = Number(values.rows);
const main = fileURLToPath(new URL('../bin/hongyan.js', import.meta.url));

interface Measured {
  job: string;
  seconds: number;
  peakMb: number;
  exitCode: number | null;
  result: string;
}

async function run(job: string, args: string[], env: NodeJS.ProcessEnv): Promise<Measured> {
  const start = performance.now();
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    output += piece;
  });
  let peakKb = 0;
  const poll = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (status) => {
        peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      },
      () => {},
    );
  }, 50);
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(poll);
  return {
    job,
    seconds: Math.round((performance.now() - start) / 100) / 10,
    peakMb: Math.round(peakKb / 1024),
    exitCode,
    result: output.trim().split('\n').at(-1) ?? '',
  };
}

const directory = await mkdtemp(join(tmpdir(), 'hongyan-memory-'));
await chmod(directory, 0o711);
const simulator = await startSimulator({ kind: 'sandbox', followers, record: 'counts' });
try {
  const account = simulator.account();
  const secretFile = join(directory, 'secret.txt');
  await writeFile(secretFile, account.secret, { mode: 0o600 });
  const csv = join(directory, 'users.csv');
  await pipeline(
    Readable.from(
      (function* () {
        yield 'openid,name,order\n';
        for (let i = 0; i < rows; i++) yield `${account.openid(i)},用户${i},${100_000_000 + i}\n`;
      })(),
    ),
    createWriteStream(csv),
  );
  const xlsx = join(directory, 'users.xlsx');
  const sheetRows: string[] = [textRow(1, ['openid', 'name', 'order'])];
  for (let i = 0; i < rows; i++)
    sheetRows.push(textRow(i + 2, [account.openid(i), `用户${i}`, String(100_000_000 + i)]));
  await writeFile(xlsx, workbook({ sheets: { 名单: sheetRows.join('') } }));
  sheetRows.length = 0;

  const { HOME, PATH, NODE_OPTIONS } = process.env;
  const env = {
    HOME,
    PATH,
    NODE_OPTIONS,
    HONGYAN_DATA_DIR: join(directory, 'data'),
    HONGYAN_STATE_DIR: join(directory, 'state'),
  };
  const { appid } = account;
  const template = account.templates().find((one) => one.content.includes('{{keyword3.DATA}}'));
  if (template === undefined) throw new Error('the simulator has no tutorial template');
  const push = ['push', '--account', appid, '--channel', 'template', '--template', template.template_id];
  const data = [
    '--data',
    'keyword1={{name}}',
    '--data',
    'keyword2={{order}}',
    '--data',
    'keyword3=2026-11-22',
  ];
  const added = await run(
    'accounts add',
    [
      'accounts',
      'add',
      '--appid',
      appid,
      '--kind',
      'sandbox',
      '--secret-file',
      secretFile,
      '--base-url',
      simulator.url,
      '--rate',
      '1000000',
    ],
    env,
  );
  const results: Measured[] = [added];
  results.push(await run(`followers sync, ${followers}`, ['followers', 'sync', appid, '--json'], env));
  results.push(
    await run(
      `push @csv, ${rows} rows`,
      [...push, ...data, '--to', `@${csv}`, '--yes', '--wait', '--json'],
      env,
    ),
  );
  results.push(
    await run(
      `push @xlsx, ${rows} rows`,
      [...push, ...data, '--to', `@${xlsx}`, '--yes', '--wait', '--json'],
      env,
    ),
  );
  if (values.all) {
    const plain = ['--data', 'keyword1=标题', '--data', 'keyword2=内容', '--data', 'keyword3=2026-11-22'];
    results.push(
      await run(
        `push all, ${followers}`,
        [...push, ...plain, '--to', 'all', '--yes', '--wait', '--json'],
        env,
      ),
    );
  }
  for (const one of results) {
    console.log(
      `${one.job.padEnd(32)} ${String(one.peakMb).padStart(5)} MB peak  ${one.seconds.toFixed(1).padStart(7)} s  exit ${one.exitCode}  ${one.result.slice(0, 230)}`,
    );
  }
  if (results.some((one) => one.exitCode !== 0)) process.exitCode = 1;
} finally {
  await simulator.close();
  await rm(directory, { recursive: true, force: true });
}
