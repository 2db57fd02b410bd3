import type { Input } from '../../src/client/index.ts';
import { fromZoned } from '../parts/time.tsx';

/** Everything that is typed here; the server keeps it as it is, half filled in or whole. */
export interface Draft {
  templateId: string;
  values: Record<string, string>;
  opens: string;
  audience: 'all' | 'tag' | 'filter' | 'list' | 'upload';
  tag: string;
  /** Number of a saved one. */
  filter: string;
  openids: string;
  uploadId: number | null;
  /** A tag whose people are left out, and campaigns, by their numbers. */
  exceptTag: string;
  exceptCampaigns: string;
  when: 'now' | 'later' | 'cron';
  startAt: string;
  validUntil: string;
  /** Messages a second of this campaign; empty: the account's. */
  rate: string;
  cron: string;
  /** Of a schedule: fetches the follower list before each run. */
  sync: boolean;
  validMinutes: string;
  again: boolean;
  /** What was planned last, as `fingerprint` names it. */
  checked: string;
}

export const emptyDraft: Draft = {
  templateId: '',
  values: {},
  opens: '',
  audience: 'all',
  tag: '',
  filter: '',
  openids: '',
  uploadId: null,
  exceptTag: '',
  exceptCampaigns: '',
  when: 'now',
  startAt: '',
  validUntil: '',
  rate: '',
  cron: '',
  sync: true,
  validMinutes: '60',
  again: false,
  checked: '',
};

type Request = NonNullable<Input<'POST /v1/drafts'>['body']['request']>;
type Audience = NonNullable<Request['audience']>;

/** As much of the draft as a campaign can be made of. */
export function requestOf(draft: Draft, channel: string, zone: string): Request {
  const audience = audienceOf(draft);
  const exclusions = exclusionsOf(draft);
  return {
    ...(channel === '' ? {} : { channel, message: messageOf(draft, channel) }),
    ...(audience === null ? {} : { audience }),
    ...(exclusions.length === 0 ? {} : { exclusions }),
    ...(draft.when === 'later' && draft.startAt !== '' ? { startAt: fromZoned(draft.startAt, zone) } : {}),
    ...(draft.when !== 'cron' && draft.validUntil !== ''
      ? { validUntil: fromZoned(draft.validUntil, zone) }
      : {}),
    ...(isRate(draft.rate) ? { ratePerS: Number(draft.rate) } : {}),
  };
}

/** A whole number from 1 on, as it is typed. */
export function isRate(text: string): boolean {
  return /^\d{1,7}$/.test(text.trim()) && Number(text) > 0;
}

/** Null while it is not chosen. */
function audienceOf({ audience, tag, filter, openids, uploadId }: Draft): Audience | null {
  if (audience === 'all') return { kind: 'all' };
  if (audience === 'tag') return tag === '' ? null : { kind: 'tag', tagId: Number(tag) };
  if (audience === 'filter') return filter === '' ? null : { kind: 'filter', id: Number(filter) };
  if (audience === 'upload') return uploadId === null ? null : { kind: 'upload', id: uploadId };
  const list = listed(openids);
  return list.length === 0 ? null : { kind: 'list', openids: list.slice(0, 10_000) };
}

/** The openids that were typed. */
export function listed(openids: string): string[] {
  return openids.split(/[\s,|]+/).filter((one) => one !== '' && one.length <= 64);
}

/** Whether these people can be fetched again, as a schedule does. */
export function lastingAudience({ audience }: Draft): boolean {
  return audience === 'all' || audience === 'tag' || audience === 'filter';
}

/** What is sent and to whom: a plan of the same ones still says how many get it. The time is nothing of it. */
export function fingerprint(draft: Draft): string {
  const { templateId, values, opens, audience, exceptTag, exceptCampaigns } = draft;
  const to = { all: '', tag: draft.tag, filter: draft.filter, list: draft.openids, upload: draft.uploadId }[
    audience
  ];
  return JSON.stringify([templateId, values, opens, audience, to, exceptTag, exceptCampaigns]);
}

export function isPast(local: string, zone: string): boolean {
  return local !== '' && Date.parse(fromZoned(local, zone)) <= Date.now();
}

function exclusionsOf({ exceptTag, exceptCampaigns }: Draft): NonNullable<Request['exclusions']> {
  const campaigns = exceptCampaigns.split(/[\s,#，、]+/).filter((one) => /^[1-9]\d{0,14}$/.test(one));
  return [
    ...(exceptTag === '' ? [] : [{ kind: 'tag' as const, tagId: Number(exceptTag) }]),
    ...campaigns.slice(0, 99).map((id) => ({ kind: 'campaign' as const, id: Number(id) })),
  ];
}

/** WeChat's own body, without whom it is for. */
export function messageOf({ templateId, values, opens }: Draft, channel: string): Record<string, unknown> {
  const target = opens.trim();
  return {
    template_id: templateId,
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])),
    ...(target === '' ? {} : channel === 'oa-template' ? { url: target } : { page: target }),
  };
}

/** `{{name}}`, and `{{name|what stands for an empty one}}`. */
const variable = /\{\{([^{}|]+)(?:\|([^{}]*))?\}\}/g;

/** The variables of a text, each with what stands for an empty one; null: nothing does, and its person is left out. */
function variablesIn(text: string): { name: string; fallback: string | null }[] {
  const found = new Map<string, string | null>();
  for (const [, name = '', fallback] of text.matchAll(variable)) {
    if (!found.has(name.trim())) found.set(name.trim(), fallback ?? null);
  }
  return [...found].map(([name, fallback]) => ({ name, fallback }));
}

/** The text with another value for an empty variable; an empty one takes it out. */
export function withFallback(text: string, wanted: string, fallback: string): string {
  const clean = fallback.replaceAll(/[{}|]/g, '');
  return text.replaceAll(variable, (whole, name: string) => {
    if (name.trim() !== wanted) return whole;
    return clean === '' ? `{{${name.trim()}}}` : `{{${name.trim()}|${clean}}}`;
  });
}

/** The text with another column for a variable; what stands for an empty one stays. */
export function withColumn(text: string, wanted: string, column: string): string {
  return text.replaceAll(variable, (whole, name: string, fallback?: string) => {
    if (name.trim() !== wanted) return whole;
    return fallback === undefined ? `{{${column}}}` : `{{${column}|${fallback}}}`;
  });
}

/** The draft with something done to each of its texts. */
export function withTexts(draft: Draft, change: (text: string) => string): Pick<Draft, 'values' | 'opens'> {
  const values = Object.fromEntries(Object.entries(draft.values).map(([key, text]) => [key, change(text)]));
  return { values, opens: change(draft.opens) };
}

/** The variables of all texts, each with what stands for an empty one. */
export function variablesOfAll({ values, opens }: Draft): { name: string; fallback: string | null }[] {
  return variablesIn([...Object.values(values), opens].join('\n'));
}

/** A value for each `{{variable}}` of the message: that of the row that is looked at, else its own name. */
export function variablesOf(
  { values, opens }: Draft,
  row: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const found = [...Object.values(values), opens].flatMap(variablesIn);
  return Object.fromEntries(found.map(({ name }) => [name, row === undefined ? name : (row[name] ?? '')]));
}

/** The draft as one person gets it. */
export function withRow(draft: Draft, row: Readonly<Record<string, string>> | undefined): Draft {
  const variables = variablesOf(draft, row);
  const filled = (text: string): string =>
    text.replaceAll(variable, (_whole, name: string, fallback?: string) => {
      const value = variables[name.trim()] ?? '';
      return value.trim() === '' ? (fallback ?? '') : value;
    });
  const values = Object.fromEntries(Object.entries(draft.values).map(([key, text]) => [key, filled(text)]));
  return { ...draft, values, opens: filled(draft.opens) };
}
