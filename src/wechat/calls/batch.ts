import { HongyanError } from '../../base/errors.ts';

/**
 * Refuses a group that WeChat would refuse as a whole, before the call is spent.
 *
 * Throws `WECHAT_BATCH_TOO_LARGE` over `max` items and `WECHAT_BATCH_TOO_SMALL` under `min` (default 1).
 */
export function checkBatch(path: string, items: readonly unknown[], max: number, min = 1): void {
  const details = { path, length: items.length, min, max };
  if (items.length > max) {
    throw new HongyanError(
      'WECHAT_BATCH_TOO_LARGE',
      `${path} takes at most ${max} items in one call, got ${items.length}. Split them, e.g. with splitBatches(items, ${max}) of hongyan/wechat.`,
      { details },
    );
  }
  if (items.length < min) {
    throw new HongyanError(
      'WECHAT_BATCH_TOO_SMALL',
      `${path} needs at least ${min} items in one call, got ${items.length}. Do not call it for fewer.`,
      { details },
    );
  }
}

/**
 * Groups of at most `size` items, in order.
 *
 * @example
 * for (const openids of splitBatches(all, 50)) await tags.tagUsers(134, openids);
 */
export function* splitBatches<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
