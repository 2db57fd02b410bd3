import type { z } from 'zod';
import { type Message, readMessage, sendMessage } from '../../app/messages/messages.ts';
import type { messageAnswer, messagesRoutes } from '../../contract/messages.ts';
import { type Handlers, via } from '../register.ts';
import { oneKey } from './one-key.ts';

/** Single messages: one is taken, and what became of it is told. */
export const messagesHandlers: Handlers<typeof messagesRoutes> = {
  'POST /v1/messages': via(
    sendMessage,
    ({ body: given, key: header }) => {
      const { appid, channel, touser, key, validUntil, includeNoCredit, wait, ...body } = given;
      return {
        ...{ appid, channel, touser, includeNoCredit, message: { body }, waitMs: wait },
        key: oneKey(header, key),
        validUntil: validUntil === undefined ? undefined : new Date(validUntil),
      };
    },
    ({ message, ...taken }) => (message === null ? taken : { ...taken, message: answerOf(message) }),
  ),

  'GET /v1/messages/{id}': via(
    readMessage,
    ({ params: { id }, query: { wait } }) => ({ id, waitMs: wait }),
    answerOf,
  ),
};

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
