import { z } from 'zod';

/** `:openid` of the path. */
export const creditParams = z.object({ openid: z.string() });

/**
 * Body of `POST /v1/contacts/{openid}/credits`: what the client was given when it asked the user, as it was given.
 *
 * The header `Idempotency-Key`, or `key`, names the tap: the same report again counts nothing.
 */
export const creditReport = z.strictObject({
  appid: z.string(),
  /** `res` of `wx.requestSubscribeMessage`; `errMsg` in it does no harm. Only values that start with `accept` count. */
  results: z.record(z.string(), z.unknown()).optional(),
  /** `e.detail.subscribeDetails` of `<wx-open-subscribe>`, the text as it is. */
  subscribeDetails: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  /** When the user tapped, by your server's clock: ISO 8601 with an offset. Default: now. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** Instead of the header. At most 128 visible ASCII characters. */
  key: z.string().optional(),
});

export const creditQuery = z.object({ appid: z.string(), templateId: z.string().optional() });

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

export const creditBalancesAnswer = z.object({
  appid: z.string(),
  openid: z.string(),
  credits: z.array(balance),
});

export const creditReportAnswer = z.object({
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
});
