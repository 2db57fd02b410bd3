import { z } from 'zod';

/**
 * The answer to a call that returns nothing: errcode 0 must be there, because nothing else says that it was carried out.
 * What else WeChat adds is left alone, here and in all shapes.
 */
export const done = z.looseObject({ errcode: z.literal(0) });

/** A number of people, calls, seconds. */
export const count = z.int().min(0);

/** An openid, an id, a key: text that is not empty. */
export const name = z.string().min(1);

/** Text that WeChat leaves out, or null, where there is none. */
export const textOrNone = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

/** An id of up to 64 bits, which `parseWechatJson` gives as text. */
export const longId = z.string().regex(/^\d{1,20}$/);
