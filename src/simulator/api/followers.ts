import { mix } from '../random.ts';
import type { Account } from '../state/account.ts';
import { salts } from '../state/followers.ts';
import { type Failure, fail, okAnswer } from './answers.ts';
import { type Body, type Call, object, officialAccounts, queryValue, type Route, text } from './route.ts';

const pageSize = 10_000;
const scenes = [
  'ADD_SCENE_SEARCH',
  'ADD_SCENE_PROFILE_CARD',
  'ADD_SCENE_QR_CODE',
  'ADD_SCENE_OTHERS',
] as const;

/** Who may ask for people: Official Accounts, and a Mini Program only for the tutorials' sake. */
function mayList(account: Account): Failure | undefined {
  return account.options.kind === 'miniprogram' && !account.options.legacy ? fail(48001) : undefined;
}

export const followerRoutes: Route[] = [
  {
    path: '/cgi-bin/user/get',
    method: 'GET',
    auth: 'token',
    body: 'none',
    permit: mayList,
    handle: ({ account, query }) => {
      const next = queryValue(query, 'next_openid');
      const { followers, options } = account;
      const after = next === undefined || next === '' ? -1 : followers.find(next);
      if (after < 0 && next !== undefined && next !== '') return fail(40003);
      const indexes = followers.page(after, pageSize);
      const { total } = followers;
      // No `data` at all: the page after the last one, and an empty account.
      if (indexes.length === 0) return `{"total":${total},"count":0,"next_openid":""}`;
      const openids = followers.codec.encodeAll(indexes);
      const isLast = indexes.length < pageSize || followers.page(indexes.at(-1) as number, 1).length === 0;
      const cursor = isLast && options.lastPageNextOpenid === 'empty' ? '' : openids.at(-1);
      return `{"total":${total},"count":${openids.length},"data":{"openid":["${openids.join('","')}"]},"next_openid":"${cursor}"}`;
    },
  },
  {
    path: '/cgi-bin/user/info',
    method: 'GET',
    auth: 'token',
    body: 'none',
    kinds: officialAccounts,
    handle: ({ account, query }) => {
      const index = account.followers.find(queryValue(query, 'openid'));
      if (index < 0) return fail(40003);
      return JSON.stringify(info(account, index, queryValue(query, 'lang')));
    },
  },
  {
    path: '/cgi-bin/user/info/batchget',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: officialAccounts,
    handle: ({ account, body }) => {
      const list = body.user_list;
      if (!Array.isArray(list) || list.length === 0) return fail(40031);
      if (list.length > 100) return fail(40032);
      const infos: Body[] = [];
      for (const entry of list) {
        const asked = object(entry);
        const index = account.followers.find(asked?.openid);
        if (index >= 0) infos.push(info(account, index, text(asked?.lang)));
        else if (account.options.batchgetForeignOpenid === 'fail') return fail(40003);
        else infos.push({ subscribe: 0, openid: asked?.openid });
      }
      return JSON.stringify({ user_info_list: infos });
    },
  },
  {
    path: '/cgi-bin/user/info/updateremark',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: officialAccounts,
    handle: ({ account, body }: Call) => {
      const index = account.followers.find(body.openid);
      if (index < 0) return fail(40003);
      const remark = text(body.remark) ?? '';
      if (remark.length >= 30) return fail(40035);
      account.remarks.set(index, remark);
      return okAnswer;
    },
  },
];

function info(account: Account, index: number, lang: string | undefined): Body {
  const { followers } = account;
  const openid = followers.openid(index);
  const unionid = account.unionid(index);
  if (!followers.follows(index)) {
    return { subscribe: 0, openid, ...(unionid === undefined ? {} : { unionid }) };
  }
  const tags = account.tags.of(index);
  return {
    subscribe: 1,
    openid,
    language: lang ?? 'zh_CN',
    subscribe_time: followers.since(index),
    ...(unionid === undefined ? {} : { unionid }),
    remark: account.remarks.get(index) ?? '',
    groupid: tags[0] ?? 0,
    tagid_list: tags,
    subscribe_scene: scenes[mix(followers.seed, index, salts.scene) % scenes.length],
    qr_scene: 0,
    qr_scene_str: '',
  };
}
