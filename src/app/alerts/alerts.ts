import { failure } from '../../base/errors.ts';
import { AlertSender } from '../../engine/alerts/sender.ts';
import { type AlertTarget, checkTarget, parseTarget } from '../../engine/alerts/target.ts';
import { createGuard } from '../../engine/webhooks/guard.ts';
import { makeSecret } from '../../engine/webhooks/sign.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import {
  type AlertChannel,
  getChannel,
  listChannels,
  openChannel,
  removeChannel,
  setChannelState,
  addChannel as store,
} from '../../store/alerts/channels.ts';
import { type Incident, lastLook, listIncidents as list } from '../../store/alerts/incidents.ts';
import { type IncidentWords, incidentPath, incidentWords } from '../../texts/alerts.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { action } from '../action.ts';
import { may, sees } from '../actor.ts';
import type { App } from '../app.ts';
import { idOf, type Page, pageOf } from '../page.ts';

export type { AlertChannel };

/** In the place of an appid, for what concerns all of them: nobody who is limited to accounts may see it. */
const everyAccount = '*';

/** Where a channel is to lead. A webhook without a secret is given one. */
export type NewTarget =
  | Exclude<AlertTarget, { kind: 'webhook' | 'email' }>
  | (Omit<Extract<AlertTarget, { kind: 'email' }>, 'secure'> & { secure: boolean | null })
  | (Omit<Extract<AlertTarget, { kind: 'webhook' }>, 'secret'> & { secret: string | null });

export interface NewAlertChannel {
  name: string;
  lang: 'en' | 'zh';
  /** Null: all accounts, and the installation. */
  appids: readonly string[] | null;
  target: NewTarget;
}

/**
 * Adds a channel. `secret` is the one that was made for a webhook, and is told this once.
 *
 * Throws `ALERT_TARGET_INVALID`, `WEBHOOK_URL_INVALID`, `WEBHOOK_ADDRESS_REFUSED`, `WEBHOOK_SECRET_INVALID`, `ACCOUNT_NOT_FOUND`.
 */
export const addAlertChannel = action<NewAlertChannel, AlertChannel & { secret: string | null }>(
  {
    name: 'alerts.add',
    permission: 'alert.manage',
    audit: 'change',
    kept: ({ name, lang, appids, target: { kind } }) => ({ kind, name, lang, appids }),
  },
  async ({ store: { pool, sealer }, webhookAllow }, input, { actor, require, trail }) => {
    const { name, lang, appids } = input;
    for (const appid of appids ?? [everyAccount]) await require(appid);
    for (const appid of appids ?? []) await getAccount(pool, appid);
    const target = targetOf(input.target);
    const host = checkTarget(target, createGuard(webhookAllow ?? []));
    const id = await store(pool, sealer, {
      ...{ kind: target.kind, name, lang, host, target, createdBy: actor.id },
      appids: appids === null ? null : [...appids],
    });
    trail.target = id;
    trail.after = { host };
    const isMade = input.target.kind === 'webhook' && input.target.secret === null;
    const secret = isMade && target.kind === 'webhook' ? target.secret : null;
    return { ...(await getChannel(pool, id)), secret };
  },
);

function targetOf(given: NewTarget): AlertTarget {
  if (given.kind === 'webhook') return { ...given, secret: given.secret ?? makeSecret() };
  if (given.kind === 'email') return { ...given, secure: given.secure ?? given.port === 465 };
  return given;
}

/** Those that the caller may see, in the order of their ids. */
export const listAlertChannels = action<{ limit: number; cursor: string | null }, Page<AlertChannel>>(
  { name: 'alerts.list', permission: 'alert.manage', audit: 'none' },
  async ({ store: { pool } }, { limit, cursor }, { actor }) => {
    // Few: nobody has hundreds.
    const all = await listChannels(pool, idOf(cursor) ?? 0);
    const seen = all.filter(({ appids }) => (appids ?? [everyAccount]).every((appid) => sees(actor, appid)));
    const data = seen.slice(0, limit);
    return pageOf(data, seen.length > limit ? (data.at(-1)?.id ?? null) : null);
  },
);

/** Throws `ALERT_CHANNEL_NOT_FOUND`. */
export const readAlertChannel = action<{ id: number }, AlertChannel>(
  { name: 'alerts.read', permission: 'alert.manage', audit: 'none', target: ({ id }) => id },
  async (app, { id }, { require }) => await channelOf(app, id, require),
);

/** What a paused one is to be told waits. `changed` is false when it was in that state already. */
export const changeAlertChannelState = action<
  { id: number; state: AlertChannel['state'] },
  { changed: boolean }
>(
  {
    name: 'alerts.state',
    permission: 'alert.manage',
    audit: 'change',
    target: ({ id }) => id,
    kept: ({ state }) => ({ state }),
  },
  async (app, { id, state }, { require, trail }) => {
    trail.before = { state: (await channelOf(app, id, require)).state };
    return { changed: await setChannelState(app.store.pool, id, state) };
  },
);

/** Removes a channel with what it was still to be told. */
export const removeAlertChannel = action<{ id: number }, void>(
  { name: 'alerts.remove', permission: 'alert.manage', audit: 'change', target: ({ id }) => id },
  async (app, { id }, { require, trail }) => {
    const { kind, host } = await channelOf(app, id, require);
    trail.before = { kind, host };
    await removeChannel(app.store.pool, id);
  },
);

/** Sends a test now. Throws `ALERT_FAILED` unless it was taken. */
export const testAlertChannel = action<{ id: number }, { host: string }>(
  { name: 'alerts.test', permission: 'alert.manage', audit: 'none', target: ({ id }) => id },
  async (app, { id }, { require }) => {
    const { host, lang } = await channelOf(app, id, require);
    const { pool, sealer } = app.store;
    const target = parseTarget(await openChannel(pool, sealer, id));
    const sender = new AlertSender(app.webhookAllow ?? []);
    const head = { lang, publicUrl: app.publicUrl ?? null };
    const sent = await sender.test(target, head).finally(() => sender.close());
    if (sent.kind === 'taken') return { host };
    if (sent.error.startsWith('WEBHOOK_ADDRESS_REFUSED')) throw failure('WEBHOOK_ADDRESS_REFUSED', { host });
    const values = { host, error: sent.error };
    throw sent.kind === 'busy' ? failure('ALERT_FAILED/busy', values) : failure('ALERT_FAILED', values);
  },
);

async function channelOf(
  { store: { pool } }: App,
  id: number,
  require: (appid: string) => Promise<void>,
): Promise<AlertChannel> {
  const channel = await getChannel(pool, id);
  for (const appid of channel.appids ?? [everyAccount]) await require(appid);
  return channel;
}

/** An incident in the language of whoever asks. */
export type IncidentView = Incident & IncidentWords & { path: string };

/**
 * What a person is or was needed for, the newest first; of all states when `state` is null. Matters of the installation are for
 * those who may see nodes.
 */
export const listIncidents = action<
  { state: Incident['state'] | null; limit: number; cursor: string | null },
  Page<IncidentView> & { lookedAt: Date | null }
>(
  { name: 'incidents.list', permission: 'account.read', audit: 'none' },
  async ({ store: { pool } }, { state, limit, cursor }, { actor }) => {
    const seen = {
      appids: actor.accounts === 'all' ? null : [...actor.accounts],
      installation: may(actor, 'node.read', everyAccount),
    };
    const found = await list(pool, seen, state, idOf(cursor), limit + 1);
    const { lang } = actor;
    const data = found.slice(0, limit).map((one) => ({
      ...one,
      ...incidentWords(one, lang, (code) => errcodeInfo(code)[lang]),
      path: incidentPath(one),
    }));
    const next = found.length > limit ? (data.at(-1)?.id ?? null) : null;
    return { ...pageOf(data, next), lookedAt: await lastLook(pool) };
  },
);
