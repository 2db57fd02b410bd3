import { errorCode } from '../../base/errors.ts';
import {
  type Attributes,
  type Context,
  failSpan,
  inSpan,
  type Span,
  type SpanContext,
  startSpan,
} from '../../base/tracing.ts';
import { WechatError, WechatTransportError } from '../error.ts';
import type { SendAnswer } from './answer.ts';

/** What the span of a request belongs to, and what it says besides. */
export interface SpanOrigin {
  /** Default: the active span. */
  parent?: Context | undefined;
  links?: readonly SpanContext[];
  attributes?: Attributes;
}

export interface SpanSubject {
  appid: string;
  method: 'GET' | 'POST';
  /** Without query; it is the same for all requests of its kind. */
  path: string;
  /** Host and port. */
  host: string;
  /** False: the path is somebody's own, and may be a key. */
  isWechats?: boolean;
}

/** Null without an SDK. */
export function startRequestSpan(subject: SpanSubject, origin: SpanOrigin = {}): Span | null {
  const { appid, method, path, host, isWechats = true } = subject;
  const { parent, links, attributes } = origin;
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return startSpan(`${method} ${path}`, {
    kind: 'client',
    parent,
    ...(links === undefined ? {} : { links }),
    attributes: {
      'http.request.method': method,
      'server.address': name,
      ...(port === undefined ? {} : { 'server.port': Number(port) }),
      // In the place of url.full, whose query has the token.
      ...(isWechats ? { 'url.path': path } : {}),
      'wechat.appid': appid,
      ...attributes,
    },
  });
}

/** Runs a call in its span, and says in it how the call ended. */
export async function requestSpan<T>(
  subject: SpanSubject,
  run: (span: Span | null) => Promise<T>,
): Promise<T> {
  const span = startRequestSpan(subject);
  if (span === null) return await run(null);
  try {
    return await inSpan(span, () => run(span));
  } catch (error) {
    noteFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** What became of one message: of an unknown outcome, that it is one. */
export function noteAnswer(span: Span, answer: SendAnswer): void {
  switch (answer.kind) {
    case 'accepted':
      noteErrcode(span, 0);
      if (answer.msgid !== null) span.setAttribute('wechat.msgid', answer.msgid);
      break;
    case 'refused':
      noteErrcode(span, answer.errcode, answer.rid);
      break;
    case 'not-sent':
    case 'no-answer':
      noteFailure(span, answer.error, answer.reason);
  }
}

/** An answer that is passed on as it is. */
export function noteRelayed(
  span: Span,
  { status, errcode }: { status: number; errcode: number | null },
): void {
  if (errcode !== null) noteErrcode(span, errcode);
  span.setAttribute('http.response.status_code', status);
  if (status >= 400) failSpan(span, String(status));
}

/** WeChat refused the token: the call goes out once more with another one. */
export function noteTokenRefused(span: Span | null, errcode: number): void {
  span?.addEvent('token refused', { 'wechat.errcode': errcode });
}

function noteErrcode(span: Span, errcode: number, rid: string | null = null): void {
  span.setAttributes({ 'http.response.status_code': 200, 'wechat.errcode': errcode });
  if (rid !== null) span.setAttribute('wechat.rid', rid);
  if (errcode !== 0) failSpan(span, String(errcode));
}

function noteFailure(span: Span, error: unknown, otherwise?: string): void {
  if (error instanceof WechatError) {
    noteErrcode(span, error.errcode, error.rid);
    return;
  }
  if (error instanceof WechatTransportError) {
    if (error.status !== null) span.setAttribute('http.response.status_code', error.status);
    // Whether WeChat may have processed it.
    span.setAttribute('hongyan.left', error.left);
    failSpan(span, error.reason);
    return;
  }
  failSpan(span, errorCode(error) ?? otherwise ?? '_OTHER');
}
