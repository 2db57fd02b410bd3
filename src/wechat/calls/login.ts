import { z } from 'zod';
import type { WechatCall } from './call.ts';
import { name } from './shapes.ts';

/** Who logged in to the Mini Program. */
export interface CodeSession {
  openid: string;
  /** Decrypts what the Mini Program sends. A secret: never hand it to the Mini Program, never log it. */
  session_key: string;
  /** Only when the Mini Program is bound to an Open Platform account. */
  unionid?: string;
}

/** Login of a Mini Program. */
export interface LoginCalls {
  /**
   * Exchanges the code of `wx.login` for the person's openid. A code works once and for 5 minutes: 40029 wrong
   * or expired, 40163 used, 40226 a user that WeChat refuses; 45011 over 100 logins a minute and person.
   *
   * Needs no access_token but the AppSecret, which travels in the query string: it checks the IP whitelist.
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_code2session.html
   */
  codeToSession(login: { appid: string; secret: string; jsCode: string }): Promise<CodeSession>;
}

const session = z.looseObject({ openid: name, session_key: name, unionid: z.string().exactOptional() });

export function loginCalls(call: WechatCall): LoginCalls {
  return {
    codeToSession: ({ appid, secret, jsCode }) =>
      call(
        {
          method: 'GET',
          path: '/sns/jscode2session',
          auth: 'none',
          query: { appid, secret, js_code: jsCode, grant_type: 'authorization_code' },
        },
        session,
      ),
  };
}
