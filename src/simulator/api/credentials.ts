import { digest } from '../random.ts';
import { fail, okAnswer } from './answers.ts';
import { type Body, type Credentials, queryValue, type Route, text } from './route.ts';

/** Tokens, and the quota reset that needs none. */
export const credentialRoutes: Route[] = [
  {
    path: '/cgi-bin/token',
    method: 'GET',
    auth: 'secret',
    body: 'none',
    unverified: true,
    credentials: ({ query }) => ({
      appid: queryValue(query, 'appid'),
      secret: queryValue(query, 'secret'),
      grantType: queryValue(query, 'grant_type'),
      expectedGrantType: 'client_credential',
    }),
    handle: ({ account, nowMs }) => answer(account.tokens.classic(nowMs)),
  },
  {
    path: '/cgi-bin/stable_token',
    method: 'POST',
    auth: 'secret',
    body: 'json',
    unverified: true,
    credentials: ({ body }) => ({
      appid: text(body.appid),
      secret: text(body.secret),
      grantType: text(body.grant_type),
      expectedGrantType: 'client_credential',
    }),
    handle: ({ account, nowMs, body }) => {
      // Within 30 s of the last forced refresh the current token is returned and nothing is spent.
      if (body.force_refresh !== true || !account.tokens.canForce(nowMs)) {
        return answer(account.tokens.stable(nowMs));
      }
      const forced = account.quotas.api(forcedFlag);
      forced.limit = { daily: 20 };
      const refused = account.quotas.spend(forced, nowMs);
      return refused === 0 ? answer(account.tokens.forced(nowMs)) : fail(refused);
    },
  },
  {
    path: '/cgi-bin/clear_quota/v2',
    method: 'POST',
    auth: 'secret',
    body: 'raw',
    unverified: true,
    // The documents' table has the parameters in the body, their example in the query: both work.
    credentials: ({ query, body }): Credentials => ({
      appid: queryValue(query, 'appid') ?? text(body.appid),
      secret: queryValue(query, 'appsecret') ?? text(body.appsecret),
      grantType: undefined,
      expectedGrantType: undefined,
    }),
    handle: ({ account, nowMs }) => (account.quotas.clearAll(nowMs) ? okAnswer : fail(48006)),
  },
  {
    path: '/sns/jscode2session',
    method: 'GET',
    auth: 'secret',
    body: 'none',
    kinds: ['miniprogram'],
    unverified: true,
    credentials: ({ query }) => ({
      appid: queryValue(query, 'appid'),
      secret: queryValue(query, 'secret'),
      grantType: queryValue(query, 'grant_type'),
      expectedGrantType: 'authorization_code',
    }),
    handle: ({ account, nowMs, query }) => {
      const code = queryValue(query, 'js_code');
      if (code === undefined || code === '') return fail(41008);
      const issued = account.jsCodes.get(code);
      if (issued === undefined || issued.expiresAtMs <= nowMs) return fail(40029);
      if (issued.used) return fail(40163);
      issued.used = true;
      const unionid = account.unionid(issued.index);
      const session: Body = {
        session_key: digest('session', code, account.appid).toString('base64', 0, 16),
        openid: account.followers.openid(issued.index),
        ...(unionid === undefined ? {} : { unionid }),
      };
      return JSON.stringify(session);
    },
  },
];

/** Forced refreshes are counted beside the calls; not a path of WeChat's. */
const forcedFlag = '/cgi-bin/stable_token#force_refresh';

function answer({ token, expiresIn }: { token: string; expiresIn: number }): string {
  return `{"access_token":"${token}","expires_in":${expiresIn}}`;
}
