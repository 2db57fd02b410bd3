import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { errorCode, failure, HongyanError } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { type CallbackSettings, findCallback } from '../../store/events/callbacks.ts';
import type { CallbackKeys } from '../../wechat/callback/keys.ts';
import { signedPush, signedVerification } from '../../wechat/callback/signed-request.ts';
import { networkCalls } from '../../wechat/calls/network.ts';
import type { WechatClient } from '../../wechat/client.ts';
import { WechatError } from '../../wechat/error.ts';
import { action } from '../action.ts';

/** The event that a check pushes: stored like any event, relayed and told to nobody. */
export const checkEventName = 'hongyan_check';

const answerMs = 5_000;
/** Of an answer that is not the right one. */
const shownCharacters = 80;

/**
 * One thing that was checked. `verification`: the URL is verified as WeChat does it. `push`: a signed event is taken.
 * `forgery`: one with another signature is refused. `wechat`: WeChat itself looks the host up and reaches it.
 */
export interface CallbackFinding {
  check: 'verification' | 'push' | 'forgery' | 'wechat';
  ok: boolean;
  /** What the URL answered; null: nothing, or WeChat was asked. */
  answer: { status: number; body: string } | null;
  /** Why it answered nothing: `TIMEOUT`, or the code of an error. */
  code: string | null;
  /** What WeChat found: addresses, times, losses. */
  detail: string | null;
  /** WeChat's refusal; 40201: no URL is set in its console. */
  errcode: number | null;
  errmsg: string | null;
}

/**
 * A round trip as WeChat makes it, and WeChat's own look at the URL. Throws `CALLBACK_NOT_SET`.
 *
 * `base` is the address to check; default the account's public one, else `ownAddress`, where this installation listens.
 */
export const checkCallback = action<
  { appid: string; base?: string | undefined; ownAddress: string; askWechat: boolean },
  { url: string; findings: CallbackFinding[] }
>(
  { name: 'callback.check', permission: 'account.manage', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool, sealer }, clients }, { appid, base, ownAddress, askWechat }) => {
    await getAccount(pool, appid);
    const settings = await findCallback(pool, sealer, appid);
    if (settings === null) throw failure('CALLBACK_NOT_SET', { appid });
    const url = `${(base ?? settings.publicUrl ?? ownAddress).replace(/\/+$/, '')}/callback/${appid}`;
    const findings = [
      await verification(settings, url),
      await push(settings, url),
      await forgery(settings, url),
      ...(askWechat ? [await wechatCheck(await clients.get(appid))] : []),
    ];
    return { url, findings };
  },
);

/**
 * Whether the callback is reached from outside, without pushing anything: its URL is verified as WeChat does it, where one is
 * known, and WeChat looks at it.
 */
export async function reachCallback(
  settings: CallbackSettings,
  client: WechatClient,
): Promise<CallbackFinding[]> {
  const { publicUrl, appid } = settings;
  const url = publicUrl === null ? null : `${publicUrl}/callback/${appid}`;
  const found = await Promise.all([
    url === null ? null : verification(settings, url),
    // Where WeChat gives no answer, nothing is known of the callback.
    wechatCheck(client).catch((error: unknown) => {
      if (error instanceof HongyanError) return null;
      throw error;
    }),
  ]);
  return found.filter((one) => one !== null);
}

const nothing = { answer: null, code: null, detail: null, errcode: null, errmsg: null };

function verification({ token }: CallbackSettings, url: string): Promise<CallbackFinding> {
  const echo = randomBytes(9).toString('hex');
  return ask('verification', `${url}?${signedVerification(token, echo)}`, null, ({ body }) => body === echo);
}

function push(settings: CallbackSettings, url: string): Promise<CallbackFinding> {
  const { query, body } = testEvent(settings);
  return ask('push', `${url}?${query}`, body, (answer) => answer.body === 'success');
}

function forgery(settings: CallbackSettings, url: string): Promise<CallbackFinding> {
  const { query, body } = testEvent({ ...settings, token: 'forged' });
  return ask('forgery', `${url}?${query}`, body, ({ status }) => status >= 400 && status < 500);
}

function testEvent(settings: CallbackSettings): { query: string; body: string } {
  const { appid, token, aesKey } = settings;
  const keys: CallbackKeys = { appid, token, aesKeys: [aesKey] };
  return signedPush(keys, settings, {
    ToUserName: 'gh_hongyancheck',
    FromUserName: 'hongyan',
    CreateTime: String(Math.floor(Date.now() / 1000)),
    MsgType: 'event',
    Event: checkEventName,
    Nonce: randomBytes(8).toString('hex'),
  });
}

async function ask(
  check: CallbackFinding['check'],
  url: string,
  body: string | null,
  isRight: (answer: { status: number; body: string }) => boolean,
): Promise<CallbackFinding> {
  try {
    const answer = await request(url, {
      method: body === null ? 'GET' : 'POST',
      body,
      signal: AbortSignal.timeout(answerMs),
    });
    const got = { status: answer.statusCode, body: await answer.body.text() };
    const shown = { status: got.status, body: got.body.slice(0, shownCharacters) };
    return { ...nothing, check, ok: isRight(got), answer: shown };
  } catch (error) {
    return { ...nothing, check, ok: false, code: errorCode(error) ?? 'TIMEOUT' };
  }
}

async function wechatCheck(client: WechatClient): Promise<CallbackFinding> {
  const check = 'wechat';
  try {
    const { dns = [], ping = [] } = await networkCalls(client.call).checkCallback();
    // Nothing that was pinged is nothing that was reached.
    const lost = ping.length === 0 || ping.some((one) => one.package_loss !== '0%');
    const detail = [
      ...dns.map((one) => `${one.ip} ${one.real_operator}`),
      ...ping.map((one) => `${one.ip} ${one.time} (${one.package_loss})`),
    ].join(', ');
    return { ...nothing, check, ok: !lost, detail };
  } catch (error) {
    if (!(error instanceof WechatError)) throw error;
    return { ...nothing, check, ok: false, errcode: error.errcode, errmsg: error.errmsg };
  }
}
