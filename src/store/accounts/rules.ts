import { failure } from '../../base/errors.ts';
import type { Pool } from '../database/pool.ts';

/** Rules of an account's campaigns; null where there is none. Times as HH:MM in its zone. */
export interface AccountRules {
  quietFrom: string | null;
  quietTo: string | null;
  fatigueLimit: number | null;
  fatigueDays: number | null;
  approvalAbove: number | null;
  /** How often −1 is followed by another attempt where WeChat drops no repeats, 0 to 10. */
  retrySystemBusy: number;
  /** Recipients and facts of campaigns that ended so many days ago are removed; null: never. */
  keepDays: number | null;
  timeZone: string;
  /** A reject in the consent dialog takes the credits that were there before. */
  popupRejectWipes: boolean;
}

export async function getAccountRules(pool: Pool, appid: string): Promise<AccountRules> {
  const result = await pool.query<AccountRules>(
    `select to_char(quiet_from, 'HH24:MI') as "quietFrom", to_char(quiet_to, 'HH24:MI') as "quietTo",
       fatigue_limit as "fatigueLimit", fatigue_days as "fatigueDays", approval_above as "approvalAbove",
       retry_system_busy as "retrySystemBusy", keep_days as "keepDays",
       time_zone as "timeZone", popup_reject_wipes as "popupRejectWipes" from accounts where appid = $1`,
    [appid],
  );
  const row = result.rows[0];
  if (row === undefined) throw failure('ACCOUNT_NOT_FOUND', { appid });
  return row;
}

/** Replaces all rules of an account. PostgreSQL refuses an unknown time zone (22023). */
export async function setAccountRules(pool: Pool, appid: string, rules: AccountRules): Promise<void> {
  await pool.query(
    `update accounts set quiet_from = $2, quiet_to = $3, fatigue_limit = $4, fatigue_days = $5, approval_above = $6,
       retry_system_busy = $8, keep_days = $9, popup_reject_wipes = $10,
       time_zone = case when (clock_timestamp() at time zone $7) is null then time_zone else $7 end, updated_at = clock_timestamp()
     where appid = $1`,
    [
      appid,
      rules.quietFrom,
      rules.quietTo,
      rules.fatigueLimit,
      rules.fatigueDays,
      rules.approvalAbove,
      rules.timeZone,
      rules.retrySystemBusy,
      rules.keepDays,
      rules.popupRejectWipes,
    ],
  );
}
