import type { CallbackFields } from './event.ts';
import { parseCallbackJson } from './json.ts';
import { maxCallbackBytes, withoutControls } from './limits.ts';
import { parseCallbackXml } from './xml.ts';

export type CallbackFormat = 'xml' | 'json';

export interface CallbackBody {
  format: CallbackFormat;
  fields: CallbackFields;
}

const byteOrderMark = 0xfeff;

/**
 * What the body begins with, which is more reliable than its Content-Type; undefined when it is neither.
 */
export function sniffFormat(body: Buffer): CallbackFormat | undefined {
  const isMarked = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  for (let at = isMarked ? 3 : 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === 0x3c) return 'xml';
    if (byte === 0x7b) return 'json';
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return undefined;
  }
  return undefined;
}

/**
 * The fields of a push in XML or JSON, all scalars as text; undefined for anything else, over 1 MiB, too deep or too many.
 *
 * It does not check who sent it: that is `openCallback`. Bytes that are not UTF-8 become U+FFFD, and raw control
 * characters a space: WeChat has sent both inside users' texts.
 */
export function parseCallbackBody(body: Buffer): CallbackBody | undefined {
  if (body.length > maxCallbackBytes) return undefined;
  const format = sniffFormat(body);
  if (format === undefined) return undefined;
  const raw = body.toString('utf8');
  const text = withoutControls(raw.charCodeAt(0) === byteOrderMark ? raw.slice(1) : raw).trim();
  const fields = format === 'xml' ? parseCallbackXml(text) : parseCallbackJson(text);
  return fields === undefined ? undefined : { format, fields };
}
