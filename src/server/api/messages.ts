import type { z } from 'zod';
import { type BatchItem, sendBatch } from '../../app/messages/batch.ts';
import { listMessages, type Message, readMessage, sendMessage } from '../../app/messages/messages.ts';
import { describeFailure } from '../../base/errors.ts';
import { longestKey, requireKey } from '../../base/idempotency-key.ts';
import type { messageAnswer, messagesRoutes } from '../../contract/messages.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { type Handlers, via } from '../register.ts';
import { oneKey } from './one-key.ts';

/** Single messages: one is taken, and what became of it is told. */
export const messagesHandlers: Handlers<typeof messagesRoutes> = {
  'POST /v1/messages': via(
    sendMessage,
    ({ body: given, key: header }) => {
      const { appid, channel, channels, touser, key, ref, validUntil, includeNoCredit, wait, ...body } =
        given;
      // The contract has one of the two.
      const [first, ...otherwise] = (channels ?? [{ ...body, channel: channel ?? '' }]).map(wayOf);
      return {
        ...{ appid, touser, ref, includeNoCredit, otherwise, waitMs: wait },
        channel: first?.channel ?? '',
        message: { body: first?.body ?? {} },
        key: oneKey(header, key),
        validUntil: timeOf(validUntil),
      };
    },
    ({ message, ...taken }) => (message === null ? taken : { ...taken, message: answerOf(message) }),
  ),

  'POST /v1/messages/batch': via(
    sendBatch,
    ({ body: { appid, mode, messages }, key: header }) => {
      // The number of each message becomes a part of its key.
      if (header !== undefined) requireKey(header, longestKey - `/${messages.length}`.length);
      return {
        ...{ appid, mode },
        messages: messages.map(({ channel, touser, key, ref, validUntil, includeNoCredit, ...body }, i) => ({
          ...{ channel, touser, ref, includeNoCredit, message: { body } },
          key: key ?? (header === undefined ? undefined : `${header}/${i + 1}`),
          validUntil: timeOf(validUntil),
        })),
      };
    },
    (items, { lang }) => ({
      stored: items.filter((one) => 'id' in one).length,
      refused: items.filter((one) => 'error' in one).length,
      data: items.map((one) => itemOf(one, lang)),
    }),
  ),

  'GET /v1/messages': via(
    listMessages,
    ({ query: { from, to, ...wish } }) => ({ ...wish, from: timeOf(from), to: timeOf(to) }),
    ({ data, next }) => ({ data: data.map(answerOf), next }),
  ),

  'GET /v1/messages/{id}': via(
    readMessage,
    ({ params: { id }, query: { wait } }) => ({ id, waitMs: wait }),
    answerOf,
  ),
};

function timeOf(given: string | undefined): Date | undefined {
  return given === undefined ? undefined : new Date(given);
}

function wayOf({ channel, ...body }: { channel: string; [field: string]: unknown }) {
  return { channel, body };
}

function itemOf(item: BatchItem, lang: Lang) {
  if (!('error' in item)) return item;
  const { what, hint } = describeFailure(item.error, lang, 'http');
  return { error: { code: item.error.code, detail: what, ...(hint === null ? {} : { hint }) } };
}

function answerOf({ createdAt, validUntil, at, nextAt, heldUntil, receipt, ...rest }: Message) {
  const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    validUntil: iso(validUntil),
    at: iso(at),
    nextAt: iso(nextAt),
    heldUntil: iso(heldUntil),
    receipt: receipt === null ? null : { ...receipt, at: iso(receipt.at) },
  } satisfies z.input<typeof messageAnswer>;
}
