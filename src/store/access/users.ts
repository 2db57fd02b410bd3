import { failure } from '../../base/errors.ts';
import type { Pool, Queryable } from '../database/pool.ts';

/** A person, without the password. */
export interface User {
  /** 64-bit, hence text. */
  id: string;
  name: string;
  role: string;
  /** Null: every account. */
  accounts: string[] | null;
  hasPassword: boolean;
  createdAt: Date;
  createdBy: string;
  disabledAt: Date | null;
  lockedUntil: Date | null;
  lastSignInAt: Date | null;
}

const columns = `users.id::text, name, role, accounts, password is not null as "hasPassword", created_at as "createdAt",
  created_by as "createdBy", disabled_at as "disabledAt", case when locked_until > clock_timestamp() then locked_until end
  as "lockedUntil", last_sign_in_at as "lastSignInAt"`;

/** Null when the name, without regard to case, is taken. */
export async function insertUser(
  pool: Pool,
  user: { name: string; role: string; accounts: readonly string[] | null; createdBy: string },
): Promise<User | null> {
  const result = await pool.query<User>(
    `insert into users (name, role, accounts, created_by) values ($1, $2, $3::text[], $4)
     on conflict (lower(name)) do nothing returning ${columns}`,
    [user.name, user.role, user.accounts, user.createdBy],
  );
  return result.rows[0] ?? null;
}

/** In the order in which they were made, after `after`. */
export async function listUsers(pool: Pool, after: string | null, limit: number): Promise<User[]> {
  const result = await pool.query<User>(
    `select ${columns} from users where $1::bigint is null or id > $1::bigint order by id limit $2`,
    [after, limit],
  );
  return result.rows;
}

export async function getUser(pool: Pool, id: string): Promise<User> {
  const result = await pool.query<User>(`select ${columns} from users where id = $1::bigint`, [id]);
  const [found] = result.rows;
  if (found === undefined) throw failure('USER_NOT_FOUND', { name: id });
  return found;
}

export async function findUser(pool: Pool, name: string): Promise<User | null> {
  const result = await pool.query<User>(`select ${columns} from users where lower(name) = lower($1)`, [name]);
  return result.rows[0] ?? null;
}

/** What is undefined stays as it is. Who is disabled has no sessions any more. */
export async function changeUser(
  pool: Pool,
  id: string,
  change: {
    role?: string | undefined;
    accounts?: readonly string[] | null | undefined;
    isDisabled?: boolean | undefined;
  },
): Promise<User> {
  const result = await pool.query<User>(
    `with ended as (delete from sessions where user_id = $1::bigint and $5::boolean is true)
     update users set role = coalesce($2, role), accounts = case when $3::boolean then $4::text[] else accounts end,
       disabled_at = case when $5::boolean is null then disabled_at
         when $5::boolean then coalesce(disabled_at, clock_timestamp()) end
     where id = $1::bigint returning ${columns}`,
    [
      id,
      change.role ?? null,
      change.accounts !== undefined,
      change.accounts ?? null,
      change.isDisabled ?? null,
    ],
  );
  const [found] = result.rows;
  if (found === undefined) throw failure('USER_NOT_FOUND', { name: id });
  return found;
}

/** Whether somebody has set a password. */
export async function hasPeople(pool: Pool): Promise<boolean> {
  const result = await pool.query<{ found: boolean }>(
    `select exists (select 1 from users where password is not null and disabled_at is null) as found`,
  );
  return result.rows[0]?.found ?? false;
}

/** Whether somebody could sign in, or a program come in with a key. */
export async function hasEntrance(pool: Pool): Promise<boolean> {
  const result = await pool.query<{ found: boolean }>(
    `select exists (select 1 from users where password is not null and disabled_at is null)
       or exists (select 1 from api_keys where revoked_at is null and (expires_at is null or expires_at > clock_timestamp()))
       as found`,
  );
  return result.rows[0]?.found ?? false;
}

export interface SignIn {
  user: User;
  /** Null: no link was used yet. */
  password: string | null;
}

/**
 * Counts an attempt before its password is looked at, so that many at once are many. Null: there is nobody of that name.
 * `lockedForS`: it is not looked at.
 */
export async function beginSignIn(
  pool: Pool,
  name: string,
  free: number,
): Promise<(SignIn & { lockedForS: number }) | null> {
  const result = await pool.query<User & { password: string | null; lockedForS: number }>(
    `with found as (
       select id, coalesce(greatest(0, extract(epoch from locked_until - clock_timestamp())), 0) as locked
       from users where lower(name) = lower($1) and disabled_at is null for update
     ), counted as (
       update users u set failures = failures + 1, locked_until = case when failures + 1 >= $2::integer
         then clock_timestamp() + interval '5 seconds' * power(2, least(failures + 1 - $2::integer, 8)) end
       from found where u.id = found.id and found.locked = 0
     )
     select ${columns}, password, ceil(found.locked)::integer as "lockedForS"
     from users join found on users.id = found.id`,
    [name, free],
  );
  const [row] = result.rows;
  if (row === undefined) return null;
  const { password, lockedForS, ...user } = row;
  return { user, password, lockedForS };
}

/** Sets the password, ends every session and link of the person, and lifts a lock. */
export async function setPassword(pool: Pool, userId: string, password: string): Promise<void> {
  await pool.query(
    `with sessions_ended as (delete from sessions where user_id = $1::bigint),
       links_ended as (delete from password_links where user_id = $1::bigint)
     update users set password = $2, failures = 0, locked_until = null where id = $1::bigint`,
    [userId, password],
  );
}

/** Stores a link; earlier ones of the person go on until one is used. */
export async function insertLink(
  pool: Queryable,
  userId: string,
  digest: Buffer,
  validForS: number,
): Promise<Date> {
  const result = await pool.query<{ expiresAt: Date }>(
    `insert into password_links (digest, user_id, expires_at)
     values ($1, $2::bigint, clock_timestamp() + $3::integer * interval '1 second') returning expires_at as "expiresAt"`,
    [digest, userId, validForS],
  );
  const [inserted] = result.rows;
  if (inserted === undefined) throw new Error('an insert returned no row');
  return inserted.expiresAt;
}

/** Ends the links of a person. False when there was none that still worked. */
export async function endLinks(client: Queryable, userId: string): Promise<boolean> {
  const result = await client.query<{ worked: boolean }>(
    'delete from password_links where user_id = $1::bigint returning expires_at > clock_timestamp() as worked',
    [userId],
  );
  return result.rows.some(({ worked }) => worked);
}

/** Whose link it is; null when it was used, is over, or was never made. */
export async function linkOwner(pool: Pool, digest: Buffer): Promise<User | null> {
  const result = await pool.query<User>(
    `select ${columns} from users
     join password_links on user_id = users.id
     where digest = $1 and expires_at > clock_timestamp() and disabled_at is null`,
    [digest],
  );
  return result.rows[0] ?? null;
}

/** Takes the link; false when somebody else has used it meanwhile. */
export async function useLink(pool: Pool, digest: Buffer): Promise<boolean> {
  const result = await pool.query(
    'delete from password_links where digest = $1 and expires_at > clock_timestamp()',
    [digest],
  );
  return result.rowCount === 1;
}
