import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';
import { errorCode, failure } from '../base/errors.ts';
import { minAdminKeyLength, secretRules } from '../base/secret-rules.ts';

/** Where a server listens. */
export interface ListenAddress {
  host: string;
  /** 0 takes a free one. */
  port: number;
}

/** `HOST:PORT` or `[IPV6]:PORT`; null for `off`. Throws `CONFIG_INVALID`. */
export function parseListen(text: string): ListenAddress | null {
  if (text === 'off') return null;
  const address = addressOf(text);
  if (address === null) throw failure('CONFIG_INVALID/listen', { text });
  return address;
}

/** Whether `parseListen` takes it: a setting that is wrong is refused by every command, not only by the one that listens. */
export function isListenAddress(text: string): boolean {
  return text === 'off' || addressOf(text) !== null;
}

function addressOf(text: string): ListenAddress | null {
  const found = /^(?:\[([^\]]+)\]|([^:\s[\]]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  const isIpv6 = found?.[1] !== undefined;
  return host === undefined || port > 65_535 || (isIpv6 && !isIPv6(host)) ? null : { host, port };
}

/** Refuses a token that could be guessed, or not be sent; an empty one would let everybody in (`API_TOKEN_TOO_SHORT`). */
export function refuseWeakToken(apiToken: string): void {
  if (secretRules.adminKey(apiToken)) return;
  const { length } = apiToken;
  if (length >= minAdminKeyLength) throw failure('API_TOKEN_TOO_SHORT/form', {});
  throw failure('API_TOKEN_TOO_SHORT/short', { length, least: minAdminKeyLength });
}

/** Names other than `localhost` count as other machines: what they resolve to may change. */
export function isLoopback(host: string): boolean {
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
    return failure('ADDRESS_IN_USE', { address: `${host}:${port}` }, { cause: error });
  }
  if (code === undefined || !['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code))
    return error;
  return failure('LISTEN_FAILED', { address: `${host}:${port}`, reason: code }, { cause: error });
}
