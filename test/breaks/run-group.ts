/** A command that leaves nothing behind, whatever it started and however it ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Process groups of commands that run. */
const running = new Set<number>();

export interface GroupEnd {
  /** Null when it was ended because it took too long. */
  code: number | null;
  stdout: string;
}

/**
 * Runs a command in a process group of its own, of which nothing is left when this resolves: a test that is ended, or fails where it
 * should not, leaves what it has started. A shared database server is in no such group, since it is started as a daemon.
 */
export async function runGroup(
  command: string,
  args: readonly string[],
  { timeoutMs, ...options }: { timeoutMs: number; cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<GroupEnd> {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const group = child.pid;
  if (group !== undefined) running.add(group);
  const timer = setTimeout(() => endGroup(group), timeoutMs);
  try {
    const printed = text(child.stdout);
    const [code] = (await once(child, 'exit')) as [number | null];
    // Others of the group may hold its output open.
    endGroup(group);
    return { code, stdout: await printed };
  } finally {
    clearTimeout(timer);
    if (group !== undefined) running.delete(group);
  }
}

/** A ctrl-C does not reach groups of their own. */
export function endGroupsOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      for (const group of running) endGroup(group);
      process.kill(process.pid, signal);
    });
}

function endGroup(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody of it is left.
  }
}
