import type { Entrance, Lang, Value } from '../texts/catalogue.ts';
import { type ErrorKey, type ErrorValues, errorWords } from '../texts/errors.ts';

export interface HongyanErrorOptions {
  cause?: unknown;
  /** Values for people and programs; never a secret, a token or a full openid. */
  details?: Record<string, unknown>;
  /** Where its words are in `src/texts/errors`, and the values that stand in them. */
  words?: { key: string; values: Readonly<Record<string, Value>> };
}

/**
 * Every error that Hongyan raises on purpose.
 *
 * `code` is stable (SCREAMING_SNAKE, listed in docs/errors.md): branch on it, never on the text.
 * `message` says what happened, with which value, and what to do about it, in English and for a program that embeds
 * Hongyan; each entrance says it in its own words and in the reader's language (`errorWords` with `words`).
 */
export class HongyanError extends Error {
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly words: HongyanErrorOptions['words'];

  constructor(code: string, message: string, options: HongyanErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HongyanError';
    this.code = code;
    this.details = options.details ?? {};
    // Not in JSON and logs: what it holds is in the message.
    Object.defineProperty(this, 'words', { value: options.words, enumerable: false });
  }
}

/**
 * The error of a key of the catalogue (`src/texts/errors`): `CODE`, or `CODE/reason` where a code has several wordings.
 *
 * The values are those that its text names; a missing one does not compile. They are shown to people, so never a secret,
 * a token or a full openid.
 */
export function failure<K extends ErrorKey>(
  key: K,
  values: ErrorValues<K>,
  options: Omit<HongyanErrorOptions, 'words'> = {},
): HongyanError {
  const [code = key] = key.split('/');
  return new HongyanError(code, messageOf(key, values), { ...options, words: { key, values } });
}

/** The English text of a key, for the `message` of an error that is a class of its own. */
export function messageOf<K extends ErrorKey>(key: K, values: ErrorValues<K>): string {
  const words = errorWords(key, values, 'en', 'code');
  return words === null ? key : words.hint === null ? words.what : `${words.what}; ${words.hint}`;
}

/** What happened and what to do about it, as this entrance says it. An error without words of its own says its message. */
export function describeFailure(
  error: HongyanError,
  lang: Lang,
  entrance: Entrance,
): { what: string; hint: string | null } {
  const { words } = error;
  return (
    (words === undefined ? null : errorWords(words.key, words.values, lang, entrance)) ?? {
      what: error.message,
      hint: null,
    }
  );
}

/** The `code` of any thrown value that carries one (ours, Node's, PostgreSQL's SQLSTATE), else undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
