import { HongyanError, messageOf } from '../base/errors.ts';
import type { Words } from '../texts/catalogue.ts';
import { transportWords } from '../texts/transport.ts';
import { type ErrcodeInfo, errcodeInfo } from './errcodes/errcodes.ts';

/**
 * The three forms in which WeChat has appended its request id: ` rid: x`, `, rid: x` (/sns/*), and, up to
 * about 2020, ` hint: [x]` and `, hints: [ req_id: x ]`.
 */
const ridSuffix =
  /\s{0,4},?\s{0,4}(?:rid: ?([0-9A-Za-z-]+)|hints?: ?\[\s{0,4}(?:req_id: ?)?([^\]]*?)\s{0,4}\])\s*$/;

/** Splits WeChat's errmsg into its text and the request id that WeChat's support asks for. */
export function splitRid(errmsg: string): { errmsg: string; rid: string | null } {
  // A rid is shorter than 100 characters; looking only there keeps a hostile text from costing time.
  const from = Math.max(0, errmsg.length - 120);
  const match = ridSuffix.exec(errmsg.slice(from));
  if (match === null) return { errmsg: errmsg.trimEnd(), rid: null };
  return { errmsg: errmsg.slice(0, from + match.index), rid: match[1] ?? match[2] ?? null };
}

export interface WechatErrorFields {
  errcode: number;
  /** As WeChat sent it; the request id at its end is split off. */
  errmsg: string;
  method: 'GET' | 'POST';
  /** Path without host and query, e.g. `/cgi-bin/user/get`. */
  path: string;
  /** The parsed answer. */
  answer?: Record<string, unknown>;
}

/** Of the answer to a refused call these are the error's own fields, or nobody's business. */
const leftOut: ReadonlySet<string> = new Set([
  ...['errcode', 'errmsg'],
  ...['access_token', 'refresh_token', 'session_key'],
]);

/**
 * WeChat understood the request and answered with an errcode other than 0.
 *
 * `code` is `WECHAT_ERROR`. Branch on `errcode`; `errmsg` has its request id stripped, which is in `rid`
 * (look it up for 7 days with `openapi/rid/get`). Holds neither the query string nor the body.
 *
 * @see https://developers.weixin.qq.com/doc/oplatform/developers/errCode/errCode.html
 */
export class WechatError extends HongyanError {
  readonly errcode: number;
  readonly errmsg: string;
  readonly rid: string | null;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly #answer: Record<string, unknown>;

  constructor(fields: WechatErrorFields) {
    const { errmsg, rid } = splitRid(fields.errmsg);
    const { errcode, method, path } = fields;
    const { en, zh } = errcodeInfo(errcode, path);
    const values = {
      ...{ method, path, errmsg, errcode: String(errcode) },
      ...{ request: rid === null ? '' : ` (rid ${rid})`, advice: { en, zh } },
    };
    super('WECHAT_ERROR', messageOf('WECHAT_ERROR', values), {
      details: { errcode, errmsg, rid, method, path },
      words: { key: 'WECHAT_ERROR', values },
    });
    this.name = 'WechatError';
    this.errcode = errcode;
    this.errmsg = errmsg;
    this.rid = rid;
    this.method = method;
    this.path = path;
    this.#answer = Object.fromEntries(
      Object.entries(fields.answer ?? {}).filter(([name]) => !leftOut.has(name)),
    );
  }

  /**
   * What else WeChat said, as it spells it; 64-bit ids as text. Empty for most errcodes; 45065 names the earlier mass
   * message (`msg_id`), 45171 whom it left out (`fail_openid_list`).
   *
   * It may hold openids, so it belongs to the object alone: no logger, inspector or JSON text shows it.
   */
  get answer(): Readonly<Record<string, unknown>> {
    return this.#answer;
  }

  /** What the errcode means at this path, in English and Chinese, and what is to be done about it. */
  get info(): ErrcodeInfo {
    return errcodeInfo(this.errcode, this.path);
  }
}

/** Why nothing usable came back; the first four mean that the request never reached WeChat's logic. */
export type TransportReason =
  | 'connect'
  | 'busy'
  | 'deadline'
  | 'cancelled'
  | 'timeout'
  | 'reset'
  | 'gateway'
  | 'unparsable'
  | 'aborted';

export interface TransportErrorFields {
  reason: TransportReason;
  /** What happened, without host and path. */
  what: string | Words;
  method: 'GET' | 'POST';
  path: string;
  /** Host and port of the server, never a whole URL. */
  host: string;
  status?: number | undefined;
  /** The beginning of what came instead of an answer, as `excerpt` makes it safe to show. */
  excerpt?: string | null;
  cause?: unknown;
}

/**
 * There was no usable answer from WeChat.
 *
 * `left` decides what may be done next:
 * - false, `code` `WECHAT_UNREACHABLE`: the request was not processed (`connect`: DNS, refused, TLS, proxy or
 *   connect timeout; `busy`: 503; `deadline`, `cancelled`: given up before it was written). Sending it
 *   again cannot message anybody twice.
 * - true, `code` `WECHAT_NO_ANSWER`: it was written and may have been processed (`timeout`, `reset`,
 *   `gateway`: any other status than 200, `unparsable`: what came is not WeChat's answer to this call, whether HTML, broken
 *   JSON, or JSON without what the call promises; `aborted` by the caller). In doubt it is this one.
 */
export class WechatTransportError extends HongyanError {
  readonly left: boolean;
  readonly reason: TransportReason;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** HTTP status, where one arrived. */
  readonly status: number | null;
  /** With `unparsable`: the beginning of what came, one printable line without secrets; null where nothing may be shown. */
  readonly excerpt: string | null;

  constructor(fields: TransportErrorFields) {
    const { reason, method, path, host } = fields;
    const left = !(
      reason === 'connect' ||
      reason === 'busy' ||
      reason === 'deadline' ||
      reason === 'cancelled'
    );
    const { what, excerpt } = fields;
    const beginning = excerpt == null || excerpt === '' ? '' : transportWords.begins(excerpt);
    const code = left ? 'WECHAT_NO_ANSWER' : 'WECHAT_UNREACHABLE';
    const values = { method, path, host, what, beginning };
    super(left ? 'WECHAT_NO_ANSWER' : 'WECHAT_UNREACHABLE', messageOf(code, values), {
      cause: fields.cause === undefined ? undefined : quotable(fields.cause),
      details: { reason, left, method, path, host, status: fields.status ?? null },
      words: { key: code, values },
    });
    this.name = 'WechatTransportError';
    this.left = left;
    this.reason = reason;
    this.method = method;
    this.path = path;
    this.status = fields.status ?? null;
    this.excerpt = fields.excerpt ?? null;
  }
}

/** undici's parser error carries the bytes that it could not parse, which may hold a token: dropped. */
function quotable(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('data' in cause)) return cause;
  const bare = new Error(cause.message);
  bare.name = cause.name;
  return bare;
}
