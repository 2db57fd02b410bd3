import { type Draft, isPast, isRate, lastingAudience, variablesOf } from './draft.ts';

export const stepIds = [
  'account',
  'template',
  'content',
  'audience',
  'checks',
  'test',
  'time',
  'confirm',
] as const;
export type StepId = (typeof stepIds)[number];

/** What keeps somebody from going on. */
export type Missing =
  | 'template'
  | 'content'
  | 'wrong'
  | 'audience'
  | 'variables'
  | 'plan'
  | 'nobody'
  | 'start'
  | 'past'
  | 'until'
  | 'cron'
  | 'repeat'
  | 'minutes'
  | 'rate';

/** What is known beyond the draft; what is still being read keeps nobody from anything. */
export interface Known {
  zone: string;
  /** Of the template that is chosen; null: none, or it is gone. */
  fields: readonly { key: string }[] | null;
  /** Fields whose value WeChat would refuse. */
  wrong: readonly string[];
  /** Of the file that is chosen; null while it is not known. */
  columns: readonly string[] | null;
  /** This content to these people was planned. */
  isChecked: boolean;
  /** How many would get it; null while that is not known. */
  planned: number | null;
}

export function missingIn(step: StepId, draft: Draft, known: Known): Missing[] {
  switch (step) {
    case 'template':
      return known.fields === null ? ['template'] : [];
    case 'content': {
      const isWhole = known.fields?.every(({ key }) => (draft.values[key] ?? '').trim() !== '') ?? false;
      if (!isWhole) return ['content'];
      return known.wrong.length > 0 ? ['wrong'] : [];
    }
    case 'audience':
      if (!isChosen(draft)) return ['audience'];
      return unknownVariables(draft, known.columns).length > 0 ? ['variables'] : [];
    case 'checks':
      if (!known.isChecked) return ['plan'];
      return known.planned === 0 ? ['nobody'] : [];
    case 'time':
      return missingInTime(draft, known.zone);
    case 'account':
    case 'test':
    case 'confirm':
      return [];
  }
}

function isChosen({ audience, tag, filter, openids, uploadId }: Draft): boolean {
  switch (audience) {
    case 'all':
      return true;
    case 'tag':
      return tag !== '';
    case 'filter':
      return filter !== '';
    case 'list':
      return openids.trim() !== '';
    case 'upload':
      return uploadId !== null;
  }
}

function missingInTime(draft: Draft, zone: string): Missing[] {
  if (draft.rate.trim() !== '' && !isRate(draft.rate)) return ['rate'];
  switch (draft.when) {
    case 'now':
      return isPast(draft.validUntil, zone) ? ['until'] : [];
    case 'later':
      if (draft.startAt === '') return ['start'];
      if (isPast(draft.startAt, zone)) return ['past'];
      return draft.validUntil !== '' && draft.validUntil <= draft.startAt ? ['until'] : [];
    case 'cron': {
      if (!lastingAudience(draft) || repeatsVariables(draft)) return ['repeat'];
      if (draft.cron === '') return ['cron'];
      return minutesOf(draft) === null ? ['minutes'] : [];
    }
  }
}

/** So long after its time a run may begin; null: what is typed is no number of minutes. */
export function minutesOf({ validMinutes }: Draft): number | null {
  return /^\d{1,5}$/.test(validMinutes) && Number(validMinutes) > 0 ? Number(validMinutes) : null;
}

/** A schedule has nobody's columns. */
export function repeatsVariables(draft: Draft): boolean {
  return Object.keys(variablesOf(draft, undefined)).some((name) => name !== 'openid');
}

/** Variables that the audience has no values for. */
function unknownVariables(draft: Draft, columns: readonly string[] | null): string[] {
  const names = Object.keys(variablesOf(draft, undefined)).filter((name) => name !== 'openid');
  if (draft.audience !== 'upload') return names;
  return columns === null ? [] : names.filter((name) => !columns.includes(name));
}

/** The step that is shown: the one that is wished, or the first before it that something is missing in. */
export function reachable(wished: StepId, draft: Draft, known: Known): StepId {
  const before = stepIds.slice(0, stepIds.indexOf(wished));
  return before.find((step) => missingIn(step, draft, known).length > 0) ?? wished;
}

/** Where somebody who comes back goes on: the first step that something is missing in, or that was not seen yet. */
export function firstOpen(draft: Draft, known: Known): StepId {
  return stepIds.find((step) => missingIn(step, draft, known).length > 0) ?? 'confirm';
}
