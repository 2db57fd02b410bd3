import type pg from 'pg';
import { failure } from '../../base/errors.ts';
import { hostsOf } from './hosts.ts';

/** A connection that nobody else on the network takes part in: a socket of this machine. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;

/**
 * Refuses a database beyond this machine whose connection says nothing of encryption: accounts, contacts and messages
 * would cross the network for everybody to read and to change. `sslmode=disable` says that the network is one's own.
 *
 * Throws `DATABASE_NOT_ENCRYPTED`.
 */
export function requireEncryption(connection: pg.PoolConfig): void {
  const addresses = hostsOf(connection);
  const each =
    addresses.length === 0
      ? [connection]
      : addresses.map((one) => ({ ...connection, connectionString: one }));
  for (const one of each) {
    const { host, isSaid } = lookAt(one);
    if (host === '' || host.startsWith('/') || loopback.test(host) || isSaid) continue;
    throw failure('DATABASE_NOT_ENCRYPTED', { host }, { details: { host } });
  }
}

/** Where a connection leads to, and whether it says with or without TLS. A socket's host is its directory, or empty. */
function lookAt({ connectionString, host = '', ssl }: pg.PoolConfig): {
  host: string;
  isSaid: boolean;
} {
  if (connectionString === undefined) return { host, isSaid: ssl !== undefined };
  // What pg cannot read it refuses itself.
  if (!URL.canParse(connectionString)) return { host, isSaid: ssl !== undefined };
  const { hostname, searchParams } = new URL(connectionString);
  return {
    host: searchParams.get('host') ?? decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1'),
    isSaid:
      ssl !== undefined ||
      ['sslmode', 'ssl', 'sslrootcert', 'sslnegotiation'].some((key) => searchParams.has(key)),
  };
}
