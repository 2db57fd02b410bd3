import { failure } from '../../base/errors.ts';
import { secretRules } from '../../base/secret-rules.ts';
import { decodeAesKey } from './crypto.ts';

/** What an account's pushes are signed and encrypted with: the settings of 消息推送 / 服务器配置 in WeChat's console. */
export interface CallbackKeys {
  /** The receive id at the end of every encrypted message: the account's appid (a platform's component appid). */
  appid: string;
  /** Token 令牌: 3 to 32 letters and digits. */
  token: string;
  /**
   * EncodingAESKeys of 43 characters, the current one first, then the one before it: events that were under way when
   * the key was changed come under the old one. Empty where WeChat pushes in plain mode 明文模式.
   */
  aesKeys: string[];
  /**
   * Whether plain bodies are refused. Default: true when there is an AES key.
   *
   * The signature of a plain push covers no content, so whoever saw one could send any event under it. Say false only
   * for an account whose console says 明文模式. In 兼容模式 WeChat always sends the encrypted content as well.
   */
  requireEncryption?: boolean | undefined;
}

/** The keys, decoded. Throws `CALLBACK_TOKEN_INVALID` or `CALLBACK_AES_KEY_INVALID`, so that no mistake opens the door. */
export function readCallbackKeys(keys: CallbackKeys): { aesKeys: Buffer[]; isPlainRefused: boolean } {
  checkToken(keys.token);
  const aesKeys = keys.aesKeys.map(decodeAesKey);
  const isPlainRefused = keys.requireEncryption ?? aesKeys.length > 0;
  return { aesKeys, isPlainRefused };
}

/** Throws `CALLBACK_TOKEN_INVALID`: with an empty token anybody could sign. */
export function checkToken(token: string): void {
  if (secretRules.callbackToken(token)) return;
  throw failure('CALLBACK_TOKEN_INVALID', { length: token.length });
}
