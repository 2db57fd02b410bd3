import { HongyanError } from '../../base/errors.ts';
import type { creditsRoutes } from '../../contract/credits.ts';
import { clientChoices } from '../../engine/credits/client-results.ts';
import { shortFormId } from '../../engine/credits/form-ids.ts';
import { reportCredits } from '../../engine/credits/report-credits.ts';
import {
  type FormIdReport,
  type ReportedFormId,
  reportFormIds,
} from '../../engine/credits/report-form-ids.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { type FormIdKind, formCreditsOf } from '../../store/credits/form-credits.ts';
import { type CreditBalance, creditBalances } from '../../store/credits/views.ts';
import type { Handlers } from '../register.ts';

/** Credits of one contact: the client's reports come in, and the balances can be asked for. */
export const creditsHandlers: Handlers<typeof creditsRoutes> = {
  'POST /v1/contacts/{openid}/credits': async ({ params: { openid }, body, key, deps: { store } }) => {
    const { appid, results, subscribeDetails, formIds, prepayIds, at } = body;
    const ids = [...reportedIds(formIds, 'form', at), ...reportedIds(prepayIds, 'prepay', at)];
    const onlyIds = ids.length > 0 && results === undefined && subscribeDetails === undefined;
    const reported = await reportCredits(store.pool, {
      appid,
      openid,
      key: reportKey(key, body.key),
      at: at === undefined ? undefined : new Date(at),
      choices: onlyIds ? [] : clientChoices(results, subscribeDetails),
    });
    // Both count once, so a report of which only one half was entered can be repeated.
    const entered = ids.length === 0 ? [] : await reportFormIds(store.pool, { appid, openid, formIds: ids });
    const credits = reported.map((one) => ({
      ...shown(one),
      choice: one.choice,
      effect: one.effect,
      templateKnown: one.templateKnown,
    }));
    const given = entered.map(({ effect, why, ...one }) => ({ ...shownFormId(one), effect, why }));
    return { appid, openid, credits, formIds: given };
  },

  'GET /v1/contacts/{openid}/credits': async ({ params: { openid }, query, deps: { store } }) => {
    const { appid, templateId } = query;
    await getAccount(store.pool, appid);
    const ids = templateId === undefined ? null : [templateId];
    const credits = (await creditBalances(store.pool, appid, openid, ids)).map(shown);
    const formIds = (await formCreditsOf(store.pool, appid, openid)).map((one) =>
      shownFormId({ ...one, formId: shortFormId(one.formId) }),
    );
    return { appid, openid, credits, formIds };
  },
};

function reportKey(inHeader: string | undefined, inBody: string | undefined): string {
  if (inHeader !== undefined && inBody !== undefined && inHeader !== inBody)
    throw new HongyanError(
      'CREDIT_REPORT_INVALID',
      'the header Idempotency-Key and `key` of the body differ; send one of them',
    );
  const key = inHeader ?? inBody;
  if (key !== undefined) return key;
  throw new HongyanError(
    'CREDIT_REPORT_INVALID',
    'send a key for each tap, as the header Idempotency-Key or as `key`: without one a repeated request would count twice',
  );
}

function reportedIds(
  given: { formId: string; at?: string | undefined }[] | undefined,
  kind: FormIdKind,
  reportedAt: string | undefined,
): FormIdReport['formIds'] {
  return (given ?? []).map(({ formId, at = reportedAt }) => ({
    formId,
    kind,
    at: at === undefined ? new Date() : new Date(at),
  }));
}

function shownFormId({
  formId,
  kind,
  left,
  expiresAt,
}: Pick<ReportedFormId, 'formId' | 'kind' | 'left' | 'expiresAt'>) {
  return { formId, kind, left, expiresAt: expiresAt === null ? null : expiresAt.toISOString() };
}

function shown(one: CreditBalance) {
  const { templateId, title, known, left, unlimited, balance, reserved } = one;
  return { templateId, title, known, left, unlimited, balance, reserved };
}
