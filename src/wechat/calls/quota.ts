import { z } from 'zod';
import type { WechatCall } from './call.ts';
import { count, done } from './shapes.ts';

interface RateLimit {
  call_count: number;
  refresh_second: number;
}

/** What is left of an API's quota. Lags behind and is 1 % off, says WeChat. */
export interface ApiQuota {
  /** Calls of today; the hour at which they start again is not documented. */
  quota: { daily_limit: number; used: number; remain: number };
  /** `call_count` calls in `refresh_second` seconds; absent when there is no such limit. */
  rate_limit?: RateLimit;
  component_rate_limit?: RateLimit;
}

/** What WeChat recorded of one call. */
export interface RidInfo {
  /** Unix seconds. */
  invoke_time: number;
  cost_in_ms: number;
  /** The query string, with the access_token: do not log it. */
  request_url: string;
  request_body: string;
  response_body: string;
  client_ip: string;
}

/** Quotas and diagnosis. */
export interface QuotaCalls {
  /**
   * The quota of one API of this account.
   *
   * @param cgiPath As `/cgi-bin/message/custom/send`: with the leading slash, without host and query (76003).
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_getapiquota.html
   */
  get(cgiPath: string): Promise<ApiQuota>;
  /**
   * Sets all daily counters of the account to zero. 10 times a calendar month, together with `clearBySecret`
   * and the console; then 48006.
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_clearquota.html
   */
  clear(appid: string): Promise<void>;
  /**
   * As `clear`, without a token: the way out when the quota for fetching tokens itself is used up.
   *
   * WeChat's table puts the parameters into the body, its example into the query string; both are sent.
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_clearquotabyappsecret.html
   */
  clearBySecret(appid: string, secret: string): Promise<void>;
  /**
   * Sets the counter of one API to zero; 50 times a month, at present only paths under `/channels/ec/`.
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_clearapiquota.html
   */
  clearOne(cgiPath: string): Promise<void>;
  /**
   * What WeChat recorded of the call with this rid (in `WechatError.rid`): 7 days back (76004), own account only.
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_getridinfo.html
   */
  rid(rid: string): Promise<RidInfo>;
}

const rateLimit = z.looseObject({ call_count: count, refresh_second: count });
const apiQuota = done.extend({
  quota: z.looseObject({ daily_limit: count, used: count, remain: z.int() }),
  rate_limit: rateLimit.exactOptional(),
  component_rate_limit: rateLimit.exactOptional(),
});
const recorded = done.extend({
  request: z.looseObject({
    invoke_time: count,
    cost_in_ms: count,
    request_url: z.string(),
    request_body: z.string(),
    response_body: z.string(),
    client_ip: z.string(),
  }),
});

export function quotaCalls(call: WechatCall): QuotaCalls {
  return {
    get: (cgiPath) =>
      call({ method: 'POST', path: '/cgi-bin/openapi/quota/get', body: { cgi_path: cgiPath } }, apiQuota),
    async clear(appid) {
      await call({ method: 'POST', path: '/cgi-bin/clear_quota', body: { appid } }, done);
    },
    async clearBySecret(appid, secret) {
      const credentials = { appid, appsecret: secret };
      await call(
        {
          method: 'POST',
          path: '/cgi-bin/clear_quota/v2',
          auth: 'none',
          query: credentials,
          body: credentials,
        },
        done,
      );
    },
    async clearOne(cgiPath) {
      await call({ method: 'POST', path: '/cgi-bin/openapi/quota/clear', body: { cgi_path: cgiPath } }, done);
    },
    async rid(rid) {
      const path = '/cgi-bin/openapi/rid/get';
      return (await call({ method: 'POST', path, body: { rid } }, recorded)).request;
    },
  };
}
