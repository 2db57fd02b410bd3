import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CliContext } from './context.ts';

/** A sender that ends is started again after so long, ms: a crash must not become a loop. */
const restartMs = 2_000;

/**
 * More nodes on this machine, each a process of its own: parsing, TLS and garbage collection of one never hold up
 * another, and one that dies takes nobody along. They share nothing but the database.
 */
export function startSenders(context: CliContext, count: number): { stop(): Promise<void> } {
  const program = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));
  const running = new Set<ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;

  function start(): void {
    // What flags decided is passed on; secrets and the rest come from the same environment and file.
    const { dataDir, logLevel } = context.config;
    const flags = ['--data-dir', dataDir, ...(logLevel === undefined ? [] : ['--log-level', logLevel])];
    const child = spawn(process.execPath, [program, ...flags, 'worker'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    running.add(child);
    child.once('exit', (code, signal) => {
      running.delete(child);
      if (stopping || context.signal.aborted) return;
      context.logger.error({ code, signal }, 'a sender ended and is started again');
      const timer = setTimeout(() => {
        timers.delete(timer);
        start();
      }, restartMs);
      timers.add(timer);
    });
  }

  for (let i = 0; i < count; i++) start();
  return {
    async stop() {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(
        [...running].map((child) => {
          const gone = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGTERM');
          return gone;
        }),
      );
    },
  };
}
