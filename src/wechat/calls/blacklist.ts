import { checkBatch } from './batch.ts';
import type { WechatCall } from './call.ts';
import {
  countedPage,
  type OpenidPage,
  type OpenidPageAnswer,
  type OpenidPagesOptions,
  openidPages,
} from './openid-pages.ts';
import { done } from './shapes.ts';

const listPath = '/cgi-bin/tags/members/getblacklist';
/** People per call of blocking and unblocking. */
const blacklistBatchSize = 20;

/**
 * The blacklist 黑名单 of an Official Account. Sends to a blacklisted follower answer 43019.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/User_Management/Manage_blacklist.html
 */
export interface BlacklistCalls {
  /** One page after `beginOpenid` (exclusive): 1,000 openids by the new documents, 10,000 by the old. */
  page(beginOpenid?: string, signal?: AbortSignal): Promise<OpenidPageAnswer>;
  /** Everybody on it, page by page; continue as in `users.followers`. */
  members(options?: OpenidPagesOptions): AsyncGenerator<OpenidPage, void, undefined>;
  /**
   * Blocks 1 to 20 followers.
   * Throws `WECHAT_BATCH_TOO_LARGE` over 20, `WECHAT_BATCH_TOO_SMALL` for none, before the call.
   */
  block(openids: readonly string[]): Promise<void>;
  /** Unblocks 1 to 20 followers; as `block`. */
  unblock(openids: readonly string[]): Promise<void>;
}

export function blacklistCalls(call: WechatCall): BlacklistCalls {
  const page: BlacklistCalls['page'] = (beginOpenid = '', signal) =>
    call(
      {
        method: 'POST',
        path: listPath,
        body: { begin_openid: beginOpenid },
        ...(signal === undefined ? {} : { signal }),
      },
      countedPage,
    );
  const change = async (path: string, openids: readonly string[]): Promise<void> => {
    checkBatch(path, openids, blacklistBatchSize);
    await call({ method: 'POST', path, body: { openid_list: openids } }, done);
  };

  return {
    page,
    // No full page size: the documents disagree about it, so only an empty page or cursor ends the list.
    members: ({ signal, ...options } = {}) =>
      openidPages(listPath, null, (cursor) => page(cursor, signal), options),
    block: (openids) => change('/cgi-bin/tags/members/batchblacklist', openids),
    unblock: (openids) => change('/cgi-bin/tags/members/batchunblacklist', openids),
  };
}
