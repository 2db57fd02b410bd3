/** `npm test` itself: a hang ends, is named, and leaves no process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pidExists } from '../src/store/embedded/processes.ts';
import { runGroup } from './breaks/run-group.ts';
import { until } from './support/cli.ts';
import { inTime } from './support/in-time.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The arguments of `npm test` and its like, with another limit for a test, and without the files and their database. */
async function argumentsOf(script: string): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const [program, ...args] = String(scripts[script]).split(' ');
  assert.equal(program, 'node');
  const flags = args.filter((arg) => arg.startsWith('-') || arg.includes('file-deadline'));
  assert.ok(
    flags.some((flag) => flag.startsWith('--test-timeout=')),
    'it limits a test',
  );
  return flags
    .filter((flag) => !flag.startsWith('--test-global-setup'))
    .map((flag) => flag.replace(/^--test-timeout=.*/, '--test-timeout=1000'));
}

test('whatever hangs ends, is named, and leaves no process', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-hangs-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const pids = join(directory, 'pids');
  for (const script of ['test', 'test:unit', 'test:chaos']) await argumentsOf(script);
  const args = await argumentsOf('test');
  const run = async (names: readonly string[], fileMs: number): Promise<string> => {
    const files = names.map((name) => join(root, `test/fixtures/hangs/${name}.ts`));
    const runner = spawn(process.execPath, [...args, '--test-reporter=tap', ...files], {
      cwd: root,
      env: { PATH: process.env.PATH, PIDS: pids, HONGYAN_TEST_FILE_MS: String(fileMs) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => runner.kill('SIGKILL'));
    const ended = once(runner, 'exit');
    const printed = await inTime('the run ends', text(runner.stdout));
    assert.deepEqual(await ended, [1, null]);
    return printed;
  };
  // As long as a busy machine takes to load a file, which is to write down itself and what it starts.
  const outside = ['before-a-test', 'after-a-test', 'in-a-loop'];
  const [inside, others] = await Promise.all([run(['in-a-test'], 60_000), run(outside, 10_000)]);
  assert.match(inside, /^not ok \d+ - waits for ever$/m);
  assert.match(inside, /^ok \d+ - comes after it$/m, 'the next one has its turn');
  for (const name of outside)
    assert.match(others, new RegExp(`^# \\S*${name}\\.ts has not ended within 10 s`, 'm'));
  const started = (await readFile(pids, 'utf8')).trim().split('\n').map(Number);
  assert.equal(started.length, 5);
  await until('no process is left', async () => !started.some(pidExists));
});

test('an error that comes after its test fails the file', async () => {
  const file = join(root, 'test/fixtures/hangs/error-after-a-test.ts');
  const args = [...(await argumentsOf('test')), '--test-reporter=tap', file];
  const { code, stdout } = await runGroup(process.execPath, args, {
    ...{ cwd: root, timeoutMs: 60_000 },
    env: { PATH: process.env.PATH },
  });
  assert.equal(code, 1, stdout);
  assert.match(stdout, /^ok \d+ - leaves an error behind$/m);
  assert.match(stdout, /^not ok \d+ - \S*error-after-a-test\.ts$/m);
});

test('the database server of a run ends with it, and that of a killed run with the next one', async (t) => {
  const hold = `
    const { holdTestServer } = await import(${JSON.stringify(join(root, 'test/support/embedded/test-server.ts'))});
    const server = await holdTestServer();
    console.log(JSON.stringify([server.pid, process.env.TEST_SERVER_DIRECTORY ?? null]));
    process.stdin.resume().on('end', () => server.close());`;
  const start = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', hold], {
      env: { PATH: process.env.PATH, TMPDIR: tmpdir() },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const [line] = await inTime('its server is there', once(child.stdout, 'data'));
    const [pid, directory] = JSON.parse(String(line)) as [number, string | null];
    return { child, ended, pid, directory };
  };
  const killed = await start();
  killed.child.kill('SIGKILL');
  await killed.ended;
  const next = await start();
  if (killed.directory === null || next.directory === null) {
    next.child.stdin.end();
    return t.skip('too little memory for a server in it');
  }
  assert.equal(existsSync(killed.directory), false);
  // Whoever inherited it may not have taken its end to notice yet.
  await until('its server is gone', async () => !pidExists(killed.pid));
  next.child.stdin.end();
  assert.deepEqual(await inTime('the run ends', next.ended), [0, null]);
  assert.equal(existsSync(next.directory), false);
  await until('its server is gone', async () => !pidExists(next.pid));
});
