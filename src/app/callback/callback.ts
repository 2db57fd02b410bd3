import { randomInt } from 'node:crypto';
import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import { type Account, getAccount } from '../../store/accounts/accounts.ts';
import type { Pool } from '../../store/database/pool.ts';
import {
  type CallbackSettings,
  findCallback,
  removeCallback as remove,
  saveCallback,
} from '../../store/events/callbacks.ts';
import { callbackParts } from '../../texts/parts.ts';
import { decodeAesKey } from '../../wechat/callback/crypto.ts';
import { checkToken } from '../../wechat/callback/keys.ts';
import { action } from '../action.ts';
import { checkForwardTo, checkPublicUrl, checkReply, checkUnsignedFrom } from './rules.ts';

/** A week, and a month. */
const defaultOldHours = 168;
const mostOldHours = 720;

/** An account's callback as whoever sets it up sees it, keys included: they are pasted into WeChat's console. */
export interface CallbackView {
  appid: string;
  kind: Account['kind'];
  timeZone: string;
  /** What WeChat is to call; null until the public address is known. */
  url: string | null;
  token: string;
  encodingAesKey: string;
  /** Until then what is signed with the Token before this one is taken; null: there is none any more. */
  previousTokenUntil: Date | null;
  /** Until then what comes under the key before this one is read; null: there is none any more. */
  previousKeyUntil: Date | null;
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
  /** Makes a new EncodingAESKey. */
  rotateKey?: boolean | undefined;
  /** Makes a new Token. */
  rotateToken?: boolean | undefined;
  /**
   * How long a Token or key that this change replaces is still taken, in hours; 0 ends it now, 720 is the most. Default
   * 168, a week: until WeChat's console has the new one, everything comes under the old one.
   */
  oldForHours?: number | undefined;
}

/** Without the keys. Throws `CALLBACK_NOT_SET`. */
export const showCallback = action<{ appid: string }, Omit<CallbackView, 'token' | 'encodingAesKey'>>(
  { name: 'callback.show', permission: 'account.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool, sealer } }, { appid }) => {
    const { token: _, encodingAesKey: __, ...open } = await viewed(pool, sealer, appid);
    return open;
  },
);

/** With the keys, and so a row of the audit. Throws `CALLBACK_NOT_SET`. */
export const readCallback = action<{ appid: string }, CallbackView>(
  { name: 'callback.read', permission: 'account.manage', audit: 'export', appid: ({ appid }) => appid },
  ({ store: { pool, sealer } }, { appid }) => viewed(pool, sealer, appid),
);

async function viewed(pool: Pool, sealer: Sealer, appid: string): Promise<CallbackView> {
  const account = await getAccount(pool, appid);
  const settings = await findCallback(pool, sealer, appid);
  if (settings === null) throw failure('CALLBACK_NOT_SET', { appid });
  return viewOf(account, settings);
}

/** Changes how an account's pushes come; makes Token and key when there are none. */
export const changeCallback = action<CallbackChange, CallbackView>(
  {
    name: 'callback.change',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ mode, format, publicUrl, exclusive, unsignedFrom, ...secret }) => ({
      ...{ mode, format, publicUrl, exclusive, unsignedFrom },
      ...{ rotateKey: secret.rotateKey, rotateToken: secret.rotateToken, oldForHours: secret.oldForHours },
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
  const { forwardTo, oldForHours = defaultOldHours } = change;
  if (!Number.isInteger(oldForHours) || oldForHours < 0 || oldForHours > mostOldHours)
    throw failure('CALLBACK_SETTING_INVALID/oldFor', { name: callbackParts.oldFor, most: mostOldHours });
  const aesKey =
    change.aesKey ?? (known === null || change.rotateKey === true ? randomText(43) : known.aesKey);
  const token =
    change.token ?? (known === null || change.rotateToken === true ? randomText(32) : known.token);
  const [previousToken, previousTokenUntil] = replaced(
    known === null ? null : [known.token, known.previousToken, known.previousTokenUntil],
    token,
    oldForHours,
  );
  const [previousAesKey, previousAesKeyUntil] = replaced(
    known === null ? null : [known.aesKey, known.previousAesKey, known.previousAesKeyUntil],
    aesKey,
    oldForHours,
  );
  return {
    appid: account.appid,
    ...{ token, previousToken, previousTokenUntil },
    ...{ aesKey, previousAesKey, previousAesKeyUntil },
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

/** The secret before, and its end: what this change replaces, or what an earlier one did and is still taken. */
function replaced(
  known: [current: string, previous: string | null, until: Date | null] | null,
  now: string,
  oldForHours: number,
): [previous: string | null, until: Date | null] {
  if (known === null) return [null, null];
  const [current, previous, until] = known;
  if (current === now) return previous === null || isOver(until) ? [null, null] : [previous, until];
  return oldForHours === 0 ? [null, null] : [current, new Date(Date.now() + oldForHours * 3_600_000)];
}

function isOver(until: Date | null): boolean {
  return until === null || until.getTime() <= Date.now();
}

function viewOf({ kind, timeZone }: Account, settings: CallbackSettings): CallbackView {
  const { appid, token, aesKey, mode, format, publicUrl, forwardTo } = settings;
  const { reply, exclusive, unsignedFrom, previousTokenUntil, previousAesKeyUntil } = settings;
  return {
    ...{ appid, kind, timeZone, token, mode, format, publicUrl, reply, exclusive, unsignedFrom },
    url: publicUrl === null ? null : `${publicUrl}/callback/${appid}`,
    encodingAesKey: aesKey,
    previousTokenUntil: isOver(previousTokenUntil) ? null : previousTokenUntil,
    previousKeyUntil: isOver(previousAesKeyUntil) ? null : previousAesKeyUntil,
    forwardTo: forwardTo === null ? null : withoutSecrets(forwardTo),
  };
}

/** What a row of the audit may hold. */
function audited(view: CallbackView): object {
  const { mode, format, publicUrl, forwardTo, reply, exclusive, unsignedFrom } = view;
  const { previousTokenUntil, previousKeyUntil } = view;
  return {
    ...{ mode, format, publicUrl, forwardTo, reply, exclusive, unsignedFrom },
    ...{ previousTokenUntil, previousKeyUntil },
  };
}

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
