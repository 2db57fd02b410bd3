import {
  type CreditEntry,
  type CreditPlace,
  creditEntriesOf,
  ensureCreditBalances,
  insertCreditEntries,
  lockCreditBalances,
  storeCreditBalances,
} from '../../store/credits/entries.ts';
import type { PoolClient } from '../../store/database/pool.ts';
import { foldCredits } from './fold-credits.ts';

/**
 * Appends what was heard of credits and brings the balances up to date, inside the caller's transaction; what was
 * heard before adds nothing. Gives the keys of what was new.
 */
export async function enterCredits(
  client: PoolClient,
  appid: string,
  entries: CreditEntry[],
): Promise<Set<string>> {
  if (entries.length === 0) return new Set();
  await ensureCreditBalances(client, appid, entries);
  await lockCreditBalances(client, appid, entries);
  const added = await insertCreditEntries(client, appid, entries);
  await refoldCredits(client, appid, added);
  return new Set(added.map(entryName));
}

/** Identifies an entry of an account. */
export function entryName(entry: CreditPlace & { key: string }): string {
  return JSON.stringify([entry.openid, entry.templateId, entry.key]);
}

/** Adds up the entries of some places anew. The caller holds the locks of their balances. */
export async function refoldCredits(client: PoolClient, appid: string, places: CreditPlace[]): Promise<void> {
  if (places.length === 0) return;
  const byPlace = new Map<string, { place: CreditPlace; entries: CreditEntry[] }>();
  for (const { openid, templateId } of places)
    byPlace.set(placeName(openid, templateId), { place: { openid, templateId }, entries: [] });
  const distinct = [...byPlace.values()].map(({ place }) => place);
  for (const entry of await creditEntriesOf(client, appid, distinct))
    byPlace.get(placeName(entry.openid, entry.templateId))?.entries.push(entry);
  await storeCreditBalances(
    client,
    appid,
    [...byPlace.values()].map(({ place, entries }) => ({ ...place, ...foldCredits(entries) })),
  );
}

function placeName(openid: string, templateId: string): string {
  return `${openid} ${templateId}`;
}
