import type { Pool } from '../database/pool.ts';

/**
 * From how many recipients on a campaign that this person confirms needs somebody else's word: for whoever lifted the
 * limit, the one before goes on holding. For a statement in which the account's row is `a`.
 */
export const approvalLimitSql = (person: string): string =>
  `case when a.approval_lifted_by = ${person} then least(a.approval_above, a.approval_before) else a.approval_above end`;

export async function approvalLimit(pool: Pool, appid: string, person: string): Promise<number | null> {
  const result = await pool.query<{ limit: number | null }>(
    `select ${approvalLimitSql('$2::text')} as limit from accounts a where a.appid = $1`,
    [appid, person],
  );
  return result.rows[0]?.limit ?? null;
}

/** Somebody else says what the limit is: whoever lifted it before is held by no other one any more. */
export async function forgetLiftedLimit(pool: Pool, appid: string, person: string): Promise<void> {
  await pool.query(
    `update accounts set approval_lifted_by = null, approval_before = null
     where appid = $1 and approval_lifted_by <> $2`,
    [appid, person],
  );
}

/** Notes who lifted the limit from `before`; somebody who lifts it again is held by the lowest that they found. */
export async function noteLiftedLimit(
  pool: Pool,
  appid: string,
  person: string,
  before: number,
): Promise<void> {
  await pool.query(
    `update accounts set approval_lifted_by = $2,
       approval_before = case when approval_lifted_by = $2 then least(approval_before, $3::integer) else $3::integer end
     where appid = $1`,
    [appid, person, before],
  );
}
