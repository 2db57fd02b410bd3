import { readFileSync } from 'node:fs';

/** Flag of a process that another one starts as a part of itself, over a channel; nobody types it. */
export const partFlag = '--part';
/** How often it is looked whether npm still runs, ms. */
const lookEveryMs = 1_000;

/**
 * Calls back when the process that started this one as a part of itself is gone, by whatever end: then the kernel
 * closes the channel between the two. One that is only stopped keeps it open.
 */
export function onChannelClosed(callback: () => void): void {
  if (process.connected) process.once('disconnect', callback);
  else callback(); // gone before we could listen
  // Its end is still noticed, and the channel alone does not keep this process alive.
  process.channel?.unref();
}

/**
 * Calls back when the npm (`npx hongyan`, `npm run`) that started this process is gone. It passes on no signal that
 * kills it, and often not even SIGTERM, which ends the shell between; there is no channel to it, so its process, and
 * that of the shell, are looked at each second.
 *
 * @returns stops looking
 */
export function onNpmGone(callback: () => void): () => void {
  const shell = process.ppid;
  const npm = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid === shell && parentOf(shell) === npm) return;
    clearInterval(timer);
    callback();
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** The parent of a process; null where the system does not tell, and then only the shell is looked at. */
function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses and may itself hold any character: the last parenthesis ends it.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
