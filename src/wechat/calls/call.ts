import type { z } from 'zod';

/** One call to WeChat's server API, before a token is added. */
export interface WechatRequest {
  method: 'GET' | 'POST';
  /** Path without host and query, e.g. `/cgi-bin/user/get`. */
  path: string;
  query?: Record<string, string | number | undefined>;
  /** Sent as compact raw UTF-8 JSON. */
  body?: unknown;
  /** Sent as multipart/form-data instead of `body`. */
  form?: FormData;
  /** `token` (default) puts the account's access_token into the query; `none` sends without one. */
  auth?: 'token' | 'none';
  /** Overrides the client's answer timeout, milliseconds. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/**
 * Makes one call and returns its answer as `shape` reads it. 64-bit ids (`msgid`, `msg_id`, `msg_data_id`, …) arrive as text,
 * an errcode as a number.
 *
 * Throws `WechatError` when the answer's errcode is not 0, `WechatTransportError` when there was no usable answer: nothing, a
 * gateway's page, or JSON without what `shape` wants.
 *
 * @param shape What WeChat promises for this call. Leave nothing optional by whose absence something is decided.
 */
export type WechatCall = <S extends z.ZodType>(request: WechatRequest, shape: S) => Promise<z.output<S>>;
