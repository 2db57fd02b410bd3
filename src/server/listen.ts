import { isIPv6 } from 'node:net';
import { HongyanError } from '../base/errors.ts';

/** Where a server listens. */
export interface ListenAddress {
  host: string;
  /** 0 takes a free one. */
  port: number;
}

const minTokenLength = 32;

/** `HOST:PORT` or `[IPV6]:PORT`; null for `off`. Throws `CONFIG_INVALID`. */
export function parseListen(text: string): ListenAddress | null {
  if (text === 'off') return null;
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  const isIpv6 = found?.[1] !== undefined;
  if (host === undefined || port > 65_535 || (isIpv6 && !isIPv6(host))) {
    throw new HongyanError(
      'CONFIG_INVALID',
      `listen is HOST:PORT, [IPV6]:PORT or off, not "${text}"; for example 127.0.0.1:8790`,
    );
  }
  return { host, port };
}

/**
 * Refuses to show the API to other machines behind a token that could be guessed (`API_TOKEN_TOO_SHORT`).
 *
 * Names other than `localhost` count as other machines: what they resolve to may change.
 */
export function refuseWeakToken(address: ListenAddress, apiToken: string): void {
  if (apiToken.length >= minTokenLength || isLoopback(address.host)) return;
  throw new HongyanError(
    'API_TOKEN_TOO_SHORT',
    `the API token has ${apiToken.length} characters; to listen on ${address.host}, which other machines can reach, ` +
      `it needs ${minTokenLength}: set HONGYAN_API_TOKEN to the output of: openssl rand -base64 32`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
