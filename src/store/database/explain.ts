import { errorCode, failure, HongyanError } from '../../base/errors.ts';

/** SQLSTATE of a server that has no connection left for us: others have them all, and some of those will end. */
export const tooManyConnections = '53300';
/** The session through which a statement came was not looked at; it must not be used again. */
export const uncheckedSession = '57H01';

/** The server has taken the place of another one, and whether it has forgotten something is not known yet. */
export const undecided = '57H04';

/** The session stores what it has sealed with a key that another one has replaced: sql/0102_sealing_key.sql. */
const replacedKey = '28H01';

/** With a code as PostgreSQL would give it. */
export class DatabaseError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Whether an error is about the database at this moment and not about what it was asked: no connection, a deadlock, a
 * full disk, a server that stops or only reads. The same statement may work later.
 */
export function isPassing(error: unknown): boolean {
  if (errorCode(error) === replacedKey) return false;
  const explained = explainDatabaseError(error);
  if (explained instanceof HongyanError) return explained !== error;
  return /^(?:08|25|40|53|55|57|58|XX)/.test(errorCode(error) ?? '');
}

/** pg gives these no code, so the text is all there is: a connection that ended under a query, and the time limits of pool and client. */
function isCutConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired$|Query read timeout$)/.test(
      error.message,
    )
  );
}

/** Turns the ways in which a database can be missing into one error that says what to do; other errors pass. */
export function explainDatabaseError(error: unknown): unknown {
  const code = errorCode(error) ?? (isCutConnection(error) ? 'connection lost' : undefined);
  if (code === undefined) return error;
  // Of a file, not of a connection.
  if (error instanceof Error && 'path' in error) return error;
  const gone = [
    'ECONNREFUSED',
    'ENOENT',
    'ENOTFOUND',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ECONNRESET',
    'EPIPE',
    'EAI_AGAIN',
    'ENETUNREACH',
    '57P01',
    '57P02',
    '57P03',
    '08006',
    '08001',
  ];
  if (gone.includes(code) || code === 'connection lost') {
    return failure('DATABASE_UNREACHABLE', { code }, { cause: error });
  }
  if (code === tooManyConnections) {
    return failure('DATABASE_CONNECTIONS_USED_UP', {}, { cause: error });
  }
  if (code === '28P01' || code === '28000' || code === '3D000') {
    return failure('DATABASE_REFUSED', { code }, { cause: error });
  }
  if (code === '25006') {
    return failure('DATABASE_READ_ONLY', {}, { cause: error });
  }
  if (code === uncheckedSession) {
    return failure('DATABASE_SESSION', {}, { cause: error });
  }
  if (code === '57H03') {
    return failure('DATABASE_EXCHANGED', {}, { cause: error });
  }
  if (code === undecided) {
    return failure('DATABASE_FAILING_OVER', {}, { cause: error });
  }
  if (code === replacedKey) {
    return failure('SECRET_KEY_MISMATCH/replaced', {}, { cause: error });
  }
  if (code === '53100') {
    return failure('DISK_FULL/database', {}, { cause: error });
  }
  return error;
}
