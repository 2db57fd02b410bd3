import { isIP } from 'node:net';
import { RidLog } from '../state/rid.ts';
import { fail, okAnswer } from './answers.ts';
import { type Route, text } from './route.ts';

const ridForm = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/;

/** Quotas, rids, callback addresses. `routeOf` finds all routes, these among them. */
export const diagnosticRoutes = (routeOf: (path: string) => Route | undefined): Route[] => [
  {
    path: '/cgi-bin/clear_quota',
    method: 'POST',
    auth: 'token',
    body: 'json',
    unverified: true,
    handle: ({ account, body, nowMs }) => {
      if (body.appid !== account.appid) return fail(40013);
      return account.quotas.clearAll(nowMs) ? okAnswer : fail(48006);
    },
  },
  {
    path: '/cgi-bin/openapi/quota/clear',
    method: 'POST',
    auth: 'token',
    body: 'json',
    unverified: true,
    // Only paths of WeChat's shops may be cleared one by one, and the simulator has none of them.
    handle: () => fail(76022),
  },
  {
    path: '/cgi-bin/openapi/quota/get',
    method: 'POST',
    auth: 'token',
    body: 'json',
    unverified: true,
    handle: ({ account, body, nowMs }) => {
      const path = text(body.cgi_path) ?? '';
      if (!path.startsWith('/') || path.includes('?')) return fail(76003);
      if (path.startsWith('/sns/')) return fail(76022);
      const route = routeOf(path);
      if (route === undefined) return fail(76021);
      if (route.kinds !== undefined && !route.kinds.includes(account.options.kind)) return fail(76022);
      const { limit } = account.quotas.api(path);
      // `used` of the token endpoint stays 0, as it does in reality.
      const used = path === '/cgi-bin/token' ? 0 : account.quotas.usedToday(path, nowMs);
      const daily = limit.daily ?? noLimit;
      return JSON.stringify({
        errcode: 0,
        errmsg: 'ok',
        quota: { daily_limit: daily, used, remain: Math.max(0, daily - used) },
        ...(limit.minute === undefined
          ? {}
          : { rate_limit: { call_count: limit.minute, refresh_second: 60 } }),
      });
    },
  },
  {
    path: '/cgi-bin/openapi/rid/get',
    method: 'POST',
    auth: 'token',
    body: 'json',
    unverified: true,
    handle: ({ account, body, nowMs, world }) => {
      const rid = text(body.rid) ?? '';
      if (!ridForm.test(rid)) return fail(76002);
      if (RidLog.isTooOld(rid, nowMs)) return fail(76004);
      const entry = world.rids.get(rid);
      if (entry === undefined) return fail(76001);
      if (entry.appid !== account.appid) return fail(76003);
      return JSON.stringify({
        errcode: 0,
        errmsg: 'ok',
        request: {
          invoke_time: Math.floor(entry.invokedAtMs / 1000),
          cost_in_ms: Math.round(account.options.latencyMs),
          request_url: entry.requestUrl.replace(/(access_token=.{9})[^&]*/, '$1xxxx'),
          request_body: entry.requestBody,
          response_body: entry.responseBody,
          client_ip: entry.clientIp,
        },
      });
    },
  },
  {
    path: '/cgi-bin/getcallbackip',
    method: 'GET',
    auth: 'token',
    body: 'none',
    unverified: true,
    handle: () => '{"ip_list":["127.0.0.1","127.0.0.2","101.226.103.0/25"]}',
  },
  {
    path: '/cgi-bin/get_api_domain_ip',
    method: 'GET',
    auth: 'token',
    body: 'none',
    unverified: true,
    handle: () => '{"ip_list":["127.0.0.1"]}',
  },
  {
    path: '/cgi-bin/callback/check',
    method: 'POST',
    auth: 'token',
    body: 'json',
    unverified: true,
    handle: ({ account, body }) => {
      const { action, check_operator: operator } = body;
      if (action !== 'dns' && action !== 'ping' && action !== 'all') return fail(40202);
      if (typeof operator !== 'string' || !operators.has(operator)) return fail(40203);
      const { settings } = account.events;
      if (settings === undefined) return fail(40201);
      // No name is looked up: the simulator tells what a machine without a resolver could.
      const host = new URL(settings.url).hostname.replace(/^\[|\]$/g, '');
      const ip = isIP(host) === 0 ? '127.0.0.1' : host;
      const dns = [{ ip, real_operator: operator === 'DEFAULT' ? 'UNICOM' : operator }];
      const ping = [{ ip, from_operator: operator, package_loss: '0%', time: '0.079ms' }];
      return JSON.stringify({
        ...(action === 'ping' ? {} : { dns }),
        ...(action === 'dns' ? {} : { ping }),
      });
    },
  },
];

const operators = new Set(['CHINANET', 'UNICOM', 'CAP', 'DEFAULT']);
/** `quota/get` always has a number, also for paths without a documented limit. */
const noLimit = 1_000_000_000;
