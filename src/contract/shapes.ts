import { z } from 'zod';

/** Copies of src/wechat/channels.ts: the contract imports nothing of ours. A test compares them. */
export const accountKind = z.enum(['service', 'official', 'miniprogram', 'sandbox']);
export const channelName = z.enum([
  'oa-template',
  'oa-subscribe',
  'oa-once',
  'mp-subscribe',
  'kf',
  'mp-form',
]);

/** ISO 8601 in UTC. */
export const time = z.iso.datetime().meta({ example: '2026-11-27T01:02:03.000Z' });
/** ISO 8601 with an offset or Z, as callers send it. */
export const timeGiven = z.iso.datetime({ offset: true }).meta({ example: '2026-11-27T09:02:03+08:00' });

export const appid = z.string().min(1).max(64).meta({ example: 'wx5980e0b379d97284' });
export const openid = z.string().min(1).max(64).meta({ example: 'oTjywVfABsyzZ287Jb9ptGlpSVs2' });

/** An id that may pass 2^53: text. */
export const bigId = z.string().regex(/^\d{1,19}$/);
/** An id in a path or query that stays below 2^53. */
export const idGiven = z.coerce.number<number | string>().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** A whole number in a query. */
export function countGiven(min: number, max: number) {
  return z.coerce.number<number | string>().int().min(min).max(max);
}

/** `?limit=50&cursor=…` of a list; further filters with `listQuery({ … })`. */
export function listQuery<T extends z.ZodRawShape>(filters: T) {
  return z.strictObject({
    ...filters,
    /** Most entries of a page. */
    limit: countGiven(1, 1000).default(50),
    /** `next` of the page before. */
    cursor: z.string().min(1).max(512).optional(),
  });
}

/** A page of a list: ask on with `cursor: next` until it is null. */
export function page<T extends z.ZodType>(entry: T) {
  return z.object({ data: z.array(entry), next: z.string().nullable() });
}

/** What is wrong with one field of a request. */
export const fieldProblem = z
  .object({
    in: z.enum(['body', 'query', 'path', 'header']),
    /** `data.thing1.value`; empty for the whole. */
    path: z.string(),
    /** `missing`, `unknown`, `type`, `max`, … */
    rule: z.string(),
    /** What the rule allows. */
    limit: z.union([z.number(), z.string()]).optional(),
    /** What was found: a length, a type; never the value. */
    actual: z.union([z.number(), z.string()]).optional(),
    message: z.string(),
  })
  .meta({ id: 'FieldProblem' });

/** Why a process cannot do its work at this moment. */
export const notReadyReason = z.enum(['database', 'schema', 'lease', 'stopping']);
export type NotReadyReason = z.output<typeof notReadyReason>;

/** Every answer from 400 on, as application/problem+json (RFC 9457). */
export const problem = z
  .object({
    /** The entry of the code in the documents. */
    type: z.string(),
    /** What happened, in general. */
    title: z.string(),
    status: z.number().int(),
    /** What happened, in this case. */
    detail: z.string(),
    /** Stable; branch on it. */
    code: z.string(),
    requestId: z.string(),
    /** What to do. */
    hint: z.string().optional(),
    /** WeChat's own words, where it refused. */
    errcode: z.number().int().optional(),
    errmsg: z.string().optional(),
    rid: z.string().nullable().optional(),
    fields: z.array(fieldProblem).optional(),
    /** Of `NOT_READY`. */
    reason: notReadyReason.optional(),
  })
  .meta({ id: 'Problem' });

/** Names what is repeated: one rule wherever a caller gives one, and the refusal (`KEY_INVALID`) is the same in header and body. */
export const key = z.string().meta({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' });
