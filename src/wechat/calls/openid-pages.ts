import { HongyanError } from '../../base/errors.ts';

/** One page of openids as WeChat sends it; `data` is missing on an empty page. */
export interface OpenidPageAnswer {
  total?: number;
  count?: number;
  data?: { openid?: string[] };
  next_openid?: string;
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
  signal?: AbortSignal;
}

/**
 * Walks a list that WeChat hands out in pages, each continued after the last openid of the one before.
 *
 * Ends on an empty page, a missing `data`, an empty `next_openid`, or a page shorter than `fullPage` once as
 * many openids came as `total` says: trusting a short page alone could forget people, and asking once more
 * costs one call. Holds one page at a time.
 *
 * Throws `WECHAT_PAGING_STUCK` when WeChat repeats the cursor, and `WECHAT_PAGE_EMPTY` when the list from its
 * beginning is empty although WeChat counts people in it.
 */
export async function* openidPages(
  path: string,
  fullPage: number | null,
  fetchPage: (cursor: string) => Promise<OpenidPageAnswer>,
  from = '',
): AsyncGenerator<OpenidPage, void, undefined> {
  let cursor = from;
  let seen = 0;
  for (;;) {
    const { total, data, next_openid: next } = await fetchPage(cursor);
    const openids = data?.openid ?? [];
    const lastOpenid = openids.at(-1);
    if (lastOpenid === undefined) {
      if (cursor === '' && total !== undefined && total > 0) {
        throw new HongyanError(
          'WECHAT_PAGE_EMPTY',
          `${path} says there are ${total} people and lists none of them. Try again later.`,
          { details: { path, total } },
        );
      }
      return;
    }
    // After an empty `next_openid` the page's own last openid is where a later run goes on.
    const nextOpenid = next === undefined || next === '' ? lastOpenid : next;
    if (nextOpenid === cursor) {
      throw new HongyanError(
        'WECHAT_PAGING_STUCK',
        `${path} answered the same page position again after ${seen} people. Try again later.`,
        { details: { path, seen } },
      );
    }
    seen += openids.length;
    yield { openids, nextOpenid, total };
    if (next === undefined || next === '') return;
    if (fullPage !== null && openids.length < fullPage && (total === undefined || seen >= total)) return;
    cursor = nextOpenid;
  }
}
