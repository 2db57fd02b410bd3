import { failure } from '../../base/errors.ts';
import type { RelayCalls } from '../../engine/relay/relay-calls.ts';
import { relayRules } from '../../store/accounts/relay.ts';
import { relayKind } from '../../wechat/relay/paths.ts';
import type { RelayAnswer, RelayRequest } from '../../wechat/relay/relay.ts';
import { requirePermission } from '../action.ts';
import type { Actor } from '../actor.ts';
import type { App } from '../app.ts';
import type { HourlyAudit } from './hourly.ts';

/** Lives as long as the process. */
export interface RelayDesk {
  calls: RelayCalls;
  audit: HourlyAudit;
}

export interface RelayInput extends Omit<RelayRequest, 'path'> {
  appid: string;
  /** WeChat's path without the slash in front. */
  path: string;
}

/** Throws `WX_RELAY_OFF` where the installation or the account does not relay. */
export async function requireRelay({ store, wxRelay }: App, appid: string): Promise<void> {
  if (wxRelay !== true) throw failure('WX_RELAY_OFF/installation', {});
  if (!(await relayRules(store.pool, appid)).isOn) throw failure('WX_RELAY_OFF/account', { appid });
}

/**
 * Passes a call of another program on to WeChat. Asked before: `wx.relay` for the account. What messages people wants
 * `message.send` too, an account that is not paused, and one that is not exclusive.
 *
 * Throws `WX_RELAY_OFF`, `WX_RELAY_REFUSED`, `FORBIDDEN`, and what `RelayCalls.call` throws.
 */
export async function relayToWechat(
  app: App,
  { calls, audit }: RelayDesk,
  actor: Actor,
  { appid, path, ...request }: RelayInput,
): Promise<RelayAnswer> {
  if (app.wxRelay !== true) throw failure('WX_RELAY_OFF/installation', {});
  const { isOn, isActive, isExclusive } = await relayRules(app.store.pool, appid);
  if (!isOn) throw failure('WX_RELAY_OFF/account', { appid });
  const action = request.method === 'GET' ? 'wx.get' : 'wx.post';
  const kind = relayKind(path);
  switch (kind) {
    case 'unknown':
      throw failure('WX_RELAY_REFUSED/unknown', {});
    case 'token':
      throw failure('WX_RELAY_REFUSED/token', { path });
    case 'quota':
      throw failure('WX_RELAY_REFUSED/quota', { path, appid });
    case 'send':
      await requirePermission(app, actor, { action, permission: 'message.send', appid });
      if (!isActive) throw failure('WX_RELAY_REFUSED/paused', { appid });
      if (isExclusive) throw failure('WX_RELAY_REFUSED/exclusive', { appid });
      break;
    case 'call':
      break;
  }
  await audit.note(actor, { action, appid, kind, path });
  // As its quota and errcodes are looked up.
  const asked = kind === 'send' ? path.toLowerCase() : path;
  return await calls.call(appid, { ...request, path: `/${asked}` }, kind === 'send');
}
