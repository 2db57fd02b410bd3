import { z } from 'zod';
import type { WechatCall } from './call.ts';
import { name } from './shapes.ts';

/** How WeChat reaches the callback URL. */
export interface CallbackCheck {
  dns?: Array<{ ip: string; real_operator: string }>;
  /** `package_loss` as `0%`, `time` as `23.079ms`. */
  ping?: Array<{ ip: string; from_operator: string; package_loss: string; time: string }>;
}

/** Addresses of WeChat and reachability of the callback URL. */
export interface NetworkCalls {
  /**
   * Lets WeChat look up and ping the callback URL's host. 40201 when no URL is set.
   *
   * @param operator From which network; `CAP` is Tencent's own. Default `DEFAULT`.
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_callbackcheck.html
   */
  checkCallback(
    action?: 'dns' | 'ping' | 'all',
    operator?: 'CHINANET' | 'UNICOM' | 'CAP' | 'DEFAULT',
  ): Promise<CallbackCheck>;
  /**
   * The addresses and CIDR blocks from which WeChat calls the callback URL. They change: ask once a day.
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_getcallbackip.html
   */
  callbackIps(): Promise<string[]>;
  /**
   * The addresses and CIDR blocks of api.weixin.qq.com. They change: ask once a day.
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_getapidomainip.html
   */
  apiIps(): Promise<string[]>;
}

const list = z.looseObject({ ip_list: z.array(name) });
const dns = z.array(z.looseObject({ ip: name, real_operator: z.string() }));
const ping = z.array(
  z.looseObject({ ip: name, from_operator: z.string(), package_loss: z.string(), time: z.string() }),
);
const checks = {
  dns: z.looseObject({ dns }),
  ping: z.looseObject({ ping }),
  all: z.looseObject({ dns, ping }),
};

export function networkCalls(call: WechatCall): NetworkCalls {
  const addresses = async (path: string): Promise<string[]> =>
    (await call({ method: 'GET', path }, list)).ip_list;
  return {
    // A check of all operators takes WeChat longer than an ordinary call.
    checkCallback: (action = 'all', operator = 'DEFAULT') =>
      call(
        {
          method: 'POST',
          path: '/cgi-bin/callback/check',
          body: { action, check_operator: operator },
          timeoutMs: 60_000,
        },
        checks[action],
      ),
    callbackIps: () => addresses('/cgi-bin/getcallbackip'),
    apiIps: () => addresses('/cgi-bin/get_api_domain_ip'),
  };
}
