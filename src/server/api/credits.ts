import { openAudience } from '../../app/audience/open.ts';
import {
  type CreditBalance,
  type CreditSource,
  type FormCredit,
  listCreditRules,
  readCredits,
  setCreditRule,
} from '../../app/credits/credits.ts';
import { importCredits } from '../../app/credits/import.ts';
import { type ReportedFormId, reportCredits } from '../../app/credits/report.ts';
import { uploadLimitBytes } from '../../contract/audience/audiences.ts';
import { creditsRoutes } from '../../contract/credits.ts';
import { type Handlers, via } from '../register.ts';
import { fileOptions } from './file-options.ts';
import { goneSignal } from './gone.ts';
import { oneKey } from './one-key.ts';

/** The rows, with the limit of this server. */
export function creditsTable(maxBytes = uploadLimitBytes): typeof creditsRoutes {
  const file = creditsRoutes['POST /v1/accounts/{appid}/credits/import'];
  return {
    ...creditsRoutes,
    'POST /v1/accounts/{appid}/credits/import': { ...file, body: { ...file.body, maxBytes } },
  };
}

/** Credits of one contact: the client's reports come in, and the balances can be asked for. */
export const creditsHandlers: Handlers<typeof creditsRoutes> = {
  'POST /v1/contacts/{openid}/credits': via(
    reportCredits,
    ({ params: { openid }, body, key }) => ({
      ...{ appid: body.appid, openid, results: body.results, subscribeDetails: body.subscribeDetails },
      key: oneKey(key, body.key),
      at: timeOf(body.at),
      formIds: body.formIds?.map(({ formId, at }) => ({ formId, at: timeOf(at) })),
      prepayIds: body.prepayIds?.map(({ formId, at }) => ({ formId, at: timeOf(at) })),
    }),
    ({ credits, formIds }, { params: { openid }, body: { appid } }) => ({
      ...{ appid, openid },
      credits: credits.map((one) => {
        const { choice, effect, templateKnown } = one;
        return { ...shown(one), choice, effect, templateKnown };
      }),
      formIds: formIds.map((one) => ({ ...shownFormId(one), effect: one.effect, why: one.why })),
    }),
  ),

  'POST /v1/accounts/{appid}/credits/import': async ({
    params: { appid },
    query,
    body,
    actor,
    deps,
    lang,
    reply,
  }) => {
    const { name, templateId, at, ...given } = query;
    const signal = goneSignal(reply);
    const source = { stream: body, name };
    const file = await openAudience({ kind: 'file', source, name }, { ...fileOptions(given), signal });
    try {
      const imported = await importCredits(deps, actor, { appid, file, templateId, at: timeOf(at), signal });
      const badRows = imported.badRows.map((one) => ({ ...one, detail: one.detail[lang] }));
      return { ...imported, badRows };
    } finally {
      await file.close();
    }
  },

  'GET /v1/contacts/{openid}/credits': via(
    readCredits,
    ({ params: { openid }, query: { appid, templateId } }) => ({ appid, openid, templateId }),
    ({ appid, openid, balances, sources, formIds }) => ({
      ...{ appid, openid },
      credits: balances.map(shown),
      sources: sources.map(shownSource),
      formIds: formIds.map(shownFormId),
    }),
  ),

  'GET /v1/accounts/{appid}/credit-rules': via(
    listCreditRules,
    ({ params: { appid } }) => ({ appid }),
    (rules) => ({ data: rules.map(({ templateId, ...rule }) => ({ templateId, rule })) }),
  ),
  'PUT /v1/accounts/{appid}/credit-rules/{templateId}': via(
    setCreditRule,
    ({ params: { appid, templateId }, body: { rule } }) => ({ appid, templateId, rule }),
    (_, { params: { templateId }, body: { rule } }) => ({ templateId, rule }),
  ),
};

function timeOf(given: string | undefined): Date | undefined {
  return given === undefined ? undefined : new Date(given);
}

function shownFormId(one: FormCredit | ReportedFormId) {
  const { formId, kind, left, expiresAt } = one;
  return { formId, kind, left, expiresAt: expiresAt === null ? null : expiresAt.toISOString() };
}

function shown(one: CreditBalance) {
  const { templateId, title, known, left, unlimited, balance, reserved } = one;
  return { templateId, title, known, left, unlimited, balance, reserved };
}

function shownSource({ templateId, kind, delta, sets, at }: CreditSource) {
  return { templateId, kind, delta, sets, at: at.toISOString() };
}
