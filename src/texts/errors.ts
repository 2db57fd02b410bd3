import type { Entrance, ErrorEntry, ErrorTable, ErrorText, Lang, NamesIn, Value } from './catalogue.ts';
import { fill } from './catalogue.ts';
import { accessErrors } from './errors/access.ts';
import { accountsErrors } from './errors/accounts.ts';
import { alertsErrors } from './errors/alerts.ts';
import { audienceErrors } from './errors/audience.ts';
import { backupErrors } from './errors/backup.ts';
import { campaignsErrors } from './errors/campaigns.ts';
import { commandsErrors } from './errors/commands.ts';
import { contentErrors } from './errors/content.ts';
import { creditsErrors } from './errors/credits.ts';
import { databaseErrors } from './errors/database.ts';
import { embeddedErrors } from './errors/embedded.ts';
import { eventsErrors } from './errors/events.ts';
import { messagesErrors } from './errors/messages.ts';
import { relayErrors } from './errors/relay.ts';
import { secretsErrors } from './errors/secrets.ts';
import { serverErrors } from './errors/server.ts';
import { simulatorErrors } from './errors/simulator.ts';
import { tokenErrors } from './errors/token.ts';
import { wechatErrors } from './errors/wechat.ts';

/** The sections of docs/errors.md, in its order. */
export const errorSections = [
  ['WeChat answers', wechatErrors],
  ['Access token and network', tokenErrors],
  ['HTTP server', serverErrors],
  ['People and keys', accessErrors],
  ['Programs that speak WeChat', relayErrors],
  ['Commands and configuration', commandsErrors],
  ['Accounts, followers, templates', accountsErrors],
  ['Message', contentErrors],
  ['Recipients', audienceErrors],
  ['Campaigns', campaignsErrors],
  ['Single messages', messagesErrors],
  ['Credits', creditsErrors],
  ['Callback, events, webhooks', eventsErrors],
  ['Alerts', alertsErrors],
  ['Database', databaseErrors],
  ['Embedded PostgreSQL', embeddedErrors],
  ['Secret key', secretsErrors],
  ['Backup', backupErrors],
  ['Simulator', simulatorErrors],
] as const satisfies readonly (readonly [string, ErrorTable])[];

const table = {
  ...wechatErrors,
  ...tokenErrors,
  ...serverErrors,
  ...accessErrors,
  ...relayErrors,
  ...commandsErrors,
  ...accountsErrors,
  ...contentErrors,
  ...audienceErrors,
  ...campaignsErrors,
  ...messagesErrors,
  ...creditsErrors,
  ...eventsErrors,
  ...alertsErrors,
  ...databaseErrors,
  ...embeddedErrors,
  ...secretsErrors,
  ...backupErrors,
  ...simulatorErrors,
};

type Table = typeof table;
export type ErrorCode = keyof Table;

type ReasonOf<C extends ErrorCode> = keyof Table[C]['texts'] & string;
/** `CODE` where a code has one wording, `CODE/reason` where it has several. */
export type ErrorKey = {
  [C in ErrorCode]: ReasonOf<C> extends infer R ? (R extends 'default' ? C : `${C}/${R & string}`) : never;
}[ErrorCode];

type Split<K extends string> = K extends `${infer C}/${infer R}` ? [C, R] : [K, 'default'];
type TextOf<K extends ErrorKey> =
  Split<K> extends [infer C extends ErrorCode, infer R]
    ? R extends keyof Table[C]['texts']
      ? Table[C]['texts'][R]
      : never
    : never;
type Texts<T> = T extends { readonly en: infer E extends string } ? E : never;
type HintTexts<T> = T extends { readonly do: infer D }
  ? Texts<D> | (D extends object ? Texts<D[keyof D]> : never)
  : never;

/** The values that the English wording of a key, and what it says to do, name. */
export type ErrorValues<K extends ErrorKey> = {
  readonly [name in NamesIn<Texts<TextOf<K>> | HintTexts<TextOf<K>>>]: Value;
};

const entries: ErrorTable = table;

export function errorEntry(code: string): ErrorEntry | undefined {
  return Object.hasOwn(entries, code) ? entries[code] : undefined;
}

function textOf(key: string): ErrorText | undefined {
  const [code = '', reason = 'default'] = key.split('/');
  return errorEntry(code)?.texts[reason];
}

/** What happened, and what to do about it at this entrance; null for a key that is not in the catalogue. */
export function errorWords(
  key: string,
  values: Readonly<Record<string, Value>>,
  lang: Lang,
  entrance: Entrance,
): { what: string; hint: string | null } | null {
  const text = textOf(key);
  if (text === undefined) return null;
  const advice = text.do === undefined ? undefined : 'en' in text.do ? text.do : text.do[entrance];
  return {
    what: fill(text, lang, entrance, values),
    hint: advice === undefined ? null : fill(advice, lang, entrance, values),
  };
}
