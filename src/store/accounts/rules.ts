import { failure } from '../../base/errors.ts';
import type { Pool } from '../database/pool.ts';
import { type Account, accountColumns } from './accounts.ts';
import { setColumns } from './set-columns.ts';

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
  /** Events and receipts of the account are kept so many days; null: as many as the installation's. */
  keepEventDays: number | null;
  /** The same of its audit, 184 at least. */
  keepAuditDays: number | null;
  timeZone: string;
  /** A reject in the consent dialog takes the credits that were there before. */
  popupRejectWipes: boolean;
  /** So many per cent of the first thousand block, and a large campaign pauses. */
  canaryBlockedPercent: number | null;
  /** So many per cent of the first thousand are held for review, and a large campaign waits for the verdict. */
  canaryHeldPercent: number | null;
  /** Whom test messages may go to. */
  testOpenids: string[];
  /** Programs that speak WeChat may use the account through us. */
  wxRelay: boolean;
}

const rules = `to_char(quiet_from, 'HH24:MI') as "quietFrom", to_char(quiet_to, 'HH24:MI') as "quietTo",
  fatigue_limit as "fatigueLimit", fatigue_days as "fatigueDays", approval_above as "approvalAbove",
  retry_system_busy as "retrySystemBusy", keep_days as "keepDays",
  keep_event_days as "keepEventDays", keep_audit_days as "keepAuditDays", time_zone as "timeZone",
  popup_reject_wipes as "popupRejectWipes", canary_blocked_percent as "canaryBlockedPercent",
  canary_held_percent as "canaryHeldPercent", test_openids as "testOpenids", wx_relay as "wxRelay"`;

export async function getAccountRules(pool: Pool, appid: string): Promise<AccountRules> {
  const row = (await pool.query<AccountRules>(`select ${rules} from accounts where appid = $1`, [appid]))
    .rows[0];
  if (row === undefined) throw failure('ACCOUNT_NOT_FOUND', { appid });
  return row;
}

/** All that can be set of an account, but for its secrets. */
export interface AccountSettings extends Account, AccountRules {
  /** It has a proxy of its own, which is a secret. */
  hasProxy: boolean;
  /** Its callback is set up. */
  hasCallback: boolean;
  /** Of the rate, kept for single messages. */
  messageSharePercent: number;
  /** Start of WeChat's day, HH:MM in Asia/Shanghai. */
  quotaReset: string;
  /** Of a known daily limit, kept from campaigns. */
  quotaReservePercent: number;
}

const settings = `${accountColumns}, ${rules}, proxy_sealed is not null as "hasProxy",
  exists (select 1 from account_callbacks c where c.appid = accounts.appid) as "hasCallback",
  message_share_percent as "messageSharePercent", to_char(quota_reset, 'HH24:MI') as "quotaReset",
  quota_reserve_percent as "quotaReservePercent"`;

export async function findAccountSettings(pool: Pool, appid: string): Promise<AccountSettings | null> {
  const result = await pool.query<AccountSettings>(`select ${settings} from accounts where appid = $1`, [
    appid,
  ]);
  return result.rows[0] ?? null;
}

/** Throws `ACCOUNT_NOT_FOUND`. */
export async function getAccountSettings(pool: Pool, appid: string): Promise<AccountSettings> {
  const row = await findAccountSettings(pool, appid);
  if (row === null) throw failure('ACCOUNT_NOT_FOUND', { appid });
  return row;
}

/** In the order of their appids, after `after`; `only`: of these, null: of all. */
export async function listAccountSettings(
  pool: Pool,
  page: { only: string[] | null; after: string; limit: number },
): Promise<AccountSettings[]> {
  const result = await pool.query<AccountSettings>(
    `select ${settings} from accounts where appid > $1 and ($2::text[] is null or appid = any ($2::text[]))
     order by appid limit $3`,
    [page.after, page.only, page.limit],
  );
  return result.rows;
}

type Changes = Partial<AccountRules & { name: string; messageSharePercent: number }>;

const columns: Readonly<Record<keyof Changes, string>> = {
  name: 'name',
  messageSharePercent: 'message_share_percent',
  quietFrom: 'quiet_from',
  quietTo: 'quiet_to',
  fatigueLimit: 'fatigue_limit',
  fatigueDays: 'fatigue_days',
  approvalAbove: 'approval_above',
  retrySystemBusy: 'retry_system_busy',
  keepDays: 'keep_days',
  keepEventDays: 'keep_event_days',
  keepAuditDays: 'keep_audit_days',
  timeZone: 'time_zone',
  popupRejectWipes: 'popup_reject_wipes',
  canaryBlockedPercent: 'canary_blocked_percent',
  canaryHeldPercent: 'canary_held_percent',
  testOpenids: 'test_openids',
  wxRelay: 'wx_relay',
};

/** Changes what is named, in one statement, and leaves the others. PostgreSQL refuses an unknown time zone (22023). */
export async function setAccountRules(pool: Pool, appid: string, changes: Changes): Promise<void> {
  const { set, values } = setColumns(columns, changes, 2);
  if (set.length === 0) return;
  const zone = `$${values.length + 2}::text`;
  await pool.query(
    `update accounts set ${set.join(', ')}, updated_at = clock_timestamp()
     -- A zone that is stored would be looked up only when a campaign starts.
     where appid = $1 and (${zone} is null or (clock_timestamp() at time zone ${zone}) is not null)`,
    [appid, ...values, changes.timeZone ?? null],
  );
}
