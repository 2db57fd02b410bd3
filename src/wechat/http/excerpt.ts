/** Characters that are read, and that are shown at most. */
const looked = 2_000;
const shown = 160;

/** What breaks a line or speaks to a terminal; what hides, joins or reorders what stands beside it. */
const breaks = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;
const invisible = /[\p{Cf}\p{Cs}]/gu;

/** A name and its value, as JSON, a query or a header spells them. */
const secrets =
  /(token|secret|session_?key|pass(?:word|wd)?|authorization|cookie|api_?key|js_?code)(["']?\s*[:=]\s*)(?:"[^"]*"?|'[^']*'?|(?:(?:Bearer|Basic)\s+)?[^\s"'&,;}<]+)/gi;

/** Tokens, secrets, openids, ids of requests; numbers of telephones. */
const longRuns = /[\w-]{20,}|\d{8,}/g;

/**
 * The beginning of an answer that is not WeChat's, so that a person recognises whose it is: one line of at most 160
 * characters, without tags and control characters. What may be a secret, an openid or a number of somebody is left out, and
 * so is a repetition of the message itself.
 */
export function excerpt(text: string): string {
  const plain = text
    .slice(0, looked)
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)|<!--[\s\S]*?(?:-->|$)|<[^>]*(?:>|$)/gi, ' ')
    .replace(invisible, '')
    .replace(breaks, ' ')
    .trim();
  if (/touser/i.test(plain)) return '(a repetition of the request)';
  const safe = Array.from(plain.replace(secrets, '$1$2…').replace(longRuns, '…'));
  return safe.length > shown ? `${safe.slice(0, shown).join('')}…` : safe.join('');
}
