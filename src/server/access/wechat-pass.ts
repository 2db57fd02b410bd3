import type { FastifyRequest } from 'fastify';
import type { Sealer } from '../../base/seal.ts';
import type { ValidKey } from '../../store/access/keys.ts';
import { relayAnswers } from '../../texts/errors/relay.ts';

/** As long as WeChat's own token lives, s: SDKs count with it. */
const lifeS = 7_200;
/** It is taken so much longer than is said, ms: clocks differ. */
const graceMs = 60_000;
const mark = 'hyw_';

/** What WeChat says of a token that is none any more: SDKs fetch another one then. */
export const passIsOver = { errcode: 40001, errmsg: relayAnswers.token };

/** What a program gets in the place of an access_token: it names a key and an account, and only an installation with the same secret key reads it. */
export interface WechatPass {
  access_token: string;
  /** s */
  expires_in: number;
}

export function makePass(sealer: Sealer, key: Pick<ValidKey, 'id' | 'expiresAt'>, appid: string): WechatPass {
  const now = Date.now();
  const leftS = Math.floor(((key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) - now) / 1000);
  const expiresInS = Math.max(1, Math.min(lifeS, leftS));
  const text = `${key.id} ${now + expiresInS * 1000 + graceMs}`;
  return {
    access_token: mark + sealer.seal(text, placeOf(appid)).toString('base64url'),
    expires_in: expiresInS,
  };
}

/** The id of the key that it was made for; null when it is over, of another account, or none. */
export function openPass(sealer: Sealer, pass: string, appid: string): string | null {
  if (!pass.startsWith(mark)) return null;
  let text: string;
  try {
    text = sealer.open(Buffer.from(pass.slice(mark.length), 'base64url'), placeOf(appid));
  } catch {
    return null; // sealed with another key, for another account, or not at all
  }
  const [id = '', until] = text.split(' ');
  return Number(until) > Date.now() ? id : null;
}

/** The last one, where there are several. */
export function accessTokenIn({ query }: FastifyRequest): string | null {
  const given: unknown =
    typeof query === 'object' && query !== null ? Reflect.get(query, 'access_token') : null;
  const found: unknown = Array.isArray(given) ? given.at(-1) : given;
  return typeof found === 'string' && found !== '' ? found : null;
}

function placeOf(appid: string): string {
  return `wechat-pass:${appid}`;
}
