import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Keeps requests from being turned against networks that they must not reach. */
export interface AddressGuard {
  /** Whether something may be sent to this IP address. */
  allows(address: string): boolean;
  /** `dns.lookup` that fails for names that lead to a refused address. */
  lookup: typeof lookup;
}

/** All addresses of a name, as `dns.lookup` gives them. */
export type Resolve = (
  name: string,
  options: LookupOptions & { all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

export type Network = readonly [address: string, bits: number];

export interface AddressGuardOptions {
  refused: readonly Network[];
  /** Are allowed, whatever `refused` says. */
  exempt: readonly Network[];
  /** What the lookup fails with. */
  refusal(name: string): Error;
  /** Default: `dns.lookup`. */
  resolve?: Resolve;
}

export function createAddressGuard({
  refused: refusedNetworks,
  exempt: exemptNetworks,
  refusal,
  resolve = lookup,
}: AddressGuardOptions): AddressGuard {
  const [refused, exempt] = [listOf(refusedNetworks), listOf(exemptNetworks)];
  const allows = (address: string): boolean => {
    const family = familyOf(address);
    return exempt.check(address, family) || !(carriesIPv4(address) || refused.check(address, family));
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
      if (first === undefined || addresses.some((one) => !allows(one.address))) return done(refusal(name));
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
  // The overloads of dns.lookup cannot be written as one arrow function; net and tls use the form above.
  return { allows, lookup: guarded as typeof lookup };
}

/**
 * ::ffff:0:0/96 and ::ffff:0:0:0/96, the forms in which IPv6 sockets speak of IPv4 (RFC 4291, RFC 2765): no public host
 * has one. Not as networks of the list, since a BlockList takes every IPv4 address for one of the former.
 */
function carriesIPv4(address: string): boolean {
  const url = `http://[${address.replace(/%.*$/, '')}]/`;
  return (
    isIP(address) === 6 &&
    URL.canParse(url) &&
    /^\[::ffff:(?:0:)?[\da-f]+:[\da-f]+\]$/.test(new URL(url).hostname)
  );
}

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of networks) list.addSubnet(address, bits, familyOf(address));
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
