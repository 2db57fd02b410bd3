import { randomInt } from 'node:crypto';
import { request } from 'undici';
import { errorCode, HongyanError } from '../../base/errors.ts';
import { sign } from './crypto.ts';
import type { ResolvedCallback } from './options.ts';

const SHOWN = 100;

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
  if (status !== 200) {
    throw refused(settings.url, `it answered with status ${status}. Is the Token the same on both sides?`);
  }
  if (body === echostr) return;
  const trimmed = body.replace(/^\uFEFF/, '').trim();
  const why =
    trimmed === echostr || trimmed === `"${echostr}"`
      ? 'the echostr came back with a BOM, quotes or white space around it; answer nothing but its characters'
      : `it answered ${JSON.stringify(body.slice(0, SHOWN))} and not the echostr ${echostr}`;
  throw refused(settings.url, `${why}.`);
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
    if (signal.aborted) throw refused(url, `it did not answer within ${timeoutMs / 1000} s.`, cause);
    throw refused(url, `it cannot be reached (${errorCode(cause) ?? 'connection failed'}).`, cause);
  }
}

function refused(url: string, why: string, cause?: unknown): HongyanError {
  return new HongyanError('SIMULATOR_CALLBACK', `The callback URL ${url} was not accepted: ${why}`, {
    cause,
  });
}
