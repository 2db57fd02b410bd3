import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { HongyanError } from '../../base/errors.ts';
import {
  messageAnswer,
  messageParams,
  messageQuery,
  messageRequest,
  messageTaken,
} from '../../contract/messages.ts';
import type { MessageReport } from '../../store/messages/messages.ts';
import type { ServerDeps } from '../deps.ts';
import { languageOf } from '../http-errors.ts';
import type { ZodTypes } from '../zod.ts';

/** Single messages: POST /messages takes one, GET /messages/:id says what became of it. */
export function messageRoutes(app: FastifyInstance, { engine }: ServerDeps): void {
  const typed = app.withTypeProvider<ZodTypes>();

  typed.post(
    '/messages',
    { schema: { body: messageRequest, response: { 202: messageTaken } } },
    async (request, reply) => {
      const { appid, channel, touser, key, validUntil, includeNoCredit, wait = 0, ...body } = request.body;
      const submitted = await engine.messages.submit({
        appid,
        channel,
        openid: touser,
        message: { body },
        key: keyOf(request, key),
        validUntil: validUntil === undefined ? undefined : new Date(validUntil),
        includeNoCredit,
        lang: languageOf(request),
      });
      reply.code(202);
      if (wait === 0) return reply.send(submitted);
      const found = await engine.messages.outcome(submitted.id, wait);
      return reply.send(found === null ? submitted : { ...submitted, message: answerOf(found) });
    },
  );

  typed.get(
    '/messages/:id',
    { schema: { params: messageParams, querystring: messageQuery, response: { 200: messageAnswer } } },
    async (request, reply) => {
      const { id } = request.params;
      const found = await engine.messages.outcome(id, request.query.wait);
      if (found === null) throw new HongyanError('MESSAGE_NOT_FOUND', `there is no message ${id}`);
      return reply.send(answerOf(found));
    },
  );
}

/** From the header or the body; both only if they agree. */
function keyOf(request: FastifyRequest, key: string | undefined): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return key;
  if (Array.isArray(header) || (key !== undefined && key !== header))
    throw new HongyanError('KEY_INVALID', 'Idempotency-Key and the key of the body differ; give one of them');
  return header;
}

function answerOf(report: MessageReport): z.input<typeof messageAnswer> {
  const { openid, createdAt, validUntil, at, nextAt, heldUntil, receipt, ...rest } = report;
  const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
  return {
    ...rest,
    touser: openid,
    createdAt: createdAt.toISOString(),
    validUntil: iso(validUntil),
    at: iso(at),
    nextAt: iso(nextAt),
    heldUntil: iso(heldUntil),
    receipt: receipt === null ? null : { ...receipt, at: iso(receipt.at) },
  };
}
