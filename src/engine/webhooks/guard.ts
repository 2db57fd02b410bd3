import { isIP } from 'node:net';
import {
  type AddressGuard,
  createAddressGuard,
  type Network,
  type Resolve,
} from '../../base/address-guard.ts';
import { failure, type HongyanError } from '../../base/errors.ts';

/**
 * Addresses that are no public host: this machine, private networks, link-local (a cloud's metadata service), carrier
 * NAT, documentation, benchmarks, multicast, reserved, and IPv6 forms that carry an IPv4 address inside.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
 */
const notPublic: readonly Network[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

/**
 * Keeps webhooks from being turned against the network that Hongyan runs in; names that lead there fail with
 * `WEBHOOK_ADDRESS_REFUSED`.
 *
 * @param allowed addresses and networks (`10.1.0.0/16`) that are exempt; throws `CONFIG_INVALID` for anything else
 */
export function createGuard(allowed: readonly string[], resolve?: Resolve): AddressGuard {
  return createAddressGuard({
    refused: notPublic,
    exempt: allowed.map(parseNetwork),
    refusal: addressRefused,
    ...(resolve === undefined ? {} : { resolve }),
  });
}

function parseNetwork(entry: string): Network {
  const [address = '', bits, ...more] = entry.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const areBits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (family === 0 || !areBits || more.length > 0) throw failure('CONFIG_INVALID/webhookAllow', { entry });
  return [address, bits === undefined ? most : Number(bits)];
}

/**
 * A webhook's URL: http or https, no user or password in it. Throws `WEBHOOK_URL_INVALID`, and
 * `WEBHOOK_ADDRESS_REFUSED` for a forbidden address that is written out (names are looked up when connecting).
 */
export function checkWebhookUrl(text: string, guard: AddressGuard): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    (url.protocol !== 'http:' && url.protocol !== 'https:') ||
    url.username !== '' ||
    url.password !== ''
  ) {
    throw failure('WEBHOOK_URL_INVALID', {});
  }
  url.hash = '';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !guard.allows(host)) throw addressRefused(host);
  return url;
}

function addressRefused(host: string): HongyanError {
  return failure('WEBHOOK_ADDRESS_REFUSED', { host });
}
