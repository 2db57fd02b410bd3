import type { ErrcodeAction, ErrcodeClass, ErrcodeEffect, ErrcodeRow, ErrcodeTable } from './row.ts';
import { accessErrcodes } from './table-access.ts';
import { callErrcodes } from './table-call.ts';
import { massErrcodes } from './table-mass.ts';
import { messageErrcodes } from './table-message.ts';
import { recipientErrcodes } from './table-recipient.ts';
import { templateErrcodes } from './table-template.ts';
import { userErrcodes } from './table-user.ts';

export type { ErrcodeAction, ErrcodeClass, ErrcodeEffect };

/** What an errcode means and what Hongyan does about it. */
export interface ErrcodeInfo extends ErrcodeRow {
  errcode: number;
  /** False when the table has no such code. */
  known: boolean;
}

/** The parts of the table; a test proves that no code is in two of them. */
export const errcodeTables: readonly ErrcodeTable[] = [
  callErrcodes,
  accessErrcodes,
  recipientErrcodes,
  messageErrcodes,
  userErrcodes,
  massErrcodes,
  templateErrcodes,
];

const entries: ErrcodeTable = Object.assign({}, ...errcodeTables);

/** Every code of the table, ascending. */
export function knownErrcodes(): number[] {
  return Object.keys(entries)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * What `errcode` means at `path`, and the only thing that decides what is done about it.
 *
 * A code that is not in the table gets class `UNKNOWN` and action `unknown-code`: at most one more attempt.
 *
 * @param path API path without host and query, e.g. `/cgi-bin/token`. Some codes mean another thing at
 * another path: 40013 at the token API is a wrong appid, at template/send a Mini Program that is not linked;
 * 40001 at the token API is a wrong secret. Without a path the commoner meaning is given.
 * @see https://developers.weixin.qq.com/doc/oplatform/Return_codes/Return_code_descriptions_new.html
 */
export function errcodeInfo(errcode: number, path?: string): ErrcodeInfo {
  const entry = entries[errcode];
  if (entry === undefined) {
    return {
      errcode,
      known: false,
      class: 'UNKNOWN',
      action: 'unknown-code',
      wechat: '',
      en: `Hongyan does not know errcode ${errcode}. See WeChat’s own message; note the rid and look the code up in WeChat’s documents.`,
      zh: `未收录的错误码 ${errcode}。请参考微信返回的信息，记录 rid 并查阅微信文档。`,
    };
  }
  const { variants, ...row } = entry;
  const variant =
    path === undefined ? undefined : variants?.find(({ paths }) => paths.some((p) => covers(p, path)));
  if (variant === undefined) return { errcode, known: true, ...row };
  const { paths: _, ...override } = variant;
  return { errcode, known: true, ...row, ...override };
}

/** A pattern is a path, or a folder followed by `*`. */
function covers(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
