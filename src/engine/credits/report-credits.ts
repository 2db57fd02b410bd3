import { failure } from '../../base/errors.ts';
import { requireKey } from '../../base/idempotency-key.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { rememberContacts } from '../../store/accounts/contacts.ts';
import type { CreditEntry } from '../../store/credits/entries.ts';
import { type CreditBalance, creditBalances } from '../../store/credits/views.ts';
import { inTransaction, type Pool } from '../../store/database/pool.ts';
import { openidFault } from '../formats/openid.ts';
import { shortened } from '../formats/record.ts';
import { type ClientChoice, isAccept } from './client-results.ts';
import { enterCredits, entryName } from './ledger.ts';

/** A tap that lies further ahead than this, ms, is a wrong clock. */
const aheadMs = 5 * 60_000;

export interface CreditReport {
  appid: string;
  openid: string;
  /** The caller's: the same report again has the same, and counts once. At most 128 characters. */
  key: string;
  /** When the user tapped, by the caller's server and not by the phone. Default: now. */
  at: Date | undefined;
  choices: ClientChoice[];
}

export interface ReportedChoice extends CreditBalance {
  choice: string;
  /** `counted`: entered, with a popup event of the same tap as one credit. `repeated`: it was counted under this key before. `ignored`: no accept. */
  effect: 'counted' | 'repeated' | 'ignored';
  /** False: the template is not among those that were synced; it is counted all the same. */
  templateKnown: boolean;
}

/**
 * Counts the accepts of one client report: each is one credit, and the same report again none. Refusals change nothing:
 * what the user switched off in the settings comes as an event, and the rest as a 43101.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `CREDIT_REPORT_INVALID`.
 */
export async function reportCredits(
  pool: Pool,
  report: CreditReport,
  now = Date.now(),
): Promise<ReportedChoice[]> {
  const { appid, openid, key, choices } = report;
  const account = await getAccount(pool, appid);
  if (openidFault(openid) !== undefined)
    throw failure('CREDIT_REPORT_INVALID/openid', { value: shortened(openid) });
  requireKey(key);
  const at = report.at ?? new Date(now);
  if (Number.isNaN(at.getTime())) throw failure('CREDIT_REPORT_INVALID/time-invalid', {});
  if (at.getTime() > now + aheadMs)
    throw failure('CREDIT_REPORT_INVALID/time-future', { at: at.toISOString() });
  const entries = choices
    .filter(({ choice }) => isAccept(choice))
    .map(
      ({ templateId }): CreditEntry => ({
        openid,
        templateId,
        key: `report:${key}`,
        kind: 'report',
        delta: 1,
        sets: null,
        at,
      }),
    );
  return await inTransaction(pool, async (client) => {
    const added = await enterCredits(client, appid, entries);
    // A Mini Program has no follower list: whoever is heard of is a contact from then on.
    if (account.kind === 'miniprogram') await rememberContacts(client, appid, [openid]);
    const byTemplate = new Map(
      (
        await creditBalances(
          client,
          appid,
          openid,
          choices.map((one) => one.templateId),
        )
      ).map((one) => [one.templateId, one]),
    );
    return choices.flatMap(({ templateId, choice }): ReportedChoice[] => {
      const balance = byTemplate.get(templateId);
      if (balance === undefined) return [];
      const isNew = added.has(entryName({ openid, templateId, key: `report:${key}` }));
      return [
        {
          ...balance,
          choice,
          effect: isAccept(choice) ? (isNew ? 'counted' : 'repeated') : 'ignored',
          templateKnown: balance.title !== null,
        },
      ];
    });
  });
}
