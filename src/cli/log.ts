import { pino } from 'pino';
import { errorCode } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from './config.ts';

/**
 * The log on standard error: JSON lines of pino for `serve`, `simulate` and whoever asks for a level; sentences
 * for the warnings and errors of a command that a person runs.
 */
export function createLogger(config: Config, args: readonly string[]): Logger {
  const isService = args.includes('serve') || args.includes('simulate');
  if (!isService && config.logLevel === undefined) return sentences((line) => process.stderr.write(line));
  return pino(
    {
      level: config.logLevel ?? (args.includes('serve') ? 'info' : 'warn'),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: pino.stdSerializers.err },
      redact: ['token', 'secret', 'access_token', 'err.config', 'err.connection', 'err.password'],
    },
    pino.destination({ fd: 2, sync: true }),
  );
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
    const line = `${level}: ${message}${values.length === 0 ? '' : ` (${values.join(', ')})`}\n`;
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
