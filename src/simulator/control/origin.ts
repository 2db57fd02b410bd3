import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { failure } from '../../base/errors.ts';

/**
 * The admin API asks for no password, so a page that somebody opens in a browser of this machine could command it: over a
 * name of its own that leads here (DNS rebinding), or by a form or script that sends without reading the answer.
 *
 * Addresses and names of one label (`localhost`, `simulator` in a compose file) can be no stranger's; a request that says
 * from where it is sent must come from here. Throws `SIMULATOR_FOREIGN`.
 */
export function refuseForeign(headers: IncomingHttpHeaders): void {
  const { host = '', origin } = headers;
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const isOurs = isIP(name) !== 0 || /^[a-z0-9_-]+$/i.test(name);
  if (!isOurs) throw failure('SIMULATOR_FOREIGN/host', { host });
  const from = origin ?? (headers['sec-fetch-site'] === 'cross-site' ? '?' : undefined);
  if (from !== undefined && from !== `http://${host}`)
    throw failure('SIMULATOR_FOREIGN/origin', { origin: from });
}
