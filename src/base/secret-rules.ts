/**
 * What a secret has to be that somebody gives: one rule for each kind, whichever way it comes in. test/secret-rules.test.ts
 * walks the ways, and docs/security.md says the rules in words. Each kind has its own error, thrown by whoever asks here.
 */
export const secretRules = {
  /** `api.token`, HONGYAN_API_TOKEN: as a header carries it, and not to be guessed. */
  adminKey: (text: string) => /^[\x21-\x7e]{32,}$/.test(text),
  /** `secret.key`, HONGYAN_SECRET_KEY, as bytes. */
  secretKey: (key: Buffer) => key.length === 32,
  /** Of a signed POST: 24 to 64 bytes, which are 32 characters at least. */
  webhookSecret: (text: string) => {
    const { length } = Buffer.from(/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1] ?? '', 'base64');
    return length >= 24 && length <= 64;
  },
  /** What a person signs in with: long is what counts, and what everybody tries first is refused. */
  password: (text: string, name: string) => !isShort(text) && !isGuessable(text, name),
  /** WeChat makes it: 32 hexadecimal digits by now. */
  appSecret: (text: string) => /^[0-9a-zA-Z]{16,64}$/.test(text),
  /** Token 令牌 of the callback: WeChat's rule, which allows no more than 32. */
  callbackToken: (text: string) => /^[A-Za-z0-9]{3,32}$/.test(text),
  /** EncodingAESKey: WeChat's rule. */
  aesKey: (text: string) => /^[A-Za-z0-9+/]{43}$/.test(text),
} as const;

export const minAdminKeyLength = 32;
export const minPasswordLength = 12;

export function isShort(password: string): boolean {
  return [...password].length < minPasswordLength;
}

function isGuessable(password: string, name: string): boolean {
  const lower = password.toLowerCase();
  return (
    new Set(password).size < 5 ||
    lower.includes(name.toLowerCase()) ||
    /^(?:password|hongyan|12345678)/.test(lower)
  );
}
