import pg from 'pg';
import { failure, type HongyanError } from '../../base/errors.ts';

/** What `pg.Client` has and its types do not say. */
interface Inside {
  host?: string;
  ssl?: boolean | { rejectUnauthorized?: boolean };
  connection: { emit(event: 'error', error: Error): void };
  _handleAuthCleartextPassword(message: unknown): void;
  _handleAuthMD5Password(message: unknown): void;
}

/**
 * Gives its password only to a server that proves to have it (SCRAM), or whose certificate was checked: whoever answers in
 * the server's place, on the way or at its port, may ask for the password in clear, and pg would send it. Over a socket of
 * the machine it goes as the server asks.
 */
export class GuardedClient extends pg.Client {
  /** Called by pg when the server asks for the password in clear; its own method sends it. */
  _handleAuthCleartextPassword(message: unknown): void {
    this.#answer('_handleAuthCleartextPassword', message);
  }

  /** MD5 of the password and a salt: enough for whoever reads it to log in, or to guess the password. */
  _handleAuthMD5Password(message: unknown): void {
    this.#answer('_handleAuthMD5Password', message);
  }

  #answer(method: '_handleAuthCleartextPassword' | '_handleAuthMD5Password', message: unknown): void {
    const inside = this as unknown as Inside; // not in pg's types; a test would notice if they were gone
    if (isTrusted(inside)) {
      const own = pg.Client.prototype as unknown as Inside; // as above
      own[method].call(this, message);
    } else inside.connection.emit('error', refused(inside.host ?? ''));
  }
}

function isTrusted({ host = '', ssl }: Inside): boolean {
  if (host.startsWith('/')) return true;
  return ssl === true || (typeof ssl === 'object' && ssl.rejectUnauthorized !== false);
}

function refused(host: string): HongyanError {
  return failure('DATABASE_PASSWORD_UNSAFE', { host }, { details: { host } });
}
