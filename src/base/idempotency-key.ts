import { failure } from './errors.ts';

/** Longest key of a caller's. */
export const longestKey = 128;

/**
 * A key under which a repeat is the same thing: of a campaign, a message, a report or a request. One rule for all of them.
 * Spaces are not for callers: Hongyan's own keys (`schedule 7 …`) have some, and nobody can take one of those.
 *
 * Throws `KEY_INVALID`.
 *
 * @param most at most so many characters: fewer where something is added to it
 */
export function requireKey(key: string, most = longestKey): void {
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= most) return;
  throw failure('KEY_INVALID/shape', { most });
}

/**
 * The key in a header: as it is, or as the draft of the standard has it, a string in quotation marks (RFC 9651), whose
 * marks are no part of it. So `"a"` in the header and `a` in a body are one key.
 */
export function keyInHeader(value: string): string {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value.trim())?.[1];
  return quoted === undefined ? value : quoted.replaceAll(/\\(["\\])/g, '$1');
}
