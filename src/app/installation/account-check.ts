import { HongyanError } from '../../base/errors.ts';
import { type QuotaView, viewQuota } from '../../engine/sending/projection.ts';
import type { Account } from '../../store/accounts/accounts.ts';
import { findCallback } from '../../store/events/callbacks.ts';
import { networkCalls } from '../../wechat/calls/network.ts';
import { channelNames, channels } from '../../wechat/channels.ts';
import type { WechatClient } from '../../wechat/client.ts';
import type { App } from '../app.ts';
import { type CallbackFinding, reachCallback } from '../callback/check.ts';

/** What is left of a quota is little below this share of it. */
const littleShare = 0.1;
const askMs = 10_000;
/** WeChat's errcode for an account without a callback URL in its console. */
const noUrl = 40201;
/** No API of WeChat: asked for its quota, WeChat refuses (76021) and gives the rid under which it noted the call. */
const noPath = '/hongyan/doctor';

export interface AccountCheck {
  appid: string;
  ok: boolean;
  /** Why WeChat does not take the account's credentials from this machine; then nothing else was asked. */
  error: HongyanError | null;
  /** Where this machine's calls come from, as WeChat noted; null: it did not tell. */
  egress: string | null;
  /** How far this machine's clock is from WeChat's, to the second; null: WeChat did not tell. */
  clock: { ok: boolean; skewMs: number } | null;
  /** Send APIs whose quota of today is almost used up (`left` is what campaigns may use), or closed; not ok: one has none. */
  quota: { ok: boolean; short: Pick<QuotaView, 'path' | 'limit' | 'left'>[] } | null;
  /**
   * How the callback is reached from outside; null: the account has none. Not ok: its public URL does not answer as it should,
   * or WeChat has none (40201). Lost pings alone may be a host that answers none.
   */
  callback: { ok: boolean; url: string | null; findings: CallbackFinding[] } | null;
}

export async function checkAccount(app: App, account: Account, mostSkewMs: number): Promise<AccountCheck> {
  const { appid } = account;
  const unknown = { egress: null, clock: null, quota: null, callback: null };
  try {
    const client = await app.clients.get(appid);
    // One call, so that it is known to fail for no other reason than the credentials.
    await networkCalls(client.call).callbackIps();
    const [seen, quota, callback] = await Promise.all([
      orNull(askOrigin(client)),
      checkQuota(app, account),
      checkCallback(app, client),
    ]);
    const skewMs = seen?.skewMs ?? null;
    return {
      ...{ appid, ok: true, error: null, egress: seen?.egress ?? null, quota, callback },
      clock: skewMs === null ? null : { ok: skewMs < mostSkewMs, skewMs },
    };
  } catch (error) {
    if (error instanceof HongyanError) return { appid, ok: false, error, ...unknown };
    throw error;
  }
}

/** What only tells more is not worth an error. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  return await work.catch((error: unknown) => {
    if (error instanceof HongyanError) return null;
    throw error;
  });
}

/** One call that WeChat refuses tells its clock, and by its rid from where it came. */
async function askOrigin(client: WechatClient): Promise<{ skewMs: number | null; egress: string | null }> {
  const begunMs = Date.now();
  const { dateMs, body } = await client.relay.send({
    ...{ method: 'POST', path: '/cgi-bin/openapi/quota/get', query: '', accept: null },
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify({ cgi_path: noPath })),
    signal: AbortSignal.timeout(askMs),
  });
  // A date is a whole second: it means the middle of it.
  const skewMs = dateMs === null ? null : Math.abs(dateMs + 500 - (begunMs + Date.now()) / 2);
  const rid = ridOf(Buffer.concat(await body.toArray()).toString('utf8'));
  const noted = rid === null ? null : await orNull(client.quota.rid(rid));
  return { skewMs, egress: noted?.client_ip ?? null };
}

function ridOf(text: string): string | null {
  // A gateway may answer with a page.
  return /\brid: ?([0-9a-f-]+)/.exec(text)?.[1] ?? null;
}

async function checkQuota(app: App, { appid, kind }: Account): Promise<NonNullable<AccountCheck['quota']>> {
  const short: NonNullable<AccountCheck['quota']>['short'] = [];
  for (const name of channelNames) {
    const { retired, kinds, path } = channels[name];
    if (retired || !kinds.includes(kind) || short.some((one) => one.path === path)) continue;
    const { limit, left, parkedUntil } = await viewQuota(app, appid, path);
    const isParked = parkedUntil !== null && parkedUntil.getTime() > Date.now();
    if (isParked) short.push({ path, limit, left: 0 });
    else if (limit !== null && left !== null && left <= limit * littleShare)
      short.push({ path, limit, left });
  }
  return { ok: short.every(({ left }) => left !== 0), short };
}

async function checkCallback(
  { store: { pool, sealer } }: App,
  client: WechatClient,
): Promise<AccountCheck['callback']> {
  const settings = await findCallback(pool, sealer, client.appid);
  if (settings === null) return null;
  const findings = await reachCallback(settings, client);
  const { publicUrl, appid } = settings;
  return {
    ok: findings.every(({ check, ok, errcode }) => ok || (check === 'wechat' && errcode !== noUrl)),
    url: publicUrl === null ? null : `${publicUrl}/callback/${appid}`,
    findings,
  };
}
