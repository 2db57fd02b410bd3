import type { Template } from '../../store/accounts/templates.ts';

/** What a message opens when it is tapped. */
export type Opens =
  | { kind: 'url'; url: string }
  | { kind: 'page'; page: string }
  | { kind: 'mini-program'; appid: string; page: string | null };

/** A message as whoever gets it reads it. */
export interface Card {
  /** Of the template; null where it is not known, and for messages without one. */
  title: string | null;
  /** In the order of the template. `label` is empty where the template has none. */
  lines: { label: string; value: string }[];
  /** Of a customer-service message: its text, or its kind where it is none. */
  text: string | null;
  opens: Opens | null;
}

/** The card of a rendered wire body. */
export function cardOf(body: string, template: Template | null): Card {
  const message = record(JSON.parse(body));
  const data = record(message.data);
  const labels = new Map(template?.fields.map(({ key, label }) => [key, label]) ?? []);
  const keys = [...labels.keys(), ...Object.keys(data).filter((key) => !labels.has(key))];
  return {
    title: template?.title ?? null,
    lines: keys.flatMap((key) => {
      const value = text(record(data[key]).value);
      return value === null ? [] : [{ label: labels.get(key) || (template === null ? key : ''), value }];
    }),
    text: text(record(message.text).content) ?? text(message.msgtype),
    opens: opensOf(message),
  };
}

function opensOf(message: Record<string, unknown>): Opens | null {
  const { appid, pagepath } = record(message.miniprogram);
  const program = text(appid);
  // WeChat opens the Mini Program where both are given.
  if (program !== null) return { kind: 'mini-program', appid: program, page: text(pagepath) };
  const page = text(message.page);
  if (page !== null) return { kind: 'page', page };
  const url = text(message.url);
  return url === null ? null : { kind: 'url', url };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
