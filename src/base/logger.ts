/** What a library function may log through: pino's shape, object first, constant message. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = (): void => {};

/** A logger that drops everything; the default wherever a logger is optional. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
