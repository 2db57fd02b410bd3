import type { z } from 'zod';
import { requirePermission } from '../../app/action.ts';
import { HongyanError } from '../../base/errors.ts';
import type { messageAnswer, messagesRoutes } from '../../contract/messages.ts';
import type { MessageReport } from '../../store/messages/messages.ts';
import type { Handlers } from '../register.ts';

/** Single messages: one is taken, and what became of it is told. */
export const messagesHandlers: Handlers<typeof messagesRoutes> = {
  'POST /v1/messages': async ({ body: given, key: header, lang, deps: { engine } }) => {
    const { appid, channel, touser, key, validUntil, includeNoCredit, wait = 0, ...body } = given;
    if (header !== undefined && key !== undefined && header !== key)
      throw new HongyanError(
        'KEY_INVALID',
        'Idempotency-Key and the key of the body differ; give one of them',
      );
    const submitted = await engine.messages.submit({
      appid,
      channel,
      openid: touser,
      message: { body },
      key: header ?? key,
      validUntil: validUntil === undefined ? undefined : new Date(validUntil),
      includeNoCredit,
      lang,
    });
    if (wait === 0) return submitted;
    const found = await engine.messages.outcome(submitted.id, wait);
    return found === null ? submitted : { ...submitted, message: answerOf(found) };
  },

  'GET /v1/messages/{id}': async ({ params: { id }, query: { wait }, actor, deps }) => {
    const found = await deps.engine.messages.outcome(id, 0);
    if (found === null) throw new HongyanError('MESSAGE_NOT_FOUND', `there is no message ${id}`);
    await requirePermission(deps, actor, {
      action: 'messages.show',
      permission: 'message.read',
      appid: found.appid,
    });
    return answerOf((wait === 0 ? null : await deps.engine.messages.outcome(id, wait)) ?? found);
  },
};

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
