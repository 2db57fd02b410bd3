import { type Answer, fail, isFailure, okAnswer } from './answers.ts';
import { type Call, officialAccounts, type Route, text } from './route.ts';
import { openidList } from './tags.ts';

const maxBatch = 20;

export const blacklistRoutes: Route[] = [
  {
    path: '/cgi-bin/tags/members/getblacklist',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: officialAccounts,
    handle: ({ account, body }) => {
      const begin = text(body.begin_openid) ?? '';
      const after = begin === '' ? -1 : account.followers.find(begin);
      if (after < 0 && begin !== '') return fail(40003);
      const all = account.followers.blacklisted();
      const page = all.filter((index) => index > after).slice(0, account.options.blacklistPageSize);
      if (page.length === 0) return JSON.stringify({ total: all.length, count: 0, next_openid: '' });
      const openid = account.followers.codec.encodeAll(page);
      return JSON.stringify({
        total: all.length,
        count: openid.length,
        data: { openid },
        next_openid: openid.at(-1),
      });
    },
  },
  change('batchblacklist', true),
  change('batchunblacklist', false),
];

function change(name: string, blacklisted: boolean): Route {
  return {
    path: `/cgi-bin/tags/members/${name}`,
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: officialAccounts,
    handle: ({ account, body }: Call): Answer => {
      const indexes = openidList(account, body.openid_list, maxBatch);
      if (isFailure(indexes)) return indexes;
      for (const index of indexes) account.followers.setBlacklisted(index, blacklisted);
      return okAnswer;
    },
  };
}
