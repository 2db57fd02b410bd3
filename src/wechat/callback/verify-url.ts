import { checkSignedQuery, type QueryProblem } from './signed-query.ts';

export type UrlVerification =
  /** Answer 200 with exactly `echostr`, as text/plain. */
  | { kind: 'verified'; echostr: string }
  /** Answer 4xx; the reason is for logs and counters. */
  | { kind: 'refused'; reason: QueryProblem | 'signature' };

// The signature does not cover it, so it is no place for markup.
const echoForm = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Answers the GET by which WeChat verifies the callback URL (服务器配置 提交). Official Accounts and Mini Programs send
 * `echostr` in clear in every mode; the encrypted one of WeCom (企业微信) is refused.
 *
 * Throws `CALLBACK_TOKEN_INVALID`.
 *
 * @see https://developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
 */
export function verifyCallbackUrl(request: { query: URLSearchParams; token: string }): UrlVerification {
  const { query, token } = request;
  const signed = checkSignedQuery(query, [token]);
  if (typeof signed === 'string') return { kind: 'refused', reason: signed };
  const [echostr, second] = query.getAll('echostr');
  if (echostr === undefined || second !== undefined || !echoForm.test(echostr)) {
    return { kind: 'refused', reason: 'malformed' };
  }
  return { kind: 'verified', echostr };
}
