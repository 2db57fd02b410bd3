import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { describeFailure, errorCode, HongyanError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { explainDatabaseError } from '../store/database/pool.ts';
import type { Lang } from '../texts/catalogue.ts';
import { errorEntry } from '../texts/errors.ts';
import { WechatError } from '../wechat/error.ts';
import { requestInvalid } from './zod.ts';

/** HTTP status of codes whose ending does not tell it. */
const statuses: Record<string, number> = {
  UNAUTHORIZED: 401,
  ROUTE_NOT_FOUND: 404,
  BODY_TOO_LARGE: 413,
  CAMPAIGN_STATE: 409,
  KEY_REUSED: 409,
  DATABASE_UNREACHABLE: 503,
  DATABASE_CONNECTIONS_USED_UP: 503,
  DATABASE_REFUSED: 503,
  DATABASE_READ_ONLY: 503,
  DATABASE_SESSION: 503,
  DATABASE_EXCHANGED: 503,
  DISK_FULL: 503,
  WECHAT_ERROR: 502,
  WECHAT_UNREACHABLE: 502,
  WECHAT_NO_ANSWER: 504,
  SECRET_UNREADABLE: 500,
};

/** Fastify's own refusals, by their code. */
const frameErrors: Record<string, () => HongyanError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new HongyanError('BODY_TOO_LARGE', 'the body is larger than this route takes; send it in parts'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new HongyanError('REQUEST_INVALID', 'send the body as application/json, with that Content-Type'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new HongyanError('REQUEST_INVALID', 'the body is empty; send JSON'),
  FST_ERR_CTP_INVALID_JSON_BODY: () => new HongyanError('REQUEST_INVALID', 'the body is not valid JSON'),
};

export function httpStatus(code: string): number {
  return statuses[code] ?? errorEntry(code)?.status ?? (code.endsWith('_NOT_FOUND') ? 404 : 400);
}

/** `{ error: { code, message } }`; what nobody raised on purpose is `INTERNAL`, told to the log and not to the caller. */
export function errorHandler(logger: Logger) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const frame = frameErrors[errorCode(thrown) ?? ''];
    const error =
      thrown instanceof z.ZodError ? requestInvalid(thrown) : (frame?.() ?? explainDatabaseError(thrown));
    if (error instanceof HongyanError) {
      const status = httpStatus(error.code);
      const route = request.routeOptions.url;
      if (status >= 500) logger.warn({ err: error, method: request.method, route }, 'a request failed');
      const more = error instanceof WechatError ? { errcode: error.errcode, rid: error.rid } : {};
      const { what, hint } = describeFailure(error, languageOf(request), 'http');
      const message = hint === null ? what : `${what}; ${hint}`;
      return reply.code(status).send({ error: { code: error.code, message, ...more } });
    }
    // Fastify's other refusals are the caller's doing and say so.
    const status = clientStatus(error);
    if (status !== null && error instanceof Error) {
      return reply.code(status).send({ error: { code: 'REQUEST_INVALID', message: error.message } });
    }
    logger.error(
      { err: error, method: request.method, route: request.routeOptions.url },
      'a request failed unexpectedly',
    );
    return reply
      .code(500)
      .send({ error: { code: 'INTERNAL', message: 'an unexpected error; the log of the server has it' } });
  };
}

/** What `Accept-Language` asks for first; English unless it is Chinese. */
export function languageOf(request: FastifyRequest): Lang {
  return /^zh/i.test(request.headers['accept-language'] ?? '') ? 'zh' : 'en';
}

function clientStatus(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : null;
}
