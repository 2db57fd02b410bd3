import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorCode } from '../../base/errors.ts';
import { runProgram, type ServerUser } from './program.ts';

interface ProcessState {
  /** The kernel's name of the program, cut to 15 characters. */
  readonly comm: string;
  /** One letter; Z is a corpse that its parent has not collected. */
  readonly state: string;
  /** Together with the pid, this names a process for good: pids are reused, start times are not. */
  readonly startedAt: string;
}

/**
 * State of a process, or undefined when there is none with that pid, or only a corpse.
 * On Linux from /proc/PID/stat, which everybody may read; elsewhere from ps, and on Windows from the pid alone.
 */
export async function processState(pid: number): Promise<ProcessState | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (process.platform === 'linux') return await linuxState(pid);
  if (process.platform === 'win32') {
    return pidExists(pid) ? { comm: '', state: '', startedAt: '' } : undefined;
  }
  const { exitCode, output } = await runProgram(
    '/bin/ps',
    ['-p', String(pid), '-o', 'state=,lstart=,comm='],
    undefined,
    '/',
  );
  if (exitCode !== 0) return undefined;
  // e.g. "S    Sat Nov 22 07:53:01 2025     /opt/pg/bin/postgres"
  const match = /^(\S)\S*\s+(\S+\s+\S+\s+\S+\s+\S+\s+\d{4})\s+(.*)$/.exec(output);
  if (match === null || match[1] === 'Z') return undefined;
  return { state: match[1] ?? '', startedAt: match[2] ?? '', comm: basename(match[3] ?? '') };
}

async function linuxState(pid: number): Promise<ProcessState | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name is in parentheses and may itself hold any character: the last parenthesis ends it.
  const close = text.lastIndexOf(')');
  const comm = text.slice(text.indexOf('(') + 1, close);
  const fields = text.slice(close + 2).split(' ');
  const state = fields[0] ?? '';
  if (state === 'Z' || state === 'X') return undefined;
  return { comm, state, startedAt: fields[19] ?? '' };
}

/** True when some process has this pid, whoever owns it. */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Names a process so that it is not confused with a later one of the same pid, or of an earlier boot. */
export async function processIdentity(pid: number): Promise<string | undefined> {
  const state = await processState(pid);
  if (state === undefined) return undefined;
  if (process.platform !== 'linux') return state.startedAt;
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${bootId.trim()}/${state.startedAt}`;
}

/**
 * Is this pid one of `programs` at work in this directory? The only test by which we signal, end or
 * believe in a process: a pid file alone may name any later process of the same uid.
 */
export async function worksIn(
  pid: number,
  programs: readonly string[],
  directory: string,
  user: ServerUser | undefined,
): Promise<boolean> {
  const state = await processState(pid);
  if (state === undefined) return false;
  if (process.platform === 'win32') return true;
  if (!programs.includes(state.comm)) return false;
  if (process.platform !== 'linux') {
    const { output } = await runProgram(
      '/usr/sbin/lsof',
      ['-a', '-p', String(pid), '-d', 'cwd', '-Fn'],
      undefined,
      '/',
    );
    return output.split('\n').includes(`n${await realpath(directory)}`);
  }
  try {
    const [exe, cwd, wanted] = await Promise.all([
      readlink(`/proc/${pid}/exe`),
      stat(`/proc/${pid}/cwd`),
      stat(directory),
    ]);
    return programs.includes(programName(exe)) && cwd.dev === wanted.dev && cwd.ino === wanted.ino;
  } catch (error) {
    if (user === undefined || (errorCode(error) !== 'EACCES' && errorCode(error) !== 'EPERM')) return false;
  }
  // Root in a container has no CAP_SYS_PTRACE, so another uid's exe and cwd are closed even to root;
  // to a process of that uid they are open.
  const script = 'readlink "/proc/$1/exe" && readlink "/proc/$1/cwd"';
  const { output } = await runProgram('/bin/sh', ['-c', script, 'sh', String(pid)], user, '/');
  const [exe = '', cwd = ''] = output.split('\n');
  return programs.includes(programName(exe)) && cwd === (await realpath(directory));
}

/** Linux appends " (deleted)" after the binary was replaced by an upgrade. */
function programName(exe: string): string {
  return basename(exe.replace(/ \(deleted\)$/, ''));
}

/** All processes for which `worksIn` is true. Linux only; elsewhere the list is empty. */
export async function processesIn(
  programs: readonly string[],
  directory: string,
  user: ServerUser | undefined,
): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ((await worksIn(pid, programs, directory, user)) ? pid : 0)),
  );
  return found.filter((pid) => pid !== 0);
}
