import { isSameSignature, signCallback } from './crypto.ts';
import { checkToken } from './keys.ts';

/** What is wrong with a query before any signature is checked. */
export type QueryProblem = 'unsigned' | 'malformed';

export interface SignedQuery {
  timestamp: string;
  nonce: string;
  signature: string | undefined;
  msgSignature: string | undefined;
  /** `encrypt_type=aes`, or a msg_signature. */
  isEncrypted: boolean;
}

// The signature joins its parts without separators: with free forms a character could move from one to its neighbour.
const timestampForm = /^\d{1,16}$/;
const nonceForm = /^[A-Za-z0-9_-]{1,64}$/;

/** A query whose signature is right, and the Token that it was made with. */
export type SignedBy = SignedQuery & { signature: string; token: string };

/**
 * Checks the signature that every request of WeChat's has in its query: an encrypted push beside its `msg_signature` too.
 * It covers time and nonce and no content, and tells a stranger before anything of a body is read.
 *
 * @param tokens The account's, the current one first. Throws `CALLBACK_TOKEN_INVALID`.
 */
export function checkSignedQuery(
  query: URLSearchParams,
  tokens: readonly string[],
): SignedBy | QueryProblem | 'signature' {
  for (const token of tokens) checkToken(token);
  const signed = readSignedQuery(query);
  if (typeof signed === 'string') return signed;
  const { timestamp, nonce, signature } = signed;
  if (signature === undefined) return 'unsigned';
  const token = tokens.find((one) => isSameSignature(signature, signCallback(one, timestamp, nonce)));
  return token === undefined ? 'signature' : { ...signed, signature, token };
}

/** Reads what WeChat puts into the query; a parameter that comes twice is malformed. */
export function readSignedQuery(query: URLSearchParams): SignedQuery | QueryProblem {
  const names = ['timestamp', 'nonce', 'signature', 'msg_signature', 'encrypt_type'];
  if (names.some((name) => query.getAll(name).length > 1)) return 'malformed';
  const [timestamp, nonce, signature, msgSignature, type] = names.map((name) => query.get(name) ?? undefined);
  if (signature === undefined && msgSignature === undefined) return 'unsigned';
  if (timestamp === undefined || nonce === undefined) return 'unsigned';
  if (!timestampForm.test(timestamp) || !nonceForm.test(nonce)) return 'malformed';
  if (type !== undefined && !['', 'raw', 'aes'].includes(type)) return 'malformed';
  return {
    timestamp,
    nonce,
    signature,
    msgSignature,
    isEncrypted: type === 'aes' || msgSignature !== undefined,
  };
}
