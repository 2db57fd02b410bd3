import { z } from 'zod';
import { fileBytes, fileQuery } from './audience/audiences.ts';
import { changes, defineRoutes, reads } from './route.ts';
import { appid as accountId, key, openid, timeGiven } from './shapes.ts';

/** `:openid` of the path. */
const creditParams = z.object({ openid });

const formIdReport = z.array(
  z.strictObject({
    formId: z.string(),
    /** When the form was submitted or the payment made, by your server's clock. Default: `at` of the report, or now. */
    at: z.iso.datetime({ offset: true }).optional(),
  }),
);

/**
 * Body of `POST /v1/contacts/{openid}/credits`: what the client was given when it asked the user, as it was given.
 *
 * The header `Idempotency-Key`, or `key`, names the tap: the same report again counts nothing.
 */
const creditReport = z.strictObject({
  appid: z.string(),
  /** `res` of `wx.requestSubscribeMessage`; `errMsg` in it does no harm. Only values that start with `accept` count. */
  results: z.record(z.string(), z.unknown()).optional(),
  /** `e.detail.subscribeDetails` of `<wx-open-subscribe>`, the text as it is. */
  subscribeDetails: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  /** `e.detail.formId` of forms with `report-submit`, for the retired template message. One message each, for 7 days. */
  formIds: formIdReport.optional(),
  /** The same for the `prepay_id`s of payments: three messages each. `formId` is the prepay_id. */
  prepayIds: formIdReport.optional(),
  /** When the user tapped, by your server's clock: ISO 8601 with an offset. Default: now. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** Instead of the header. */
  key: key.optional(),
});

const creditQuery = z.strictObject({ appid: z.string(), templateId: z.string().optional() });

const balance = z.object({
  templateId: z.string(),
  title: z.string().nullable(),
  /** False: nobody told us, which is not 0; such people are sent to. */
  known: z.boolean(),
  /** Messages that may still be sent; null when unknown or unlimited. */
  left: z.number().int().nullable(),
  /** A long-term template without a rule, which the user accepts. */
  unlimited: z.boolean(),
  balance: z.number().int(),
  /** Held for messages that are under way, or of which nobody knows whether they arrived. */
  reserved: z.number().int(),
});

const formId = z.object({
  /** Its last six characters: the whole is a right to send. */
  formId: z.string(),
  kind: z.enum(['form', 'prepay']),
  /** Messages that may still be sent with it. */
  left: z.number().int(),
  /** A few minutes before WeChat's 7 days are over; null where it was not taken. */
  expiresAt: z.iso.datetime().nullable(),
});

const source = z.object({
  templateId: z.string(),
  /** What was heard: of the client, of an event, of an import, or of WeChat's answer to a message. */
  kind: z.enum(['report', 'popup', 'popup-reject', 'import', 'sent', 'refused', 'change']),
  /** Added to the balance … */
  delta: z.number().int(),
  /** … or what it is from then on; else null. */
  sets: z.number().int().nullable(),
  at: z.iso.datetime(),
});

const creditBalancesAnswer = z.object({
  appid: z.string(),
  openid: z.string(),
  credits: z.array(balance),
  /** What the balances come from, the newest first; the last 50. */
  sources: z.array(source),
  /** Those that have not expired, the next to be used first. */
  formIds: z.array(formId),
});

const creditReportAnswer = z.object({
  appid: z.string(),
  openid: z.string(),
  credits: z.array(
    balance.extend({
      choice: z.string(),
      effect: z.enum(['counted', 'repeated', 'ignored']),
      /** False: counted, but no synced template has this id; see whether it is mistyped. */
      templateKnown: z.boolean(),
    }),
  ),
  /** One for each that was sent: first `formIds`, then `prepayIds`, in their order. */
  formIds: z.array(
    formId.extend({
      /** `repeated`: it is known already. `ignored`: see `why`. */
      effect: z.enum(['counted', 'repeated', 'ignored']),
      /** `mock`: of the developer tools. `other-person`: it was reported for somebody else. */
      why: z.enum(['mock', 'malformed', 'expired', 'other-person']).nullable(),
    }),
  ),
});

const rule = z.strictObject({
  /** At most so many messages per person … */
  perPeriod: z.number().int().min(1).max(9_999),
  /** … in so many days. */
  periodDays: z.number().int().min(1).max(999),
});
const templateRule = z.object({ templateId: z.string(), rule: rule.nullable() });

export const creditsRoutes = defineRoutes({
  'POST /v1/contacts/{openid}/credits': {
    name: 'credits.report',
    summary: {
      en: 'Reports what the client was given when it asked the user: each consent is one message.',
      zh: '上报用户在客户端的订阅结果：每次同意可发一条。',
    },
    permission: 'contact.manage',
    account: 'body.appid',
    // The ledger of credits is append-only itself.
    audit: 'none',
    idempotency: 'own-key',
    rate: 'submit',
    params: creditParams,
    body: creditReport,
    answers: { 200: creditReportAnswer },
  },
  'POST /v1/accounts/{appid}/credits/import': {
    name: 'credits.import',
    summary: {
      en: 'Sets balances from a file of openid, template_id, count and time, or enters form_ids; the same file again changes nothing.',
      zh: '用文件（openid、template_id、次数、时间）设置订阅次数，或录入 form_id；重复导入同一文件不会改变结果。',
    },
    permission: 'contact.manage',
    account: 'params.appid',
    ...changes,
    rate: 'heavy',
    params: z.object({ appid: accountId }),
    query: z.strictObject({
      ...fileQuery,
      /** For files without a column `template_id`. */
      templateId: z.string().min(1).max(64).optional(),
      /** When the balances were so, for files without a column of times. */
      at: timeGiven.optional(),
    }),
    body: fileBytes,
    answers: {
      200: z.object({
        kind: z.enum(['balances', 'form-ids']),
        rows: z.number().int(),
        added: z.number().int(),
        /** Imported before. */
        repeated: z.number().int(),
        bad: z.number().int(),
        /** The first 100; the others were imported. */
        badRows: z.array(z.object({ line: z.number().int(), code: z.string(), detail: z.string() })),
      }),
    },
  },
  'GET /v1/contacts/{openid}/credits': {
    name: 'credits.show',
    summary: { en: 'What somebody has left, by template.', zh: '某用户各模板的剩余订阅次数。' },
    permission: 'contact.read',
    account: 'query.appid',
    ...reads,
    params: creditParams,
    query: creditQuery,
    answers: { 200: creditBalancesAnswer },
  },
  'GET /v1/accounts/{appid}/credit-rules': {
    name: 'credits.rules',
    summary: {
      en: 'How often long-term templates may be sent to one person, by template.',
      zh: '长期订阅模板每人的条数限制，按模板列出。',
    },
    permission: 'account.read',
    account: 'params.appid',
    ...reads,
    params: z.object({ appid: accountId }),
    answers: { 200: z.object({ data: z.array(templateRule) }) },
  },
  'PUT /v1/accounts/{appid}/credit-rules/{templateId}': {
    name: 'credits.rule',
    summary: {
      en: 'Limits a long-term template to so many messages per person; `null` ends the limit.',
      zh: '限制长期订阅模板每人的条数；`null` 取消限制。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    ...changes,
    params: z.object({ appid: accountId, templateId: z.string().regex(/^[\w-]{1,64}$/) }),
    body: z.strictObject({ rule: rule.nullable() }),
    answers: { 200: templateRule },
  },
});
