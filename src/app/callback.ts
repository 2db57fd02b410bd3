import { randomInt } from 'node:crypto';
import { failure } from '../base/errors.ts';
import { type Account, getAccount } from '../store/accounts/accounts.ts';
import {
  type CallbackSettings,
  findCallback,
  removeCallback as remove,
  saveCallback,
} from '../store/events/callbacks.ts';
import { callbackParts } from '../texts/parts.ts';
import { decodeAesKey } from '../wechat/callback/crypto.ts';
import { checkToken } from '../wechat/callback/keys.ts';
import { action } from './action.ts';
import { checkForwardTo, checkPublicUrl, checkReply, checkUnsignedFrom } from './callback-rules.ts';

/** An account's callback as whoever sets it up sees it, keys included: they are pasted into WeChat's console. */
export interface CallbackView {
  appid: string;
  kind: Account['kind'];
  /** What WeChat is to call; null until the public address is known. */
  url: string | null;
  token: string;
  encodingAesKey: string;
  /** A key before this one still opens what comes under it. */
  hasPreviousKey: boolean;
  mode: CallbackSettings['mode'];
  format: CallbackSettings['format'];
  publicUrl: string | null;
  /** The URL that every push is relayed to, without its query, which may be a secret; null: none. */
  forwardTo: string | null;
  /** `none`, `transfer`, or `text:` and a text. */
  reply: string;
  exclusive: boolean;
  unsignedFrom: string[];
}

/** What changes; the rest stays as it is. */
export interface CallbackChange {
  appid: string;
  mode?: CallbackSettings['mode'] | undefined;
  format?: CallbackSettings['format'] | undefined;
  publicUrl?: string | undefined;
  /** null ends it. */
  forwardTo?: string | null | undefined;
  reply?: string | undefined;
  exclusive?: boolean | undefined;
  /** CIDR blocks. */
  unsignedFrom?: readonly string[] | undefined;
  /** Those of an existing server; default: made here. */
  token?: string | undefined;
  aesKey?: string | undefined;
  /** Makes a new EncodingAESKey; the one before is still read. */
  rotateKey?: boolean | undefined;
}

/** Throws `CALLBACK_NOT_SET`. A row of the audit, because the keys leave. */
export const readCallback = action<{ appid: string }, CallbackView>(
  { name: 'callback.read', permission: 'account.manage', audit: 'export', appid: ({ appid }) => appid },
  async ({ store: { pool, sealer } }, { appid }) => {
    const account = await getAccount(pool, appid);
    const settings = await findCallback(pool, sealer, appid);
    if (settings === null) throw failure('CALLBACK_NOT_SET', { appid });
    return viewOf(account, settings);
  },
);

/** Changes how an account's pushes come; makes Token and key when there are none. */
export const changeCallback = action<CallbackChange, CallbackView>(
  {
    name: 'callback.change',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ mode, format, publicUrl, exclusive, unsignedFrom, rotateKey, ...secret }) => ({
      ...{ mode, format, publicUrl, exclusive, unsignedFrom, rotateKey },
      changed: Object.keys(secret).filter((name) => name !== 'appid'),
    }),
  },
  async ({ store: { pool, sealer } }, change, { trail }) => {
    const account = await getAccount(pool, change.appid);
    const known = await findCallback(pool, sealer, change.appid);
    const settings = changed(account, known, change);
    if (known !== null) trail.before = audited(viewOf(account, known));
    await saveCallback(pool, sealer, settings, known);
    // As it is stored now: the database writes blocks of addresses in one way.
    const view = viewOf(account, (await findCallback(pool, sealer, change.appid)) ?? settings);
    trail.after = audited(view);
    return view;
  },
);

/** Takes no more pushes for an account; its events stay. False when there was nothing to remove. */
export const removeCallback = action<{ appid: string }, { removed: boolean }>(
  { name: 'callback.remove', permission: 'account.manage', audit: 'change', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => {
    await getAccount(pool, appid);
    return { removed: await remove(pool, appid) };
  },
);

function changed(account: Account, known: CallbackSettings | null, change: CallbackChange): CallbackSettings {
  const isMiniprogram = account.kind === 'miniprogram';
  const format = change.format ?? known?.format ?? (isMiniprogram ? 'json' : 'xml');
  if (format === 'json' && !isMiniprogram)
    throw failure('CALLBACK_SETTING_INVALID/format', { kind: account.kind, name: callbackParts.format });
  if (change.token !== undefined) checkToken(change.token);
  if (change.aesKey !== undefined) decodeAesKey(change.aesKey);
  const { forwardTo } = change;
  const aesKey =
    change.aesKey ?? (known === null || change.rotateKey === true ? randomText(43) : known.aesKey);
  return {
    appid: account.appid,
    token: change.token ?? known?.token ?? randomText(32),
    aesKey,
    previousAesKey:
      known === null || known.aesKey === aesKey ? (known?.previousAesKey ?? null) : known.aesKey,
    mode: change.mode ?? known?.mode ?? (account.kind === 'sandbox' ? 'plain' : 'secure'),
    format,
    publicUrl:
      change.publicUrl === undefined ? (known?.publicUrl ?? null) : checkPublicUrl(change.publicUrl, account),
    forwardTo:
      forwardTo === undefined
        ? (known?.forwardTo ?? null)
        : forwardTo === null
          ? null
          : checkForwardTo(forwardTo),
    reply: change.reply === undefined ? (known?.reply ?? 'none') : checkReply(change.reply, account),
    exclusive: change.exclusive ?? known?.exclusive ?? false,
    unsignedFrom:
      change.unsignedFrom === undefined
        ? (known?.unsignedFrom ?? [])
        : checkUnsignedFrom(change.unsignedFrom),
  };
}

function viewOf({ kind }: Account, settings: CallbackSettings): CallbackView {
  const { appid, token, aesKey, previousAesKey, mode, format, publicUrl, forwardTo } = settings;
  const { reply, exclusive, unsignedFrom } = settings;
  return {
    ...{ appid, kind, token, mode, format, publicUrl, reply, exclusive, unsignedFrom },
    url: publicUrl === null ? null : `${publicUrl}/callback/${appid}`,
    encodingAesKey: aesKey,
    hasPreviousKey: previousAesKey !== null,
    forwardTo: forwardTo === null ? null : withoutSecrets(forwardTo),
  };
}

/** What a row of the audit may hold. */
function audited(view: CallbackView): object {
  const { mode, format, publicUrl, forwardTo, reply, exclusive, unsignedFrom, hasPreviousKey } = view;
  return { mode, format, publicUrl, forwardTo, reply, exclusive, unsignedFrom, hasPreviousKey };
}

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
