import { systemClock } from '../../base/clock.ts';
import { failure } from '../../base/errors.ts';
import { MessageOutcomes } from '../../engine/messages/outcomes.ts';
import type { MessageRequest } from '../../engine/messages/prepare.ts';
import { submitMessage as store } from '../../engine/messages/submit.ts';
import type { Submitted } from '../../engine/messages/submitted.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import {
  findMessageByKey,
  listMessages as list,
  type MessageReport,
  type MessageState,
} from '../../store/messages/reports.ts';
import { action } from '../action.ts';
import type { App } from '../app.ts';
import { idOf, type Page, pageOf } from '../page.ts';

/** A single message and what became of it, under WeChat's own names. */
export interface Message extends Omit<MessageReport, 'openid'> {
  touser: string;
}

/** A message as somebody wishes for it; `message` is its parts, or WeChat's whole body without `touser`. */
export interface MessageInput extends Omit<MessageRequest, 'openid' | 'lang'> {
  touser: string;
}

export interface Taken extends Submitted {
  /** As it is after `waitMs`; null without a wait. */
  message: Message | null;
}

/**
 * Stores one message; it is then sent once, by this process where it is a node and else by any that runs. With a key it is
 * safe to repeat.
 *
 * Throws what is wrong with it (`MESSAGE_INVALID`, `FIELD_INVALID`, `ACCOUNT_NOT_FOUND` …), `KEY_REUSED`, `MESSAGE_IN_DOUBT`
 * and `DATABASE_UNREACHABLE` when nobody knows whether it was stored.
 */
export const sendMessage = action<MessageInput & { waitMs?: number | undefined }, Taken>(
  { name: 'messages.submit', permission: 'message.send', audit: 'none', appid: ({ appid }) => appid },
  async (app, { touser, waitMs = 0, ...input }, { actor: { lang } }) => {
    const request = { ...input, openid: touser, lang };
    const submitted = await (app.engine?.messages.submit(request) ?? store(app, request));
    if (waitMs === 0) return { ...submitted, message: null };
    const found = await lastOutcome(app, submitted.id, waitMs);
    return { ...submitted, message: found === null ? null : messageOf(found) };
  },
);

/**
 * One message; with `waitMs` (at most 10,000) once it is settled, or as it is then.
 *
 * Throws `MESSAGE_NOT_FOUND`.
 */
export const readMessage = action<{ id: number; waitMs?: number | undefined }, Message>(
  { name: 'messages.show', permission: 'message.read', audit: 'none', target: ({ id }) => id },
  async (app, { id, waitMs = 0 }, { require }) => {
    const found = await outcome(app, id, 0);
    if (found === null) throw failure('MESSAGE_NOT_FOUND', { id: String(id) });
    await require(found.appid);
    return messageOf((waitMs === 0 ? null : await outcome(app, id, waitMs)) ?? found);
  },
);

/** The message of an account under a key. Throws `ACCOUNT_NOT_FOUND`, `MESSAGE_NOT_FOUND`. */
export const findByKey = action<{ appid: string; key: string }, Message>(
  { name: 'messages.find', permission: 'message.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, key }) => {
    await getAccount(pool, appid);
    const found = await findMessageByKey(pool, appid, key);
    if (found === null) throw failure('MESSAGE_NOT_FOUND/key', { key });
    return messageOf(found);
  },
);

/** Which messages are wanted; what is left out is any. */
export interface MessageWish {
  appid?: string | undefined;
  channel?: string | undefined;
  touser?: string | undefined;
  templateId?: string | undefined;
  state?: MessageState | undefined;
  errcode?: number | undefined;
  key?: string | undefined;
  ref?: string | undefined;
  /** Created at or after. */
  from?: Date | undefined;
  /** Created before. */
  to?: Date | undefined;
  /** `next` of the page before. */
  cursor?: string | undefined;
  limit: number;
}

/**
 * The newest messages first. Of a state or errcode that hardly any has, a page may have fewer than `limit` or none at all
 * though another one follows.
 */
export const listMessages = action<MessageWish, Page<Message>>(
  { name: 'messages.list', permission: 'message.read', audit: 'none', appid: ({ appid }) => appid ?? null },
  async ({ store: { pool } }, { appid, touser, limit, cursor, ...wish }, { actor: { accounts } }) => {
    if (appid !== undefined) await getAccount(pool, appid);
    const filter = {
      appids: appid !== undefined ? [appid] : accounts === 'all' ? null : [...accounts],
      channel: wish.channel ?? null,
      openid: touser ?? null,
      templateId: wish.templateId ?? null,
      state: wish.state ?? null,
      errcode: wish.errcode ?? null,
      key: wish.key ?? null,
      ref: wish.ref ?? null,
      from: wish.from ?? null,
      to: wish.to ?? null,
    };
    const { messages, next } = await list(pool, filter, idOf(cursor), limit);
    return pageOf(messages.map(messageOf), next);
  },
);

function messageOf({ openid, ...report }: MessageReport): Message {
  return { ...report, touser: openid };
}

/** Of the way that was tried last, where the ones before were refused. */
async function lastOutcome(app: App, id: number, ms: number): Promise<MessageReport | null> {
  const until = performance.now() + ms;
  let found = await outcome(app, id, ms);
  while (found !== null && found.next !== null)
    found = await outcome(app, found.next, Math.max(0, until - performance.now()));
  return found;
}

/** A process that is no node has nobody who tells it, and looks by itself. */
async function outcome(app: App, id: number, ms: number): Promise<MessageReport | null> {
  if (app.engine != null) return await app.engine.messages.outcome(id, ms);
  return await new MessageOutcomes(app.store.pool, systemClock).of(id, ms);
}
