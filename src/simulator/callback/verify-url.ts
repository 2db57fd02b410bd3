import { randomInt } from 'node:crypto';
import { request } from 'undici';
import { errorCode, failure } from '../../base/errors.ts';
import { sign } from './crypto.ts';
import type { ResolvedCallback } from './options.ts';

const shown = 100;

/**
 * Asks the URL as WeChat does when the settings are saved: `GET` with signature, timestamp, nonce and echostr, in clear
 * in every mode. Throws `SIMULATOR_CALLBACK` unless the answer within `timeoutMs` is 200 and exactly the echostr.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Access_Overview.html
 */
export async function verifyUrl(settings: ResolvedCallback, nowMs: number, timeoutMs: number): Promise<void> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const nonce = String(randomInt(1_000_000_000, 2_000_000_000));
  const echostr = `${randomInt(1_000_000_000, 9_000_000_000)}${randomInt(100_000_000, 900_000_000)}`;
  const query = `signature=${sign(settings.token, timestamp, nonce)}&echostr=${echostr}&timestamp=${timestamp}&nonce=${nonce}`;
  const { status, body } = await get(withQuery(settings.url, query), settings.url, timeoutMs);
  const { url } = settings;
  if (status !== 200) throw failure('SIMULATOR_CALLBACK/status', { url, status: String(status) });
  if (body === echostr) return;
  const trimmed = body.replace(/^\uFEFF/, '').trim();
  if (trimmed === echostr || trimmed === `"${echostr}"`) throw failure('SIMULATOR_CALLBACK/wrapped', { url });
  throw failure('SIMULATOR_CALLBACK/answer', { url, answer: body.slice(0, shown), echostr });
}

/** The URL with more query behind the one it may have. */
export function withQuery(url: string, query: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

async function get(
  target: string,
  url: string,
  timeoutMs: number,
): Promise<{ status: number; body: string }> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // No redirects: WeChat follows none.
    const response = await request(target, { signal, reset: true, headers: { 'user-agent': 'Mozilla/4.0' } });
    return { status: response.statusCode, body: await response.body.text() };
  } catch (cause) {
    if (signal.aborted)
      throw failure('SIMULATOR_CALLBACK/timeout', { url, seconds: timeoutMs / 1000 }, { cause });
    throw failure('SIMULATOR_CALLBACK/unreachable', { url, code: errorCode(cause) ?? '?' }, { cause });
  }
}
