import type { Queryable } from '../database/pool.ts';

/** Where an entry comes from; see docs/credits.md. */
export type CreditKind = 'report' | 'popup' | 'popup-reject' | 'import' | 'sent' | 'refused' | 'change';

/** One thing that was heard of the credits of one person and template. */
export interface CreditEntry {
  openid: string;
  templateId: string;
  /** Counted once under this key, within its person and template. */
  key: string;
  kind: CreditKind;
  delta: number;
  /** The balance is this at `at`, whatever came before; null: `delta` is added. */
  sets: number | null;
  at: Date;
}

/** What the entries of one person and template add up to. */
export interface FoldedCredits {
  /** False: nobody told us, which is not 0. */
  known: boolean;
  balance: number;
  knownSince: Date | null;
  lastAt: Date | null;
  setAt: Date | null;
}

/** One person and one template of an account. */
export interface CreditPlace {
  openid: string;
  templateId: string;
}

/** Appends what is not there yet, and gives the places of what was new. */
export async function insertCreditEntries(
  db: Queryable,
  appid: string,
  entries: CreditEntry[],
): Promise<(CreditPlace & { key: string })[]> {
  const result = await db.query<CreditPlace & { key: string }>(
    `insert into credit_entries (appid, openid, template_id, key, kind, delta, sets, at)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::integer[], $8::timestamptz[])
     on conflict do nothing returning openid, template_id as "templateId", key`,
    [
      appid,
      entries.map((one) => one.openid),
      entries.map((one) => one.templateId),
      entries.map((one) => one.key),
      entries.map((one) => one.kind),
      entries.map((one) => one.delta),
      entries.map((one) => one.sets),
      entries.map((one) => one.at),
    ],
  );
  return result.rows;
}

/** All entries of some places. */
export async function creditEntriesOf(
  db: Queryable,
  appid: string,
  places: CreditPlace[],
): Promise<CreditEntry[]> {
  const result = await db.query<CreditEntry>(
    `select e.openid, e.template_id as "templateId", e.key, e.kind, e.delta, e.sets, e.at
     from unnest($2::text[], $3::text[]) as p (openid, template_id)
       join credit_entries e on e.appid = $1 and e.openid = p.openid and e.template_id = p.template_id`,
    [appid, ...columnsOf(places)],
  );
  return result.rows;
}

/** Makes rows for places that have none; they say that nothing is known. Whoever stores entries has them first, to be locked. */
export async function ensureCreditBalances(
  db: Queryable,
  appid: string,
  places: CreditPlace[],
): Promise<void> {
  await db.query(
    `insert into credit_balances (appid, openid, template_id)
     select distinct $1, openid, template_id from unnest($2::text[], $3::text[]) as p (openid, template_id)
     order by 2, 3 on conflict do nothing`,
    [appid, ...columnsOf(places)],
  );
}

/** Locks the balances of some places to the end of the transaction, in one order for everybody. */
export async function lockCreditBalances(db: Queryable, appid: string, places: CreditPlace[]): Promise<void> {
  await db.query(
    `select 1 from credit_balances
     where appid = $1 and (openid, template_id) in (select * from unnest($2::text[], $3::text[]))
     order by openid, template_id for update`,
    [appid, ...columnsOf(places)],
  );
}

/**
 * Stores what the entries add up to. A balance that was set says of everything before that it is gone, so
 * reservations of sends before it that nobody knows the outcome of end with it.
 */
export async function storeCreditBalances(
  db: Queryable,
  appid: string,
  folded: (CreditPlace & FoldedCredits)[],
): Promise<void> {
  await db.query(
    `with f as (
       select * from unnest($2::text[], $3::text[], $4::boolean[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[])
         as f (openid, template_id, known, balance, known_since, last_at, set_at)),
     ended as (
       delete from credit_reservations r using f
       where r.appid = $1 and r.openid = f.openid and r.template_id = f.template_id and r.held = 'unknown' and r.at < f.set_at
       returning r.openid, r.template_id),
     freed as (select openid, template_id, count(*)::integer as n from ended group by 1, 2)
     update credit_balances b set known = f.known, balance = f.balance, known_since = f.known_since, last_at = f.last_at,
       set_at = f.set_at, reserved = b.reserved - coalesce(freed.n, 0)
     from f left join freed using (openid, template_id)
     where b.appid = $1 and b.openid = f.openid and b.template_id = f.template_id`,
    [
      appid,
      ...columnsOf(folded),
      folded.map((one) => one.known),
      folded.map((one) => one.balance),
      folded.map((one) => one.knownSince),
      folded.map((one) => one.lastAt),
      folded.map((one) => one.setAt),
    ],
  );
}

function columnsOf(places: CreditPlace[]): [string[], string[]] {
  return [places.map((one) => one.openid), places.map((one) => one.templateId)];
}
