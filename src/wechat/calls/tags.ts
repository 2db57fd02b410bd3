import { z } from 'zod';
import { checkBatch } from './batch.ts';
import type { WechatCall } from './call.ts';
import {
  type OpenidPage,
  type OpenidPageAnswer,
  type OpenidPagesOptions,
  openidPages,
  page,
} from './openid-pages.ts';
import { count, done } from './shapes.ts';

const membersPath = '/cgi-bin/user/tag/get';
/** People per call of tagging and untagging. */
const taggingBatchSize = 50;

/** A tag 标签. Ids 0, 1 and 2 are WeChat's own and cannot be changed (45058). */
export interface Tag {
  id: number;
  name: string;
  /** Followers with it; only in `list`. */
  count?: number;
}

/**
 * Tags of an Official Account: at most 100 an account and 20 a follower.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/User_Management/User_Tag_Management.html
 */
export interface TagCalls {
  /** Makes a tag; at most 30 characters (45158; UTF-8 bytes by WeChat's error text). A name twice is 45157. */
  create(name: string): Promise<Tag>;
  /** All tags with their number of followers. */
  list(): Promise<Tag[]>;
  /** Gives a tag another name. */
  rename(id: number, name: string): Promise<void>;
  /** Deletes a tag; over 100,000 followers it is refused (45057). */
  delete(id: number): Promise<void>;
  /** One page of a tag's followers, at most 10,000, after `nextOpenid` (exclusive). */
  memberPage(tagid: number, nextOpenid?: string, signal?: AbortSignal): Promise<OpenidPageAnswer>;
  /** All followers with a tag, page by page; continue and duplicates as in `users.followers`. No `total`. */
  members(tagid: number, options?: OpenidPagesOptions): AsyncGenerator<OpenidPage, void, undefined>;
  /**
   * Puts a tag on 1 to 50 followers; 100,000 calls a day.
   * Throws `WECHAT_BATCH_TOO_LARGE` over 50, `WECHAT_BATCH_TOO_SMALL` for none, before the call.
   */
  tagUsers(tagid: number, openids: readonly string[]): Promise<void>;
  /** Takes a tag off 1 to 50 followers; as `tagUsers`. */
  untagUsers(tagid: number, openids: readonly string[]): Promise<void>;
  /** The ids of one follower's tags. */
  ofUser(openid: string): Promise<number[]>;
}

const tag = z.looseObject({ id: count, name: z.string() });
const created = z.looseObject({ tag });
const list = z.looseObject({ tags: z.array(tag.extend({ count })) });
const tagsOfUser = z.looseObject({ tagid_list: z.array(count) });

export function tagCalls(call: WechatCall): TagCalls {
  const memberPage: TagCalls['memberPage'] = (tagid, nextOpenid = '', signal) =>
    call(
      {
        // WeChat's page says GET, with a body; POST is what its own example and every client send.
        method: 'POST',
        path: membersPath,
        body: { tagid, next_openid: nextOpenid },
        ...(signal === undefined ? {} : { signal }),
      },
      page,
    );
  const change = async (path: string, tagid: number, openids: readonly string[]): Promise<void> => {
    checkBatch(path, openids, taggingBatchSize);
    await call({ method: 'POST', path, body: { openid_list: openids, tagid } }, done);
  };

  return {
    async create(name) {
      const path = '/cgi-bin/tags/create';
      return (await call({ method: 'POST', path, body: { tag: { name } } }, created)).tag;
    },
    async list() {
      return (await call({ method: 'GET', path: '/cgi-bin/tags/get' }, list)).tags;
    },
    async rename(id, name) {
      await call({ method: 'POST', path: '/cgi-bin/tags/update', body: { tag: { id, name } } }, done);
    },
    async delete(id) {
      await call({ method: 'POST', path: '/cgi-bin/tags/delete', body: { tag: { id } } }, done);
    },
    memberPage,
    members: (tagid, { signal, ...options } = {}) =>
      openidPages(membersPath, 10_000, (cursor) => memberPage(tagid, cursor, signal), options),
    tagUsers: (tagid, openids) => change('/cgi-bin/tags/members/batchtagging', tagid, openids),
    untagUsers: (tagid, openids) => change('/cgi-bin/tags/members/batchuntagging', tagid, openids),
    async ofUser(openid) {
      const path = '/cgi-bin/tags/getidlist';
      return (await call({ method: 'POST', path, body: { openid } }, tagsOfUser)).tagid_list;
    },
  };
}
