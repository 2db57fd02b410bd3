import type { CallbackFormat } from './body.ts';

// Only what stands before the value: a pattern with the value in it could go back through a megabyte.
const beforeXml = /<Encrypt>\s*(?:<!\[CDATA\[)?/g;
const beforeJson = /"Encrypt"\s*:\s*"/g;
const notBase64 = /[^A-Za-z0-9+/=]/;
/** Base64 of 32 bytes, the least that can be decrypted. */
const minLength = 44;

/** More than a user's message of 2,048 bytes can hold. */
const maxCandidates = 64;

/**
 * What may be the `Encrypt` of a body that nobody has vouched for yet, in one pass and without parsing it; the last 64
 * when there are more. Several, since in compatible mode a user's text beside it may say `<Encrypt>` too: the signature
 * tells which.
 */
export function findEncrypted(text: string, format: CallbackFormat): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(format === 'xml' ? beforeXml : beforeJson)) {
    const start = match.index + match[0].length;
    const value = format === 'xml' ? valueInXml(text, start) : valueInJson(text, start);
    if (!mayBeEncrypted(value)) continue;
    found.push(value);
    if (found.length > maxCandidates) found.shift();
  }
  return found;
}

/** Whether it looks like what is encrypted, long and in Base64. */
export function mayBeEncrypted(value: string): boolean {
  return value.length >= minLength && !notBase64.test(value);
}

/** Up to the next `<` and never beyond, so that no character is looked at for two matches. */
function valueInXml(text: string, start: number): string {
  const end = text.indexOf('<', start);
  if (end < 0 || !text.startsWith('</Encrypt>', end)) return '';
  return text
    .slice(start, end)
    .replace(/\]\]>\s*$/, '')
    .trim();
}

/** Some encoders escape the slashes of Base64. */
function valueInJson(text: string, start: number): string {
  const end = text.indexOf('"', start);
  return end < 0 ? '' : text.slice(start, end).replaceAll('\\/', '/');
}

/** Whether there are fields in clear beside `Encrypt` (兼容模式). */
export function hasClearFields(text: string, format: CallbackFormat): boolean {
  return format === 'xml' ? text.includes('<MsgType>') : /"MsgType"\s*:/.test(text);
}
