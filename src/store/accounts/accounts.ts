import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import type { AccountKind } from '../../wechat/channels.ts';
import type { Pool } from '../database/pool.ts';

export interface Account {
  appid: string;
  kind: AccountKind;
  name: string;
  tokenSource: 'secret' | 'url' | 'none';
  baseUrl: string | null;
  timeZone: string;
  /** Ceiling of the account, messages per second. */
  ratePerS: number;
  state: 'active' | 'paused';
  stateReason: string | null;
  createdAt: Date;
}

/** What only the code that talks to WeChat may see. */
export interface AccountSecrets {
  /** The appsecret, or the token URL. */
  secret: string | null;
  proxy: string | null;
}

export interface NewAccount {
  appid: string;
  kind: AccountKind;
  name: string;
  tokenSource: 'secret' | 'url' | 'none';
  secret: string | null;
  baseUrl: string | null;
  proxy: string | null;
  ratePerS?: number;
}

export const accountColumns = `appid, kind, name, token_source as "tokenSource", base_url as "baseUrl", time_zone as "timeZone",
  rate_per_s as "ratePerS", state, state_reason as "stateReason", created_at as "createdAt"`;

/** Of everything that a client is made of: another secret is another sealed text. */
const credentialVersion = `md5(row(kind, token_source, base_url, secret_sealed, proxy_sealed)::text)`;

/** Adds an account or replaces its settings; says which. Its contacts, templates and campaigns stay. */
export async function saveAccount(
  pool: Pool,
  sealer: Sealer,
  account: NewAccount,
): Promise<'added' | 'changed'> {
  const result = await pool.query<{ added: boolean }>(
    `insert into accounts (appid, kind, name, token_source, secret_sealed, base_url, proxy_sealed, rate_per_s)
     values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, 100))
     on conflict (appid) do update set kind = excluded.kind, name = excluded.name, token_source = excluded.token_source,
       secret_sealed = excluded.secret_sealed, base_url = excluded.base_url, proxy_sealed = excluded.proxy_sealed,
       rate_per_s = coalesce($8, accounts.rate_per_s), state = 'active', state_reason = null, updated_at = clock_timestamp()
     returning xmax = 0 as added`,
    [
      account.appid,
      account.kind,
      account.name,
      account.tokenSource,
      account.secret === null ? null : sealer.seal(account.secret, secretPlace(account)),
      account.baseUrl,
      account.proxy === null ? null : sealer.seal(account.proxy, proxyPlace(account.appid)),
      account.ratePerS ?? null,
    ],
  );
  // A token that was fetched with the old secret must not outlive it.
  await pool.query('delete from account_tokens where appid = $1', [account.appid]);
  return result.rows[0]?.added ? 'added' : 'changed';
}

export async function listAccounts(pool: Pool): Promise<Account[]> {
  return (await pool.query<Account>(`select ${accountColumns} from accounts order by created_at, appid`))
    .rows;
}

/** Throws `ACCOUNT_NOT_FOUND`. */
export async function getAccount(pool: Pool, appid: string): Promise<Account> {
  const row = (await pool.query<Account>(`select ${accountColumns} from accounts where appid = $1`, [appid]))
    .rows[0];
  if (row === undefined) throw failure('ACCOUNT_NOT_FOUND', { appid });
  return row;
}

/**
 * The account with its secrets, all of one moment: what was checked against the seal is what the secret goes to.
 *
 * Throws `ACCOUNT_NOT_FOUND`, and `SECRET_UNREADABLE` where the database holds another address, proxy, token source or kind than
 * the secret was given for: whoever can write to the database must not have it sent elsewhere.
 */
export async function openAccount(
  pool: Pool,
  sealer: Sealer,
  appid: string,
): Promise<{ account: Account; secrets: AccountSecrets; version: string }> {
  type Row = Account & { secretSealed: Buffer | null; proxySealed: Buffer | null; version: string };
  const result = await pool.query<Row>(
    `select ${accountColumns}, secret_sealed as "secretSealed", proxy_sealed as "proxySealed", ${credentialVersion} as version
     from accounts where appid = $1`,
    [appid],
  );
  const row = result.rows[0];
  if (row === undefined) throw failure('ACCOUNT_NOT_FOUND', { appid });
  const { secretSealed, proxySealed, version, ...account } = row;
  try {
    const proxy = proxySealed === null ? null : sealer.open(proxySealed, proxyPlace(appid));
    const secret =
      secretSealed === null ? null : sealer.open(secretSealed, secretPlace({ ...account, proxy }));
    return { account, secrets: { secret, proxy }, version };
  } catch (error) {
    throw failure('SECRET_UNREADABLE/account', { appid }, { cause: error });
  }
}

/** Those of these accounts that are there. Another one than before: what `openAccount` gave is no longer true. */
export async function credentialVersions(
  pool: Pool,
  appids: readonly string[],
): Promise<Map<string, string>> {
  const result = await pool.query<{ appid: string; version: string }>({
    name: 'credential-versions',
    text: `select appid, ${credentialVersion} as version from accounts where appid = any ($1::text[])`,
    values: [appids],
  });
  return new Map(result.rows.map(({ appid, version }) => [appid, version]));
}

/** What goes with an account when it is removed. */
export async function countAccountData(
  pool: Pool,
  appid: string,
): Promise<{ contacts: number; campaigns: number; running: number }> {
  const result = await pool.query<{ contacts: number; campaigns: number; running: number }>(
    `select (select count(*) from contacts where appid = $1) as contacts,
            count(*) as campaigns,
            count(*) filter (where state in ('planning', 'running')) as running
     from campaigns where appid = $1`,
    [appid],
  );
  return result.rows[0] ?? { contacts: 0, campaigns: 0, running: 0 };
}

/** Removes the account and everything of it, campaigns and facts included; false when there was none. */
export async function removeAccount(pool: Pool, appid: string): Promise<boolean> {
  const result = await pool.query(
    `with gone as (select id from campaigns where appid = $1),
       f as (delete from facts where campaign_id in (select id from gone)),
       c as (delete from chunks where campaign_id in (select id from gone)),
       cr as (delete from chunk_receipts where campaign_id in (select id from gone)),
       re as (delete from receipts where appid = $1),
       r as (delete from recipients where campaign_id in (select id from gone)),
       mf as (delete from message_facts where message_id in (select id from messages where appid = $1)),
       mo as (delete from open_messages where appid = $1),
       mh as (delete from held_messages where message_id in (select id from messages where appid = $1)),
       m as (delete from messages where appid = $1),
       ce as (delete from credit_entries where appid = $1),
       cb as (delete from credit_balances where appid = $1),
       cv as (delete from credit_reservations where appid = $1),
       fc as (delete from form_credits where appid = $1),
       fr as (delete from form_reservations where appid = $1),
       e as (delete from events where appid = $1),
       k as (delete from callback_counters where appid = $1),
       wt as (delete from webhook_told where campaign_id in (select id from gone)),
       wi as (delete from webhook_items where webhook_id in (select id from webhooks where appid = $1)),
       ws as (delete from webhook_subjects where webhook_id in (select id from webhooks where appid = $1))
     delete from accounts where appid = $1`,
    [appid],
  );
  return result.rowCount === 1;
}

/** Everything that decides where the AppSecret goes, or what a token URL is taken for, belongs to its seal. */
export function secretPlace(
  account: Pick<NewAccount, 'appid' | 'kind' | 'tokenSource' | 'baseUrl' | 'proxy'>,
): string {
  const { appid, kind, tokenSource, baseUrl, proxy } = account;
  return `accounts.secret:${JSON.stringify([appid, kind, tokenSource, baseUrl, proxy])}`;
}

export function proxyPlace(appid: string): string {
  return `accounts.proxy:${appid}`;
}
