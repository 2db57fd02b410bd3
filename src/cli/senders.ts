import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MetricsJson } from '../server/metrics/process-metrics.ts';
import type { CliContext } from './context.ts';
import { partFlag } from './parent.ts';
import { askMetrics } from './part-metrics.ts';

/** A sender that ends is started again after so long, longer each time up to the second, ms: a crash must not become a loop. */
const restartMs = 2_000;
const longestRestartMs = 60_000;
/** One that lived for so long begins anew, ms. */
const steadyMs = 60_000;

export interface Senders {
  /** What each of them has counted; one that does not say so in time is left out. */
  metrics(): Promise<MetricsJson[]>;
  stop(): Promise<void>;
}

/**
 * More nodes on this machine, each a process of its own: parsing, TLS and garbage collection of one never hold up
 * another, and one that dies takes nobody along. They share the database and a channel to this process, whose end ends
 * them: however this process dies, none of them stays.
 */
export function startSenders(context: CliContext, count: number): Senders {
  const program = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));
  const running = new Set<ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;

  function start(failed = 0): void {
    // What flags decided is passed on; secrets and the rest come from the same environment and file.
    const { dataDir, logLevel } = context.config;
    const flags = ['--data-dir', dataDir, ...(logLevel === undefined ? [] : ['--log-level', logLevel])];
    const child = spawn(process.execPath, [program, ...flags, 'worker', partFlag], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    running.add(child);
    const startedAt = performance.now();
    child.once('exit', (code, signal) => {
      running.delete(child);
      if (stopping || context.signal.aborted) return;
      const before = performance.now() - startedAt < steadyMs ? failed : 0;
      const afterMs = Math.min(longestRestartMs, restartMs * 2 ** before);
      context.logger.error({ code, signal, afterMs }, 'a sender ended and is started again');
      const timer = setTimeout(() => {
        timers.delete(timer);
        start(before + 1);
      }, afterMs);
      timers.add(timer);
    });
  }

  for (let i = 0; i < count; i++) start();
  return {
    async metrics() {
      const all = await Promise.all([...running].map(askMetrics));
      return all.filter((one) => one !== null);
    },
    async stop() {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(
        [...running].map((child) => {
          const gone = new Promise((resolve) => child.once('exit', resolve));
          // Not a signal: after the terminal's ctrl-C, which they got too, it would be their second.
          if (child.connected) child.disconnect();
          return gone;
        }),
      );
    },
  };
}
