import { inTransaction, type Pool } from '../database/pool.ts';

/** Session lock of whoever makes the backup of the day; "backup" in ASCII. */
const lockKey = 0x6261636b7570;

/** Attempts are remembered so long, days. */
const rememberedDays = 400;

/** A node that is asked for a backup a day says so every half minute; after so many nobody is asked any longer. */
export const wantedMinutes = 10;

/** How it stands with backups that are made every day. */
export interface BackupState {
  /** The newest whole one. */
  done: { dueAt: Date; endedAt: Date; host: string; path: string; bytes: number } | null;
  /** The newest attempt, when it failed; `INTERRUPTED`: its process was ended. */
  failed: { startedAt: Date; host: string; path: string; code: string } | null;
}

/**
 * Does the work unless another process of any node is at it, and gives false then. The lock is the connection's, so that it is
 * free again when this process is killed.
 */
export async function alone(pool: Pool, work: () => Promise<void>): Promise<boolean> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
      lockKey,
    ]);
    if (rows[0]?.got === true) {
      await work();
      await client.query('select pg_advisory_unlock($1)', [lockKey]);
    }
    isBroken = false;
    return rows[0]?.got === true;
  } finally {
    // The lock ends with the connection too.
    client.release(isBroken);
  }
}

export async function backupState(pool: Pool): Promise<BackupState> {
  const { rows } = await pool.query<{
    dueAt: Date;
    startedAt: Date;
    endedAt: Date | null;
    host: string;
    path: string;
    bytes: number | null;
    code: string | null;
  }>(
    `select due_at as "dueAt", started_at as "startedAt", ended_at as "endedAt", host, path, bytes, code from backups
     where id in (select max(id) from backups where ended_at is not null union all select max(id) from backups where bytes is not null)
     order by id desc`,
  );
  const [latest] = rows;
  const done = rows.find(({ bytes }) => bytes !== null);
  return {
    done:
      done === undefined || done.bytes === null || done.endedAt === null
        ? null
        : {
            ...{ dueAt: done.dueAt, endedAt: done.endedAt },
            host: done.host,
            path: done.path,
            bytes: done.bytes,
          },
    failed:
      latest === undefined || latest.code === null
        ? null
        : { startedAt: latest.startedAt, host: latest.host, path: latest.path, code: latest.code },
  };
}

/**
 * Notes that this node is asked for a backup every day, and that one is due. Since when stays as it is while none was made,
 * also over the next time of day; after a while in which no node was asked it begins anew.
 */
export async function noteBackupDue(pool: Pool, dueAt: Date): Promise<void> {
  await pool.query(
    `insert into backup_wanted (due_at) values ($1) on conflict (only_row) do update set
       due_at = greatest(backup_wanted.due_at, excluded.due_at), seen_at = clock_timestamp(),
       asked_at = case when backup_wanted.seen_at < clock_timestamp() - make_interval(mins => $2)
           or excluded.due_at > backup_wanted.due_at
             and exists (select 1 from backups where bytes is not null and due_at >= backup_wanted.due_at)
         then clock_timestamp() else backup_wanted.asked_at end`,
    [dueAt, wantedMinutes],
  );
}

/** Writes down that an attempt begins. What was under way before was interrupted: only one can be. */
export async function beginBackup(
  pool: Pool,
  { dueAt, host, path }: { dueAt: Date; host: string; path: string },
): Promise<number> {
  return await inTransaction(pool, async (client) => {
    await client.query(
      "update backups set ended_at = clock_timestamp(), code = 'INTERRUPTED' where ended_at is null",
    );
    await client.query(
      'delete from backups where started_at < clock_timestamp() - make_interval(days => $1)',
      [rememberedDays],
    );
    const { rows } = await client.query<{ id: number }>(
      'insert into backups (due_at, host, path) values ($1, $2, $3) returning id',
      [dueAt, host, path],
    );
    return rows[0]!.id; // insert returns its row
  });
}

export async function endBackup(
  pool: Pool,
  id: number,
  result: { bytes: number } | { code: string },
): Promise<void> {
  await pool.query('update backups set ended_at = clock_timestamp(), bytes = $2, code = $3 where id = $1', [
    id,
    'bytes' in result ? result.bytes : null,
    'code' in result ? result.code : null,
  ]);
}
