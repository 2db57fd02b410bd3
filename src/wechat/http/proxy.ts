import { failure } from '../../base/errors.ts';

export interface ProxySettings {
  /** Explicit proxy, `http://` or `https://`, credentials allowed; `null` connects directly; absent asks the two below. */
  proxy?: string | null | undefined;
  /** The value of `HTTPS_PROXY`: used for https targets that `noProxy` does not exempt. */
  httpsProxy?: string | undefined;
  /** The value of `NO_PROXY`: hosts, `.suffixes`, `host:port` or `*`, separated by commas or blanks. */
  noProxy?: string | undefined;
}

function exempt(target: URL, noProxy: string): boolean {
  const host = target.hostname.toLowerCase();
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  for (const raw of noProxy.toLowerCase().split(/[\s,]+/)) {
    if (raw === '') continue;
    if (raw === '*') return true;
    const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(raw);
    const name = match?.[1] ?? raw;
    if (match?.[2] !== undefined && match[2] !== port) continue;
    const suffix = name.startsWith('*.') ? name.slice(1) : name;
    if (suffix.startsWith('.') ? host.endsWith(suffix) || host === suffix.slice(1) : host === suffix)
      return true;
    if (!suffix.startsWith('.') && host.endsWith(`.${suffix}`)) return true;
  }
  return false;
}

/** The proxy through which `target` is to be reached, or null for a direct connection. */
export function chooseProxy(target: URL, settings: ProxySettings): string | null {
  if (settings.proxy === null) return null;
  if (settings.proxy !== undefined && settings.proxy !== '') return checked(settings.proxy, 'proxy');
  if (settings.httpsProxy === undefined || settings.httpsProxy === '') return null;
  if (target.protocol !== 'https:') return null;
  if (settings.noProxy !== undefined && exempt(target, settings.noProxy)) return null;
  const named = settings.httpsProxy.includes('://') ? settings.httpsProxy : `http://${settings.httpsProxy}`;
  return checked(named, 'HTTPS_PROXY');
}

function checked(value: string, setting: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    // The value may hold a password, so it is not repeated.
    throw failure('PROXY_INVALID', { setting }, { details: { setting, protocol: url?.protocol ?? null } });
  }
  return url.href;
}
