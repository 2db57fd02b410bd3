import { z } from 'zod';
import { checkBatch } from './batch.ts';
import type { WechatCall } from './call.ts';
import { count, done, name, textOrNone } from './shapes.ts';

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

/** 2 one-time 一次性订阅, 3 long-term 长期订阅; WeChat may add others. */
export type SubscribeTemplateType = number;

/** A template of the account, for `mp-subscribe` and `oa-subscribe`. */
export interface SubscribeTemplate {
  priTmplId: string;
  title: string;
  /** Lines with placeholders: see `parseTemplateContent`. */
  content: string;
  example: string;
  type: SubscribeTemplateType;
  /** The values of enum keys; `keywordCode` as `enum_string2.DATA`. */
  keywordEnumValueList: Array<{ enumValueList: string[]; keywordCode: string }>;
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

const industry = z.looseObject({ first_class: z.string(), second_class: z.string() });
const industries = z.looseObject({
  primary_industry: industry,
  secondary_industry: industry.exactOptional(),
});
const addedOa = done.extend({ template_id: name });
const oaTemplates = z.looseObject({
  template_list: z.array(
    z.looseObject({
      template_id: name,
      title: z.string(),
      primary_industry: z.string().nullable().exactOptional(),
      deputy_industry: z.string().nullable().exactOptional(),
      content: z.string(),
      example: textOrNone,
    }),
  ),
});
const blockedMessage = z.looseObject({
  id: z.union([count, name]),
  tmpl_msg_id: z.string(),
  title: z.string(),
  content: z.string(),
  send_timestamp: count,
  openid: z.string(),
});
// WeChat's page shows one object, its answers are lists, empty ones too.
const blockedMessages = z.looseObject({
  msginfo: z.union([z.array(blockedMessage), blockedMessage.transform((one) => [one])]),
});

export function oaTemplateCalls(call: WechatCall): OaTemplateCalls {
  const post = <S extends z.ZodType>(path: string, body: object, shape: S): Promise<z.output<S>> =>
    call({ method: 'POST', path, body }, shape);
  const blockedPage: OaTemplateCalls['blockedPage'] = async (templateId, largestId = 0, limit = 100) => {
    const body = { tmpl_msg_id: templateId, largest_id: largestId, limit };
    return (await post('/wxa/sec/queryblocktmplmsg', body, blockedMessages)).msginfo;
  };

  return {
    async setIndustry(industryId1, industryId2) {
      const body = { industry_id1: industryId1, industry_id2: industryId2 };
      await post('/cgi-bin/template/api_set_industry', body, done);
    },
    industry: () => call({ method: 'GET', path: '/cgi-bin/template/get_industry' }, industries),
    async add(shortId, keywords) {
      const body = { template_id_short: shortId, keyword_name_list: keywords };
      return (await post('/cgi-bin/template/api_add_template', body, addedOa)).template_id;
    },
    async list() {
      const path = '/cgi-bin/template/get_all_private_template';
      return (await call({ method: 'GET', path }, oaTemplates)).template_list;
    },
    async delete(templateId) {
      await post('/cgi-bin/template/del_private_template', { template_id: templateId }, done);
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

const categories = done.extend({ data: z.array(z.looseObject({ id: count, name: z.string() })) });
const titles = done.extend({
  count,
  data: z.array(
    z.looseObject({
      tid: count,
      title: z.string(),
      type: count,
      categoryId: z.union([z.string(), z.int().transform(String)]),
    }),
  ),
});
const keywords = done.extend({
  data: z.array(z.looseObject({ kid: count, name: z.string(), example: textOrNone, rule: z.string() })),
});
const addedSubscribe = done.extend({ priTmplId: name });
const subscribeTemplates = done.extend({
  data: z.array(
    z.looseObject({
      priTmplId: name,
      title: z.string(),
      content: z.string(),
      example: textOrNone,
      type: count,
      keywordEnumValueList: z
        .array(z.looseObject({ enumValueList: z.array(z.string()), keywordCode: name }))
        .nullish()
        .transform((list) => list ?? []),
    }),
  ),
});

export function subscribeTemplateCalls(call: WechatCall): SubscribeTemplateCalls {
  const get = <S extends z.ZodType>(
    api: string,
    shape: S,
    query?: Record<string, string | number>,
  ): Promise<z.output<S>> =>
    call({ method: 'GET', path: `/wxaapi/newtmpl/${api}`, ...(query === undefined ? {} : { query }) }, shape);
  const addPath = '/wxaapi/newtmpl/addtemplate';

  return {
    async categories() {
      return (await get('getcategory', categories)).data;
    },
    async titles(categoryIds, start = 0, limit = 30) {
      const query = { ids: categoryIds.join(','), start, limit };
      const { count, data } = await get('getpubtemplatetitles', titles, query);
      return { count, data };
    },
    async keywords(tid) {
      return (await get('getpubtemplatekeywords', keywords, { tid })).data;
    },
    async add({ tid, kidList, sceneDesc }) {
      checkBatch(addPath, kidList, 5, 2);
      const body = { tid: String(tid), kidList, sceneDesc };
      return (await call({ method: 'POST', path: addPath, body }, addedSubscribe)).priTmplId;
    },
    async list() {
      return (await get('gettemplate', subscribeTemplates)).data;
    },
    async delete(priTmplId) {
      await call({ method: 'POST', path: '/wxaapi/newtmpl/deltemplate', body: { priTmplId } }, done);
    },
  };
}
