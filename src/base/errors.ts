export interface HongyanErrorOptions {
  cause?: unknown;
  /** Values for people and programs; never a secret, a token or a full openid. */
  details?: Record<string, unknown>;
}

/**
 * Every error that Hongyan raises on purpose.
 *
 * `code` is stable (SCREAMING_SNAKE, listed in docs/errors.md): branch on it, never on the text.
 * `message` says what happened, with which value, and what to do about it.
 */
export class HongyanError extends Error {
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(code: string, message: string, options: HongyanErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HongyanError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The `code` of any thrown value that carries one (ours, Node's, PostgreSQL's SQLSTATE), else undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
