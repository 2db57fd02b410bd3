import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { describeFailure, errorCode, failure, HongyanError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { fieldProblem, notReadyReason, type problem } from '../contract/shapes.ts';
import { explainDatabaseError } from '../store/database/explain.ts';
import type { Entrance, Lang } from '../texts/catalogue.ts';
import { errorEntry } from '../texts/errors.ts';
import { WechatError } from '../wechat/error.ts';
import { bodyLimitBytes } from './body.ts';
import { languageOf } from './language.ts';

export type Problem = z.output<typeof problem>;

const fieldProblems = z.array(fieldProblem);

export function httpStatus(code: string): number {
  return errorEntry(code)?.status ?? (code.endsWith('_NOT_FOUND') ? 404 : 400);
}

/** What an error is to whoever asked over HTTP. */
function problemOf(error: HongyanError, lang: Lang, entrance: Entrance, requestId: string): Problem {
  const { code } = error;
  const { what, hint } = describeFailure(error, lang, entrance);
  const fields = fieldProblems.safeParse(error.details.fields);
  const reason = notReadyReason.safeParse(error.details.reason);
  return {
    type: `/docs/errors#${code}`,
    title: errorEntry(code)?.about[lang] ?? code,
    status: httpStatus(code),
    detail: what,
    code,
    requestId,
    ...(hint === null ? {} : { hint }),
    ...(error instanceof WechatError ? { errcode: error.errcode, errmsg: error.errmsg, rid: error.rid } : {}),
    ...(fields.success ? { fields: fields.data } : {}),
    ...(reason.success ? { reason: reason.data } : {}),
  };
}

/** Answers with a `Problem`; what nobody raised on purpose is `INTERNAL`, told to the log and not to the caller. */
export function problemHandler(logger: Logger) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const requestId = request.id;
    const where = { method: request.method, route: request.routeOptions.url, requestId };
    const known = asFailure(thrown, request);
    if (known === null) logger.error({ err: thrown, ...where }, 'a request failed unexpectedly');
    // Said once when it begins, and not for each of those who ask every second.
    else if (httpStatus(known.code) >= 500 && known.code !== 'NOT_READY')
      logger.warn({ err: known, ...where }, 'a request failed');
    const entrance = request.caller?.actor.entrance ?? 'http';
    const answer = problemOf(known ?? failure('INTERNAL', {}), languageOf(request), entrance, requestId);
    request.span?.setAttribute('hongyan.code', answer.code);
    return reply
      .code(answer.status)
      .type('application/problem+json;charset=utf-8')
      .header('X-Request-Id', requestId)
      .header('Content-Language', languageOf(request))
      .send(JSON.stringify(answer));
  };
}

const headTooLarge = 431;
const tooLate = 408;

/** Answers what cannot be read as HTTP at all, so that nobody knows in which language, and ends the connection. */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const known = isLate
    ? failure('REQUEST_INVALID/late', {}, { cause: error })
    : failure('REQUEST_INVALID/wire', { code: error.code ?? '-' }, { cause: error });
  const status = isLate
    ? tooLate
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? headTooLarge
      : httpStatus(known.code);
  const body = JSON.stringify({ ...problemOf(known, 'en', 'http', randomUUID()), status });
  const head = {
    'Content-Type': 'application/problem+json;charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
}

function asFailure(thrown: unknown, request: FastifyRequest): HongyanError | null {
  const error = explainDatabaseError(thrown);
  if (error instanceof HongyanError) return error;
  switch (errorCode(error)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return failure('BODY_TOO_LARGE', { bytes: request.routeOptions.bodyLimit ?? bodyLimitBytes });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return failure('BODY_TYPE_UNSUPPORTED', {
        type: request.headers['content-type'] ?? '-',
        types: request.routeOptions.config.types ?? ['application/json'],
      });
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return failure('REQUEST_INVALID/empty', {});
    // The values of a request that PostgreSQL cannot store: NUL, a lone surrogate, a number that is too large.
    case '22021':
    case '22P05':
    case '22003':
      return failure('REQUEST_INVALID/unstorable', {}, { cause: error });
  }
  // Fastify's other refusals are the caller's doing and say so.
  const status = clientStatus(error);
  if (status === null || !(error instanceof Error)) return null;
  return failure('REQUEST_INVALID/http', { reason: error.message }, { cause: error });
}

function clientStatus(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : null;
}
