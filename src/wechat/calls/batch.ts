import { failure } from '../../base/errors.ts';

/**
 * Refuses a group that WeChat would refuse as a whole, before the call is spent.
 *
 * Throws `WECHAT_BATCH_TOO_LARGE` over `max` items and `WECHAT_BATCH_TOO_SMALL` under `min` (default 1).
 */
export function checkBatch(path: string, items: readonly unknown[], max: number, min = 1): void {
  const details = { path, length: items.length, min, max };
  if (items.length > max) {
    throw failure('WECHAT_BATCH_TOO_LARGE', { path, max, length: items.length }, { details });
  }
  if (items.length < min) {
    throw failure('WECHAT_BATCH_TOO_SMALL', { path, min, length: items.length }, { details });
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
