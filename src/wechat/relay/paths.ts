/**
 * What a program that speaks WeChat may do at a path through us.
 *
 * - `call`: passed on with the account's token.
 * - `send`: the same, and it messages people: the account's rate and limits are asked first.
 * - `token`: it gives a token, takes an AppSecret or a user's own token, or concerns the account's credentials. Refused.
 * - `quota`: clear_quota, of which there are 10 a month for everybody. Refused.
 * - `unknown`: none of WeChat's server API. Refused.
 */
export type RelayKind = 'call' | 'send' | 'token' | 'quota' | 'unknown';

/** First parts of the paths of WeChat's server API that take an account's access_token. */
const relayRoots = [
  ...['cgi-bin', 'wxa', 'wxaapi', 'datacube', 'customservice', 'card', 'semantic', 'cv', 'scan'],
  ...['shop', 'product', 'channels', 'merchant', 'bizwifi', 'shakearound', 'tcb'],
] as const;

/** Below these everything gives or takes credentials. */
const tokenPrefixes = ['sns/', 'cgi-bin/component/'];
const tokenPaths: ReadonlySet<string> = new Set([
  ...['cgi-bin/token', 'cgi-bin/stable_token', 'wxa/resetusersessionkey'],
  ...['cgi-bin/clear_quota/v2', 'wxa/component'],
]);

/** Plain names: nothing that another server could read as another path. */
const plainPath = /^(?!.*\.\.)[A-Za-z0-9_][\w.-]{0,63}(?:\/[A-Za-z0-9_][\w.-]{0,63}){0,7}$/;

/** @param path without the slash in front, e.g. `cgi-bin/user/get` */
export function relayKind(path: string): RelayKind {
  // In small letters: nobody promises that WeChat tells `Token` from `token`.
  const name = path.toLowerCase();
  if (!plainPath.test(path)) return 'unknown';
  if (tokenPaths.has(name) || tokenPrefixes.some((prefix) => name.startsWith(prefix))) return 'token';
  if (name === 'cgi-bin/clear_quota') return 'quota';
  if (!relayRoots.some((root) => name.startsWith(`${root}/`))) return 'unknown';
  return name.startsWith('cgi-bin/message/') ? 'send' : 'call';
}
