/** Largest body that is looked at; WeChat's are some kB. */
export const maxCallbackBytes = 1024 * 1024;

/** WeChat nests 5 deep (xml, CopyrightCheckResult, ResultList, item, ArticleIdx). */
export const maxDepth = 16;

/** Elements, or values of JSON. WeChat's largest, a mass message of 8 articles, has about 100. */
export const maxValues = 10_000;

/** Raw control characters, which XML and JSON forbid and WeChat has sent inside users' texts. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** The text with a space for each forbidden character, so that a user's message is not lost by one. */
export function withoutControls(text: string): string {
  return text.replace(forbidden, ' ');
}
