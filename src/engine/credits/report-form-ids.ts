import { failure } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { rememberContacts } from '../../store/accounts/contacts.ts';
import { type FormIdKind, findFormCredits, insertFormCredits } from '../../store/credits/form-credits.ts';
import { inTransaction, type Pool } from '../../store/database/pool.ts';
import { openidFault } from '../formats/openid.ts';
import { shortened } from '../formats/record.ts';
import { type FormIdFault, readFormId, shortFormId } from './form-ids.ts';

/** A time that lies further ahead than this, ms, is a wrong clock. */
const aheadMs = 5 * 60_000;
const mostFormIds = 100;

export interface FormIdReport {
  appid: string;
  openid: string;
  formIds: { formId: string; kind: FormIdKind; at: Date }[];
}

export interface ReportedFormId {
  /** Its last characters: the whole is a right to send. */
  formId: string;
  kind: FormIdKind;
  /** `counted`: entered. `repeated`: it is known, whoever reported it. `ignored`: of no use, see `why`. */
  effect: 'counted' | 'repeated' | 'ignored';
  why: FormIdFault | null;
  /** Messages that may be sent with it now. */
  left: number;
  expiresAt: Date | null;
}

/**
 * Enters one person's form_ids and prepay_ids; each counts once in the account. Gives one answer each, in their order.
 * What is of no use (a mock of the developer tools, an expired one, one of somebody else) is said and not entered.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `CREDIT_REPORT_INVALID`.
 */
export async function reportFormIds(
  pool: Pool,
  report: FormIdReport,
  now = Date.now(),
): Promise<ReportedFormId[]> {
  const { appid, openid, formIds } = report;
  const account = await getAccount(pool, appid);
  if (account.kind !== 'miniprogram') throw failure('CREDIT_REPORT_INVALID/no-mini-program', { appid });
  if (openidFault(openid) !== undefined)
    throw failure('CREDIT_REPORT_INVALID/openid', { value: shortened(openid) });
  if (formIds.length > mostFormIds)
    throw failure('CREDIT_REPORT_INVALID/form-ids-too-many', { n: formIds.length, most: mostFormIds });
  const late = formIds.find((one) => one.at.getTime() > now + aheadMs);
  if (late !== undefined) throw failure('CREDIT_REPORT_INVALID/time-future', { at: late.at.toISOString() });
  const read = formIds.map((one) => readFormId({ ...one, openid }, now));
  const good = read.filter((one) => typeof one === 'object');
  const ids = good.map((one) => one.formId);
  return await inTransaction(pool, async (client) => {
    // A Mini Program has no follower list: whoever is heard of is a contact from then on.
    await rememberContacts(client, appid, [openid]);
    const added = await insertFormCredits(client, appid, good);
    const known = await findFormCredits(client, appid, ids);
    return read.map((one, i): ReportedFormId => {
      const { kind = 'form', formId = '' } = formIds[i] ?? {};
      if (typeof one === 'string') return ignored(formId, kind, one);
      const found = known.get(one.formId);
      if (found === undefined || found.openid !== openid) return ignored(one.formId, kind, 'other-person');
      return {
        formId: shortFormId(one.formId),
        kind: found.kind,
        // Twice in one report: the first is the new one.
        effect: added.delete(one.formId) ? 'counted' : 'repeated',
        why: null,
        left: found.left,
        expiresAt: found.expiresAt,
      };
    });
  });
}

function ignored(formId: string, kind: FormIdKind, why: FormIdFault): ReportedFormId {
  return { formId: shortFormId(formId), kind, effect: 'ignored', why, left: 0, expiresAt: null };
}
