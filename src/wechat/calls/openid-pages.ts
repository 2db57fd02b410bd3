import { z } from 'zod';
import { failure, type HongyanError } from '../../base/errors.ts';
import { count, name, textOrNone } from './shapes.ts';

const openids = z.looseObject({ openid: z.array(name).nullish() });
const pageFields = { count, data: openids.nullish(), next_openid: textOrNone };

/** A page whose count is not the number of its openids was cut, or is of something else. */
function isCounted({ count, data }: Pick<OpenidPageAnswer, 'count' | 'data'>): boolean {
  return count === (data?.openid?.length ?? 0);
}

const miscounted = { message: 'not the number of openids in data' };

/** A page of a list that WeChat does not count as a whole (members of a tag). `data` is missing on an empty page. */
export const page = z.looseObject(pageFields).refine(isCounted, miscounted);
/** A page of followers or of the blacklist, with the number of people in the whole list. */
export const countedPage = z.looseObject({ ...pageFields, total: count }).refine(isCounted, miscounted);

/** One page of openids as WeChat sends it; `data` is missing on an empty page. */
export interface OpenidPageAnswer {
  total?: number;
  count: number;
  data?: { openid?: string[] | null | undefined } | null | undefined;
  /** Empty where WeChat sends none. */
  next_openid: string;
}

/** One page of openids. Never empty. */
export interface OpenidPage {
  openids: string[];
  /** Continue after this page with `from: nextOpenid`. Never empty, also on the last page. */
  nextOpenid: string;
  /** People in the whole list by WeChat's count; undefined where WeChat sends none (tag members). */
  total: number | undefined;
}

export interface OpenidPagesOptions {
  /** Start after this openid (`nextOpenid` of an earlier page). Default: from the beginning. */
  from?: string;
  /** With `from`: people on the pages before it. Without it, nobody can say whether the list is complete at its end. */
  seen?: number;
  signal?: AbortSignal;
}

/** People who come or go while a list is read make a difference; more than this is a fault of the list. */
function mostMissing(total: number): number {
  return Math.max(5, Math.floor(total / 100));
}

/**
 * Walks a list that WeChat hands out in pages, each continued after the last openid of the one before.
 *
 * Ends on an empty page, an empty `next_openid`, or a page shorter than `fullPage` once as many openids came as `total` says:
 * trusting a short page alone could forget people, and asking once more costs one call. Holds one page at a time.
 *
 * A list that ends before its `total`, but for a hundredth or 5 people who left meanwhile, is not at its end. It throws
 * `WECHAT_PAGES_SHORT` then, and when the total itself shrinks by more than that from one page to the next;
 * `WECHAT_PAGING_STUCK` when WeChat repeats a cursor or a page, or gives more people than it counts without end; and
 * `WECHAT_PAGE_EMPTY` when the list from its beginning is empty although WeChat counts people in it.
 */
export async function* openidPages(
  path: string,
  fullPage: number | null,
  fetchPage: (cursor: string) => Promise<OpenidPageAnswer>,
  options: Omit<OpenidPagesOptions, 'signal'> = {},
): AsyncGenerator<OpenidPage, void, undefined> {
  const { from = '', seen: seenBefore = from === '' ? 0 : null } = options;
  const cursors = new Set([from]);
  let cursor = from;
  let seen = seenBefore ?? 0;
  let most = 0;
  let firstBefore: string | undefined;
  const checkEnd = (total: number | undefined): void => {
    if (total === undefined || seenBefore === null) return;
    if (total - seen > mostMissing(total)) throw short(path, total, seen);
  };
  for (;;) {
    const { total, data, next_openid: next } = await fetchPage(cursor);
    const openids = data?.openid ?? [];
    const lastOpenid = openids.at(-1);
    if (total !== undefined) {
      if (most - total > mostMissing(most)) throw short(path, most, seen, total);
      most = Math.max(most, total);
    }
    if (lastOpenid === undefined) {
      if (cursor === '' && total !== undefined && total > 0) {
        throw failure('WECHAT_PAGE_EMPTY', { path, total }, { details: { path, total } });
      }
      checkEnd(total);
      return;
    }
    // After an empty `next_openid` the page's own last openid is where a later run goes on.
    const nextOpenid = next === '' ? lastOpenid : next;
    seen += openids.length;
    const isRepeated = cursors.has(nextOpenid) || openids[0] === firstBefore;
    // One page more than it counts may be people who came meanwhile.
    const isEndless = total !== undefined && seen > most + mostMissing(most) + openids.length;
    if (isRepeated || isEndless) {
      throw failure(
        isRepeated ? 'WECHAT_PAGING_STUCK/repeated' : 'WECHAT_PAGING_STUCK/endless',
        { path, seen, most },
        { details: { path, seen, total: most } },
      );
    }
    cursors.add(nextOpenid);
    firstBefore = openids[0];
    yield { openids, nextOpenid, total };
    if (next === '') {
      checkEnd(total);
      return;
    }
    if (fullPage !== null && openids.length < fullPage && (total === undefined || seen >= total)) return;
    cursor = nextOpenid;
  }
}

function short(path: string, total: number, seen: number, totalNow?: number): HongyanError {
  return totalNow === undefined
    ? failure('WECHAT_PAGES_SHORT/ended', { path, total, seen }, { details: { path, total, seen } })
    : failure(
        'WECHAT_PAGES_SHORT/shrank',
        { path, total, totalNow },
        { details: { path, total, seen, totalNow } },
      );
}
