import type { WechatCall } from '../call.ts';
import { checkBatch } from './batch.ts';

/** A template of the account, for `oa-template`. */
export interface OaTemplate {
  template_id: string;
  title: string;
  /** Empty or null for category templates 类目模板. */
  primary_industry?: string | null;
  deputy_industry?: string | null;
  /** Lines with placeholders: see `parseTemplateContent`. */
  content: string;
  example: string;
}

interface Industry {
  first_class: string;
  second_class: string;
}

/** A template message that WeChat took and then intercepted. */
export interface BlockedTemplateMessage {
  /** Continue after it with `largestId`. */
  id: number | string;
  tmpl_msg_id: string;
  title: string;
  content: string;
  /** Unix seconds. */
  send_timestamp: number;
  openid: string;
}

/** Templates of template messages 模板消息 (verified service accounts; at most 25). */
export interface OaTemplateCalls {
  /**
   * Chooses the two industries, ids 1 to 41; once a month (43100). Only for old industry templates.
   *
   * @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_setindustry.html
   */
  setIndustry(industryId1: string, industryId2: string): Promise<void>;
  /** @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_getindustry.html */
  industry(): Promise<{ primary_industry?: Industry; secondary_industry?: Industry }>;
  /**
   * Adds a template of WeChat's library to the account and gives its id to send with.
   *
   * @param shortId `TM…`, `OPENTM…`, or a bare number for category templates, which also need `keywords` in the
   * order wanted (40246).
   * @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_addtemplate.html
   */
  add(shortId: string, keywords?: readonly string[]): Promise<string>;
  /** @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_getalltemplates.html */
  list(): Promise<OaTemplate[]>;
  /** @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_deletetemplate.html */
  delete(templateId: string): Promise<void>;
  /**
   * One page of intercepted messages of a template, at most 100, after the record `largestId` (0: from the
   * beginning). WeChat seems to keep the current day only.
   *
   * @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_queryblocktmplmsg.html
   */
  blockedPage(templateId: string, largestId?: number, limit?: number): Promise<BlockedTemplateMessage[]>;
  /** All intercepted messages of a template, page by page. */
  blocked(templateId: string): AsyncGenerator<BlockedTemplateMessage[], void, undefined>;
}

/** 2 one-time 一次性订阅, 3 long-term 长期订阅. */
export type SubscribeTemplateType = 2 | 3;

/** A template of the account, for `mp-subscribe` and `oa-subscribe`. */
export interface SubscribeTemplate {
  priTmplId: string;
  title: string;
  /** Lines with placeholders: see `parseTemplateContent`. */
  content: string;
  example: string;
  type: SubscribeTemplateType;
  /** The values of enum keys; `keywordCode` as `enum_string2.DATA`. */
  keywordEnumValueList?: Array<{ enumValueList: string[]; keywordCode: string }>;
}

/** A title of WeChat's library. */
export interface LibraryTitle {
  tid: number;
  title: string;
  type: SubscribeTemplateType;
  categoryId: string;
}

/** A keyword of a library title; `rule` is its class, e.g. `thing`. */
export interface LibraryKeyword {
  kid: number;
  name: string;
  example: string;
  rule: string;
}

/**
 * Templates of Mini Programs' subscribe messages 订阅消息 and Official Accounts' 订阅通知; at most 25 an account
 * (200012). Some accounts may list templates and categories only a few times a day (45009): keep the result.
 */
export interface SubscribeTemplateCalls {
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_getcategory.html */
  categories(): Promise<Array<{ id: number; name: string }>>;
  /**
   * Titles of the library in some categories, `limit` (1 to 30, default 30) from `start` (from 0).
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_getpubnewtemplatetitles.html
   */
  titles(
    categoryIds: readonly number[],
    start?: number,
    limit?: number,
  ): Promise<{ count: number; data: LibraryTitle[] }>;
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_getpubnewtemplatekeywords.html */
  keywords(tid: number | string): Promise<LibraryKeyword[]>;
  /**
   * Adds a template and gives its id. `kidList` (2 to 5) decides the order of the lines; `sceneDesc` has at most
   * 15 characters, and WeChat answers 200021 without one.
   *
   * Throws `WECHAT_BATCH_TOO_LARGE` over 5 keywords, `WECHAT_BATCH_TOO_SMALL` under 2, before the call.
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_addwxanewtemplate.html
   */
  add(template: { tid: number | string; kidList: readonly number[]; sceneDesc: string }): Promise<string>;
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_getwxapubnewtemplate.html */
  list(): Promise<SubscribeTemplate[]>;
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_delwxanewtemplate.html */
  delete(priTmplId: string): Promise<void>;
}

export function oaTemplateCalls(call: WechatCall): OaTemplateCalls {
  const post = <T>(path: string, body: object): Promise<T> => call<T>({ method: 'POST', path, body });
  const blockedPage: OaTemplateCalls['blockedPage'] = async (templateId, largestId = 0, limit = 100) => {
    const { msginfo } = await post<{ msginfo?: BlockedTemplateMessage | BlockedTemplateMessage[] }>(
      '/wxa/sec/queryblocktmplmsg',
      { tmpl_msg_id: templateId, largest_id: largestId, limit },
    );
    // WeChat's page shows one object, its answers are lists.
    return msginfo === undefined ? [] : Array.isArray(msginfo) ? msginfo : [msginfo];
  };

  return {
    async setIndustry(industryId1, industryId2) {
      await post('/cgi-bin/template/api_set_industry', {
        industry_id1: industryId1,
        industry_id2: industryId2,
      });
    },
    industry: () => call({ method: 'GET', path: '/cgi-bin/template/get_industry' }),
    async add(shortId, keywords) {
      return (
        await post<{ template_id: string }>('/cgi-bin/template/api_add_template', {
          template_id_short: shortId,
          keyword_name_list: keywords,
        })
      ).template_id;
    },
    async list() {
      const path = '/cgi-bin/template/get_all_private_template';
      return (await call<{ template_list?: OaTemplate[] }>({ method: 'GET', path })).template_list ?? [];
    },
    async delete(templateId) {
      await post('/cgi-bin/template/del_private_template', { template_id: templateId });
    },
    blockedPage,
    async *blocked(templateId) {
      let largestId = 0;
      for (;;) {
        const page = await blockedPage(templateId, largestId);
        const next = Math.max(largestId, ...page.map(({ id }) => Number(id)));
        if (page.length > 0) yield page;
        // An id that does not grow would give the same page for ever.
        if (page.length < 100 || !(next > largestId)) return;
        largestId = next;
      }
    },
  };
}

export function subscribeTemplateCalls(call: WechatCall): SubscribeTemplateCalls {
  const get = <T>(name: string, query?: Record<string, string | number>): Promise<T> =>
    call<T>({ method: 'GET', path: `/wxaapi/newtmpl/${name}`, ...(query === undefined ? {} : { query }) });
  const addPath = '/wxaapi/newtmpl/addtemplate';

  return {
    async categories() {
      return (await get<{ data?: Array<{ id: number; name: string }> }>('getcategory')).data ?? [];
    },
    async titles(categoryIds, start = 0, limit = 30) {
      const { count, data } = await get<{ count: number; data?: LibraryTitle[] }>('getpubtemplatetitles', {
        ids: categoryIds.join(','),
        start,
        limit,
      });
      return { count, data: data ?? [] };
    },
    async keywords(tid) {
      return (await get<{ data?: LibraryKeyword[] }>('getpubtemplatekeywords', { tid })).data ?? [];
    },
    async add({ tid, kidList, sceneDesc }) {
      checkBatch(addPath, kidList, 5, 2);
      const body = { tid: String(tid), kidList, sceneDesc };
      return (await call<{ priTmplId: string }>({ method: 'POST', path: addPath, body })).priTmplId;
    },
    async list() {
      return (await get<{ data?: SubscribeTemplate[] }>('gettemplate')).data ?? [];
    },
    async delete(priTmplId) {
      await call({ method: 'POST', path: '/wxaapi/newtmpl/deltemplate', body: { priTmplId } });
    },
  };
}
