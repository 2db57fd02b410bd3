import { pino } from 'pino';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Config } from '../config.ts';

/**
 * The log on standard error: JSON lines of pino for `serve`, `worker`, `simulate` and whoever asks for a level; sentences
 * for the warnings and errors of a command that a person runs.
 */
export function createLogger(config: Config, args: readonly string[], err: (line: string) => void): Logger {
  const isNode = args.includes('serve') || args.includes('worker');
  const isService = isNode || args.includes('simulate');
  if (!isService && config.logLevel === undefined) return sentences(err);
  return pino(
    {
      level: config.logLevel ?? (isNode ? 'info' : 'warn'),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: loggedError },
      redact: ['token', 'secret', 'access_token'],
    },
    // A log that cannot be written (a full disk) must not stop a campaign.
    pino.destination({ fd: 2, sync: true }).on('error', () => {}),
  );
}

/**
 * What is logged of an error. An allow-list, because errors of libraries carry what they were at work on: PostgreSQL's
 * `detail` and `where` quote the row, openid and message body included, and its `internalQuery` the statement.
 */
const loggedFields: ReadonlySet<string> = new Set([
  ...['type', 'message', 'stack', 'code', 'details', 'reason', 'left', 'status', 'method', 'path'],
  ...['errcode', 'errmsg', 'rid', 'syscall', 'address', 'port'],
  ...['severity', 'schema', 'table', 'column', 'dataType', 'constraint', 'routine'],
]);

export function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? errorText(error) : error;
  const all = pino.stdSerializers.err(error);
  return Object.fromEntries(Object.entries(all).filter(([name]) => loggedFields.has(name)));
}

/** Warnings and errors, one line each, without stacks; the same line again is dropped for a while. */
function sentences(write: (line: string) => void): Logger {
  const quietMs = 5_000;
  const lastAt = new Map<string, number>();
  const say = (level: string, fields: object, message: string): void => {
    const values = Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
      if (name === 'err') return [errorText(value)];
      if (typeof value === 'object' || value === undefined || value === '') return [];
      return [`${name} ${String(value)}`];
    });
    const line = `${level}: ${message}${values.length === 0 ? '' : ` (${values.join(', ')})`}`;
    const now = performance.now();
    if (now - (lastAt.get(line) ?? -quietMs) < quietMs) return;
    lastAt.set(line, now);
    write(line);
  };
  return {
    debug() {},
    info() {},
    warn: (fields, message) => say('warning', fields, message),
    error: (fields, message) => say('error', fields, message),
  };
}

/** A code where there is one: messages of libraries may name addresses. */
function errorText(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.message : String(error));
}
