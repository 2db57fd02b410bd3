import { type CallbackFormat, sniffFormat } from './body.ts';
import { type DecryptProblem, decryptMessage, isSameSignature, signCallback } from './crypto.ts';
import type { CallbackEvent } from './event.ts';
import { findEncrypted, hasClearFields } from './find-encrypted.ts';
import { type CallbackKeys, readCallbackKeys } from './keys.ts';
import { maxCallbackBytes } from './limits.ts';
import { readEvent } from './read-event.ts';
import { type QueryProblem, readSignedQuery, type SignedQuery } from './signed-query.ts';

/** 明文 · 兼容 · 安全模式, as the request shows it. */
export type CallbackMode = 'plain' | 'compatible' | 'secure';

/**
 * Why a request is not taken; for counters and logs, never for the answer.
 *
 * - `too-large`: over 1 MiB
 * - `unsigned`: without signature, timestamp or nonce
 * - `signature`: signed with another token, or changed on the way
 * - `plain`: rightly signed, but in clear, which `requireEncryption` refuses
 * - `no-key`: rightly signed and encrypted, and `aesKeys` is empty
 * - `padding`, `length`: not encrypted with one of `aesKeys`
 * - `appid`: encrypted for another account
 * - `malformed`: the query is none of WeChat's forms, or the body holds nothing that the signature could be about
 */
export type RefusalReason = QueryProblem | DecryptProblem | 'too-large' | 'signature' | 'plain' | 'no-key';

export type OpenedCallback =
  | {
      kind: 'event';
      event: CallbackEvent;
      mode: CallbackMode;
      /** Of the request, and so of the reply. */
      format: CallbackFormat;
      /** Which of `aesKeys` opened it, and so encrypts the reply; null in plain mode. */
      keyIndex: number | null;
    }
  | { kind: 'refused'; reason: RefusalReason };

export interface CallbackRequest {
  /** Of the URL, decoded. */
  query: URLSearchParams;
  /** The raw bytes; the Content-Type does not matter. */
  body: Buffer;
  keys: CallbackKeys;
}

/**
 * Opens a POST of WeChat's: checks its signature before anything is parsed, decrypts, and types the event. Mode and format
 * are recognised from the request. In compatible mode the encrypted content counts, never the clear fields beside it.
 *
 * What is signed is never refused for what is in it: a content that cannot be read gives an event of type `unreadable`. Of
 * a plain push the signature covers no content; it is taken so too, since nothing follows from such an event.
 *
 * Everything that a stranger can send gives a value. Throws only for keys that are none: `CALLBACK_TOKEN_INVALID`,
 * `CALLBACK_AES_KEY_INVALID`. Answer every refusal alike, so that nobody learns which check failed. The same request
 * opens again and again: drop repeats by `eventKey`.
 *
 * @see https://developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
 */
export function openCallback({ query, body, keys }: CallbackRequest): OpenedCallback {
  const { aesKeys, isPlainRefused } = readCallbackKeys(keys);
  if (body.length > maxCallbackBytes) return refused('too-large');
  const signed = readSignedQuery(query);
  if (typeof signed === 'string') return refused(signed);
  return signed.isEncrypted
    ? openEncrypted(signed, body, keys, aesKeys)
    : openPlain(signed, body, keys.token, isPlainRefused);
}

function refused(reason: RefusalReason): OpenedCallback {
  return { kind: 'refused', reason };
}

function openPlain(
  { timestamp, nonce, signature = '' }: SignedQuery,
  body: Buffer,
  token: string,
  isPlainRefused: boolean,
): OpenedCallback {
  if (!isSameSignature(signature, signCallback(token, timestamp, nonce))) return refused('signature');
  if (isPlainRefused) return refused('plain');
  // This signature is not about the body, so a body that does not even begin like WeChat's is nobody's.
  const format = sniffFormat(body);
  if (format === undefined) return refused('malformed');
  const { event, hasEncrypt } = readEvent(body);
  // Of a compatible or secure push whose msg_signature was lost or taken away.
  if (hasEncrypt) return refused('unsigned');
  return { kind: 'event', event, mode: 'plain', format, keyIndex: null };
}

function openEncrypted(
  { timestamp, nonce, msgSignature }: SignedQuery,
  body: Buffer,
  { appid, token }: CallbackKeys,
  aesKeys: Buffer[],
): OpenedCallback {
  if (msgSignature === undefined) return refused('unsigned');
  const format = sniffFormat(body);
  if (format === undefined) return refused('malformed');
  // What is looked for is ASCII, and no byte of a longer UTF-8 sequence is.
  const text = body.toString('latin1');
  const candidates = findEncrypted(text, format);
  if (candidates.length === 0) return refused('malformed');
  const encrypted = candidates.find((one) =>
    isSameSignature(msgSignature, signCallback(token, timestamp, nonce, one)),
  );
  if (encrypted === undefined) return refused('signature');
  const opened = decryptWithAny(encrypted, aesKeys, appid);
  if (typeof opened === 'string') return refused(opened);
  return {
    kind: 'event',
    event: readEvent(opened.message).event,
    mode: hasClearFields(text, format) ? 'compatible' : 'secure',
    format,
    keyIndex: opened.keyIndex,
  };
}

/** From what any wrong key gives to what only the right one can. */
const progress: DecryptProblem[] = ['malformed', 'padding', 'length', 'appid'];

function decryptWithAny(
  encrypted: string,
  aesKeys: Buffer[],
  appid: string,
): { message: Buffer; keyIndex: number } | DecryptProblem | 'no-key' {
  let problem: DecryptProblem | 'no-key' = 'no-key';
  for (const [keyIndex, key] of aesKeys.entries()) {
    const result = decryptMessage(encrypted, key, appid);
    if (result.kind === 'message') return { message: result.message, keyIndex };
    if (problem === 'no-key' || progress.indexOf(result.reason) > progress.indexOf(problem)) {
      problem = result.reason;
    }
  }
  return problem;
}
