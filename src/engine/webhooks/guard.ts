import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { failure, type HongyanError } from '../../base/errors.ts';

/**
 * Addresses that are no public host: this machine, private networks, link-local (a cloud's metadata service), carrier
 * NAT, documentation, benchmarks, multicast, reserved, and IPv6 forms that carry an IPv4 address inside.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
 */
const special: [address: string, bits: number][] = [
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

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Keeps webhooks from being turned against the network that Hongyan runs in. */
export interface AddressGuard {
  /** Whether something may be sent to this IP address. */
  allows(address: string): boolean;
  /** `dns.lookup` that fails with `WEBHOOK_ADDRESS_REFUSED` for names that lead to a forbidden address. */
  lookup: typeof lookup;
}

/** All addresses of a name, as `dns.lookup` gives them. */
type Resolve = (
  name: string,
  options: LookupOptions & { all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** @param allowed addresses and networks (`10.1.0.0/16`) that are exempt; throws `CONFIG_INVALID` for anything else */
export function createGuard(allowed: readonly string[], resolve: Resolve = lookup): AddressGuard {
  const refused = new BlockList();
  for (const [address, bits] of special) refused.addSubnet(address, bits, familyOf(address));
  const exempt = new BlockList();
  for (const entry of allowed) addEntry(exempt, entry);

  const allows = (address: string): boolean => {
    const family = familyOf(address);
    return exempt.check(address, family) || !refused.check(address, family);
  };
  // Asked at every connection and not once beforehand: a name may lead elsewhere the second time.
  const guarded = (
    name: string,
    options: LookupOptions,
    done: (error: Error | null, address?: string | LookupAddress[], family?: number) => void,
  ): void => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error);
      const [first] = addresses;
      if (first === undefined || addresses.some((one) => !allows(one.address)))
        return done(addressRefused(name));
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
  // The overloads of dns.lookup cannot be written as one arrow function; net and tls use the form above.
  return { allows, lookup: guarded as typeof lookup };
}

function addEntry(list: BlockList, entry: string): void {
  const [address = '', bits] = entry.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  if (family === 0 || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most))) {
    throw failure('CONFIG_INVALID/webhookAllow', { entry });
  }
  if (bits === undefined) list.addAddress(address, familyOf(address));
  else list.addSubnet(address, Number(bits), familyOf(address));
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
