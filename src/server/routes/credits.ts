import type { FastifyInstance } from 'fastify';
import { HongyanError } from '../../base/errors.ts';
import { clientChoices } from '../../engine/credits/client-results.ts';
import { reportCredits } from '../../engine/credits/report-credits.ts';
import { getAccount } from '../../store/accounts.ts';
import { type CreditBalance, creditBalances } from '../../store/credit-views.ts';
import {
  creditBalancesAnswer,
  creditParams,
  creditQuery,
  creditReport,
  creditReportAnswer,
} from '../contract/credits.ts';
import type { ServerDeps } from '../deps.ts';
import type { ZodTypes } from '../zod.ts';

/** Credits of one contact: the client's reports come in, and the balances can be asked for. */
export function creditRoutes(app: FastifyInstance, { store }: ServerDeps): void {
  const typed = app.withTypeProvider<ZodTypes>();
  typed.post(
    '/contacts/:openid/credits',
    { schema: { params: creditParams, body: creditReport, response: { 200: creditReportAnswer } } },
    async (request, reply) => {
      const { appid, results, subscribeDetails, at } = request.body;
      const { openid } = request.params;
      const reported = await reportCredits(store.pool, {
        appid,
        openid,
        key: reportKey(request.headers['idempotency-key'], request.body.key),
        at: at === undefined ? undefined : new Date(at),
        choices: clientChoices(results, subscribeDetails),
      });
      const credits = reported.map((one) => ({
        ...shown(one),
        choice: one.choice,
        effect: one.effect,
        templateKnown: one.templateKnown,
      }));
      return reply.send({ appid, openid, credits });
    },
  );
  typed.get(
    '/contacts/:openid/credits',
    { schema: { params: creditParams, querystring: creditQuery, response: { 200: creditBalancesAnswer } } },
    async (request, reply) => {
      const { appid, templateId } = request.query;
      const { openid } = request.params;
      await getAccount(store.pool, appid);
      const ids = templateId === undefined ? null : [templateId];
      const credits = (await creditBalances(store.pool, appid, openid, ids)).map(shown);
      return reply.send({ appid, openid, credits });
    },
  );
}

function reportKey(header: string | string[] | undefined, inBody: string | undefined): string {
  const inHeader = typeof header === 'string' ? header : undefined;
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

function shown(one: CreditBalance) {
  const { templateId, title, known, left, unlimited, balance, reserved } = one;
  return { templateId, title, known, left, unlimited, balance, reserved };
}
