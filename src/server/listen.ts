import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';
import { errorCode, HongyanError } from '../base/errors.ts';

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

/**
 * Finds out whether a server could listen there, before anything else is started: throws `ADDRESS_IN_USE`,
 * `LISTEN_FAILED`.
 */
export async function requireFreeAddress({ host, port }: ListenAddress): Promise<void> {
  const probe = createServer();
  try {
    probe.listen({ host, port });
    await once(probe, 'listening');
  } catch (error) {
    throw explainListenError(error, { host, port });
  } finally {
    if (probe.listening) {
      probe.close();
      await once(probe, 'close');
    }
  }
}

/** Turns the ways in which an address cannot be listened on into errors that say what to do; others pass. */
export function explainListenError(error: unknown, { host, port }: ListenAddress): unknown {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    return new HongyanError(
      'ADDRESS_IN_USE',
      `${host}:${port} is taken, perhaps by another "hongyan serve"; set HONGYAN_LISTEN to another address, or to off to deliver without listening`,
      { cause: error },
    );
  }
  if (code === undefined || !['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code))
    return error;
  return new HongyanError(
    'LISTEN_FAILED',
    `cannot listen on ${host}:${port} (${code}); set HONGYAN_LISTEN to an address of this machine and a port that this user may open`,
    { cause: error },
  );
}
