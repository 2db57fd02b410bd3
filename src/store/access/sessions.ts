import type { Pool } from '../database/pool.ts';

/** A session that nobody used for so long is over, s. */
const idleS = 12 * 3600;
/** And any after so long. */
export const sessionS = 30 * 86_400;
/** Its last use is stored so often, s. */
const seenEveryS = 60;

export interface SessionUser {
  userId: string;
  name: string;
  role: string;
  accounts: string[] | null;
}

/** Begins a session; forgets what is over, the count of wrong passwords included. */
export async function insertSession(
  pool: Pool,
  session: { digest: Buffer; userId: string; source: string | null; userAgent: string | null },
): Promise<void> {
  await pool.query(
    `with over as (delete from sessions where expires_at < clock_timestamp()),
       known as (update users set failures = 0, locked_until = null, last_sign_in_at = clock_timestamp()
         where id = $2::bigint)
     insert into sessions (digest, user_id, expires_at, source, user_agent)
     values ($1, $2::bigint, clock_timestamp() + $5::integer * interval '1 second', $3, $4)`,
    [session.digest, session.userId, session.source, session.userAgent, sessionS],
  );
}

/** Whose session it is now, with the role and accounts of this moment; null when it is over. */
export async function findSession(pool: Pool, digest: Buffer): Promise<SessionUser | null> {
  const result = await pool.query<SessionUser & { isSeenLongAgo: boolean }>(
    `select user_id::text as "userId", name, role, accounts,
       seen_at < clock_timestamp() - $3::integer * interval '1 second' as "isSeenLongAgo"
     from sessions join users on users.id = user_id
     where digest = $1 and expires_at > clock_timestamp() and disabled_at is null
       and seen_at > clock_timestamp() - $2::integer * interval '1 second'`,
    [digest, idleS, seenEveryS],
  );
  const [found] = result.rows;
  if (found === undefined) return null;
  const { isSeenLongAgo, ...user } = found;
  if (isSeenLongAgo)
    await pool.query('update sessions set seen_at = clock_timestamp() where digest = $1', [digest]);
  return user;
}

export async function endSession(pool: Pool, digest: Buffer): Promise<void> {
  await pool.query('delete from sessions where digest = $1', [digest]);
}

/** Ends every session of a person, and gives how many there were. */
export async function endSessions(pool: Pool, userId: string): Promise<number> {
  const result = await pool.query('delete from sessions where user_id = $1::bigint', [userId]);
  return result.rowCount ?? 0;
}
