import type pg from 'pg';
import { failure } from '../../base/errors.ts';

/** What may be asked of a server; all that Hongyan does needs one that takes writes. */
const attributes = ['any', 'read-write', 'primary'];

/**
 * The servers of a connection, of which one takes writes: `postgresql://a:5432,b:5432/hongyan?target_session_attrs=read-write`,
 * as libpq and most others write it; `host=a,b&port=…` behind the question mark does as well. pg knows one server an address.
 *
 * @returns an address for each server, in their order; one for a connection that names one or is no text
 */
export function hostsOf({ connectionString }: Pick<pg.PoolConfig, 'connectionString'>): string[] {
  if (connectionString === undefined) return [];
  const parts = /^(postgres(?:ql)?:\/\/(?:[^/?#@]*@)?)([^/?#]*)([^?#]*)(?:\?([^#]*))?/.exec(connectionString);
  // What pg cannot read it refuses itself.
  if (parts === null) return [connectionString];
  const [, start = '', authority = '', path = '', query = ''] = parts;
  const params = new URLSearchParams(query);
  const wanted = params.get('target_session_attrs');
  if (wanted !== null && !attributes.includes(wanted))
    throw failure('DATABASE_HOSTS/attributes', { wanted, known: attributes.join(', ') });
  const named = params.get('host');
  const ports = params.get('port')?.split(',') ?? [];
  const hosts = (named ?? authority).split(',');
  if (wanted === null && hosts.length === 1) return [connectionString];
  if (ports.length > 1 && ports.length !== hosts.length)
    throw failure('DATABASE_HOSTS/ports', { hosts: hosts.length, ports: ports.length });
  return hosts.map((host, i) => {
    const own = new URLSearchParams(params);
    own.delete('target_session_attrs');
    if (named !== null) own.set('host', host);
    const port = ports[i] ?? ports[0];
    if (port !== undefined) own.set('port', port);
    const rest = own.size === 0 ? '' : `?${own}`;
    return `${start}${named === null ? host : authority.split(',')[0]}${path}${rest}`;
  });
}

/** Which of the servers a pool asks now; of one that failed it goes on to the next, and stays where it succeeds. */
export class Hosts {
  readonly #addresses: readonly string[];
  #at = 0;

  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  get count(): number {
    return Math.max(1, this.#addresses.length);
  }

  get at(): number {
    return this.#at;
  }

  /** What replaces the pool's own address in a connection to the present one. */
  get present(): { connectionString?: string } {
    const connectionString = this.#addresses[this.#at];
    return connectionString === undefined ? {} : { connectionString };
  }

  /** A connection to this one was not to be had, or takes no writes. */
  failed(at: number): void {
    if (at === this.#at) this.#at = (at + 1) % this.count;
  }
}
