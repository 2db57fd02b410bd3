import { z } from 'zod';
import { WechatError } from '../error.ts';
import { checkBatch, splitBatches } from './batch.ts';
import type { WechatCall } from './call.ts';
import {
  countedPage,
  type OpenidPage,
  type OpenidPageAnswer,
  type OpenidPagesOptions,
  openidPages,
} from './openid-pages.ts';
import { count, done, name } from './shapes.ts';

const getPath = '/cgi-bin/user/get';
const batchPath = '/cgi-bin/user/info/batchget';
/** People per call of `user/info/batchget`. */
const userInfoBatchSize = 100;

/** Language of `language`-dependent values. */
export type UserLang = 'zh_CN' | 'zh_TW' | 'en';

/**
 * A person as WeChat describes them. Name, sex, place and picture have not been returned since 2021-12-27.
 * For somebody who does not follow only `subscribe: 0` and `openid` are certain.
 */
export interface UserInfo {
  /** 1 follows, 0 does not. */
  subscribe: 0 | 1;
  openid: string;
  /** Only when the account is bound to an Open Platform account. */
  unionid?: string;
  language?: string;
  /** When the person last followed, Unix seconds. */
  subscribe_time?: number;
  remark?: string;
  groupid?: number;
  tagid_list?: number[];
  /** How the person came, e.g. `ADD_SCENE_QR_CODE`. */
  subscribe_scene?: string;
  qr_scene?: number;
  qr_scene_str?: string;
}

/** Followers of an Official Account (verified accounts only). */
export interface UserCalls {
  /**
   * One page of followers: at most 10,000 openids after `nextOpenid` (exclusive; empty: from the beginning).
   * 500 calls a day. Beyond the last follower `data` is missing.
   *
   * @see https://developers.weixin.qq.com/doc/service/api/usermanage/userinfo/api_getfans.html
   */
  page(nextOpenid?: string, signal?: AbortSignal): Promise<OpenidPageAnswer>;
  /**
   * All followers, page by page. To continue after a crash, keep `nextOpenid` together with the page and pass
   * it as `from`. People who follow or leave meanwhile may be missing or come twice: drop duplicates.
   *
   * Throws what `page` throws, `WECHAT_PAGING_STUCK`, `WECHAT_PAGE_EMPTY`, `WECHAT_PAGES_SHORT`. Take nobody for gone
   * after it threw.
   *
   * @example
   * for await (const { openids, total } of users.followers()) console.log(openids.length, total);
   */
  followers(options?: OpenidPagesOptions): AsyncGenerator<OpenidPage, void, undefined>;
  /**
   * One person. An openid of another account answers 40003. 5,000,000 calls a day.
   *
   * @see https://developers.weixin.qq.com/doc/service/api/usermanage/userinfo/api_userinfo.html
   */
  info(openid: string, lang?: UserLang): Promise<UserInfo>;
  /**
   * 1 to 100 people in one call, in the order asked. One wrong openid fails the whole call with 40003: `batchInfoApart`.
   *
   * Throws `WECHAT_BATCH_TOO_LARGE` over 100, `WECHAT_BATCH_TOO_SMALL` for none, before the call.
   *
   * @see https://developers.weixin.qq.com/doc/offiaccount/User_Management/Get_users_basic_information_UnionID.html
   */
  batchInfo(openids: readonly string[], lang?: UserLang, signal?: AbortSignal): Promise<UserInfo[]>;
  /**
   * As `batchInfo`. Where WeChat refuses the group for a wrong openid (40003) it is halved until that one is found, in about
   * 14 calls more for one of a hundred; the others get their answer, and `invalid` names it.
   */
  batchInfoApart(
    openids: readonly string[],
    lang?: UserLang,
    signal?: AbortSignal,
  ): Promise<{ infos: UserInfo[]; invalid: string[] }>;
  /** Any number of people, 100 a call, one call after the other; gives each call's people as they come. */
  infos(
    openids: readonly string[],
    options?: { lang?: UserLang; signal?: AbortSignal },
  ): AsyncGenerator<UserInfo[], void, undefined>;
  /**
   * Sets the name under which the account's own people see a follower; under 30 characters. 10,000 calls a day.
   *
   * @see https://developers.weixin.qq.com/doc/offiaccount/User_Management/Configuring_user_notes.html
   */
  updateRemark(openid: string, remark: string): Promise<void>;
}

/** errcode of a group in which one openid is none of this account's. */
const invalidOpenid = 40003;

const person = z.looseObject({
  // Whoever has no `subscribe` is not one who left.
  subscribe: z.union([z.literal(0), z.literal(1)]),
  openid: name,
  unionid: z.string().exactOptional(),
  subscribe_time: count.exactOptional(),
  remark: z.string().exactOptional(),
  tagid_list: z.array(count).exactOptional(),
  subscribe_scene: z.string().exactOptional(),
});
const somebodyElse = { message: 'it is about somebody else' };

/** People out of those who were asked about, each once. */
function asked(openids: readonly string[]) {
  const list = z.array(person).refine((people) => {
    const left = new Set(openids);
    return people.every(({ openid }) => left.delete(openid));
  }, somebodyElse);
  return z.looseObject({ user_info_list: list });
}

export function userCalls(call: WechatCall): UserCalls {
  const page: UserCalls['page'] = (nextOpenid = '', signal) =>
    call(
      {
        method: 'GET',
        path: getPath,
        query: { next_openid: nextOpenid === '' ? undefined : nextOpenid },
        ...(signal === undefined ? {} : { signal }),
      },
      countedPage,
    );

  const batchInfo: UserCalls['batchInfo'] = async (openids, lang = 'zh_CN', signal) => {
    checkBatch(batchPath, openids, userInfoBatchSize);
    const { user_info_list: list } = await call(
      {
        method: 'POST',
        path: batchPath,
        body: { user_list: openids.map((openid) => ({ openid, lang })) },
        ...(signal === undefined ? {} : { signal }),
      },
      asked(openids),
    );
    return list;
  };

  const batchInfoApart: UserCalls['batchInfoApart'] = async (openids, lang, signal) => {
    try {
      return { infos: await batchInfo(openids, lang, signal), invalid: [] };
    } catch (error) {
      if (!(error instanceof WechatError) || error.errcode !== invalidOpenid) throw error;
      if (openids.length === 1) return { infos: [], invalid: [...openids] };
    }
    const half = Math.ceil(openids.length / 2);
    const first = await batchInfoApart(openids.slice(0, half), lang, signal);
    const second = await batchInfoApart(openids.slice(half), lang, signal);
    return { infos: [...first.infos, ...second.infos], invalid: [...first.invalid, ...second.invalid] };
  };

  return {
    page,
    followers: ({ signal, ...options } = {}) =>
      openidPages(getPath, 10_000, (cursor) => page(cursor, signal), options),
    info: (openid, lang = 'zh_CN') =>
      call(
        { method: 'GET', path: '/cgi-bin/user/info', query: { openid, lang } },
        person.refine((one) => one.openid === openid, somebodyElse),
      ),
    batchInfo,
    batchInfoApart,
    async *infos(openids, { lang, signal } = {}) {
      for (const group of splitBatches(openids, userInfoBatchSize)) yield batchInfo(group, lang, signal);
    },
    async updateRemark(openid, remark) {
      const path = '/cgi-bin/user/info/updateremark';
      await call({ method: 'POST', path, body: { openid, remark } }, done);
    },
  };
}
