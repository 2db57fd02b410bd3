/** CPU seconds of processes so far, as Linux counts them; 0 elsewhere. */
import { readdir, readFile } from 'node:fs/promises';
import type { Pool } from '../src/store/database/pool.ts';

export async function cpuSeconds(pid: number): Promise<number> {
  return (await statOf(pid)).seconds;
}

/** Of all processes of the database that this pool reaches, those that have ended excepted. */
export async function databaseCpuSeconds(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  const { parent: postmaster } = await statOf(rows[0]?.pid ?? 0);
  let seconds = 0;
  for (const pid of await readdir('/proc').catch(() => []))
    if (/^\d+$/.test(pid)) {
      const one = await statOf(Number(pid));
      if (one.parent === postmaster) seconds += one.seconds;
    }
  return seconds;
}

async function statOf(pid: number): Promise<{ parent: string; seconds: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.replace(/^.*\) /, '').split(' ');
  // Hundredths of a second: USER_HZ is 100 on every Linux.
  return { parent: fields[1] ?? '', seconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100 };
}
