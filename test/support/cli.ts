import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { failure } from '../../src/base/errors.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { languageOf } from '../../src/cli/environment.ts';
import { compileCache } from './embedded/test-server.ts';

export { until, untilMoved } from './in-time.ts';

const program = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));
/** Of all tests: a witness is named after its database. */
const stateDir = join(tmpdir(), `hongyan-test-state-${process.getuid?.() ?? 'user'}`);
/** One that hangs fails its test, and says what it printed, before the test comes to its own limit. */
const giveUpAfterMs = 240_000;

/** What a command line printed and how it ended. */
export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Standard input; closed at once without it, so that nobody can be asked. */
  input?: string | Buffer;
  env?: Record<string, string>;
  /** As another user, for tests that root runs. */
  as?: { uid: number; gid: number };
  /** In a process group of its own, as a terminal's job. */
  detached?: boolean;
  /** Standard input stays open, and is written by the test. */
  holdInput?: boolean;
}

/** A running `hongyan` process. */
export class RunningCli {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<CliResult>;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), giveUpAfterMs);
    this.ended = once(child, 'close').then(([code, signal]) => {
      clearTimeout(timer);
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** Waits until it has printed something that matches; fails when it ends without. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout + this.stderr);
      if (found !== null) return found;
      const stop = new AbortController();
      const { signal } = stop;
      const more = [this.child.stdout, this.child.stderr].map((stream) =>
        stream === null ? Promise.race([]) : once(stream, 'data', { signal }).then(() => 'more' as const),
      );
      for (const one of more) one.catch(() => {});
      const next = await Promise.race([...more, this.ended.then(() => 'ended' as const)]);
      stop.abort();
      if (next === 'more') continue;
      const last = pattern.exec(this.stdout + this.stderr);
      if (last !== null) return last;
      assert.fail(`it ended without printing ${pattern}:\n${this.stdout}\n${this.stderr}`);
    }
  }

  async kill(signal: NodeJS.Signals): Promise<CliResult> {
    this.child.kill(signal);
    return await this.ended;
  }
}

/** Command lines that are a process by what they do: they stay, or read standard input. */
const ownProcess = /^(?:serve|worker|simulate|demo|mcp|-|--log-level)$/;

/** Runs `hongyan` with an environment of its own. */
export class Cli {
  readonly env: Record<string, string>;
  readonly #running = new Set<RunningCli>();
  /** Command lines that run in this process. */
  readonly #here = new Set<AbortController>();

  constructor(env: Record<string, string>) {
    this.env = env;
  }

  /** Nothing of the developer's own settings: no proxy, no HONGYAN_*, no Chinese locale. */
  get environment(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      HOME: '/nonexistent',
      HONGYAN_STATE_DIR: stateDir,
      // Halves the time of a short command: 0.37 s of CPU instead of 0.65 s.
      NODE_COMPILE_CACHE: compileCache,
      // Tests run beside each other, and one port serves one.
      HONGYAN_LISTEN: 'off',
      ...this.env,
    };
  }

  /** A process for others to start. */
  process(args: readonly string[]): { command: string; args: string[]; env: Record<string, string> } {
    return { command: process.execPath, args: [program, ...args], env: this.environment };
  }

  /** The command line for a shell. */
  commandLine(args: readonly string[]): string {
    return [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  }

  start(args: readonly string[], options: RunOptions = {}): RunningCli {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...this.environment, ...options.env },
      ...options.as,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: options.detached ?? false,
    });
    // A command that ends before it has read its input is judged by what it printed.
    child.stdin?.on('error', () => {});
    if (options.holdInput) child.stdin?.write(options.input ?? '');
    else child.stdin?.end(options.input);
    const running = new RunningCli(child);
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }

  /**
   * Runs a command to its end: in this process where it would be alone, which spares the half second of CPU that a process takes
   * to begin. `start` always makes one, for tests of what a process does.
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<CliResult> {
    const { env: more, ...special } = options;
    const env: Record<string, string> = { ...this.environment, ...more };
    const isHere =
      Object.keys(special).length === 0 &&
      (args.at(-1) === '--help' || !args.some((arg) => ownProcess.test(arg))) &&
      args.length > 0 &&
      // Its own database server belongs to a process, as does a log on its standard error.
      env.HONGYAN_DATABASE_URL !== undefined &&
      env.HONGYAN_LOG_LEVEL === undefined &&
      // A terminal would be asked.
      process.stdin.isTTY !== true;
    return isHere ? await this.#runHere(args, env) : await this.start(args, options).ended;
  }

  async #runHere(args: readonly string[], env: Record<string, string>): Promise<CliResult> {
    const controller = new AbortController();
    const [stdout, stderr] = [new Printed(), new Printed()];
    let code = 0;
    const timer = setTimeout(
      () => controller.abort(failure('INTERRUPTED/signal', { name: 'SIGTERM' })),
      giveUpAfterMs,
    );
    this.#here.add(controller);
    try {
      await runCommandLine([...args], {
        ...{ env, stdout, stderr, version: 'test', lang: languageOf(args, env) },
        interrupt: { signal: controller.signal, msLeft: () => Number.POSITIVE_INFINITY, allowMore() {} },
        isReaderGone: () => false,
        setExit: (next) => {
          code = Math.max(code, next);
        },
      });
    } finally {
      clearTimeout(timer);
      this.#here.delete(controller);
    }
    return { code, signal: null, stdout: stdout.text, stderr: stderr.text };
  }

  /** Runs a command that must succeed; gives what it printed. */
  async ok(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await this.run(args, options);
    assert.equal(result.code, 0, `hongyan ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
    return result.stdout;
  }

  /** Runs a command that must succeed; gives the JSON of its last line. */
  async json(args: readonly string[], options: RunOptions = {}): Promise<Record<string, unknown>> {
    return lastJson(await this.ok(args, options));
  }

  /** Runs a command that must fail with this exit code; gives its error text, which never holds a stack. */
  async fails(code: 1 | 2, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await this.run(args, options);
    assert.equal(result.code, code, `hongyan ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
    assert.doesNotMatch(result.stderr, /^\s+at /m, 'a person must not see a stack');
    assert.match(result.stderr, /\n$/, 'the text ends with a line end');
    return result.stderr;
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const one of this.#here) one.abort(failure('INTERRUPTED/signal', { name: 'SIGTERM' }));
    await Promise.all([...this.#running].map((one) => one.kill('SIGKILL')));
  }
}

/** A stream that keeps what was printed. */
class Printed extends Writable {
  readonly #parts: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }

  override _write(part: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#parts.push(part);
    done();
  }
}

/** The object in the last line. */
export function lastJson(stdout: string): Record<string, unknown> {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  const value: unknown = JSON.parse(line);
  assert(typeof value === 'object' && value !== null && !Array.isArray(value), line);
  return { ...value };
}
