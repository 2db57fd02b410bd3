import type { Input } from '../../../src/client/index.ts';

export type Rules = Input<'POST /v1/accounts/{appid}/filters'>['body']['rules'];

/** The rules as they are typed. */
export interface Typed {
  tags: readonly string[];
  days: string;
  templateId: string;
  is: NonNullable<Rules['credit']>['is'];
  got: string;
  notGot: string;
}

const mostCampaigns = 5;

export function typedOf(rules: Rules): Typed {
  const numbers = (got: boolean): string =>
    (rules.campaigns ?? [])
      .filter((one) => one.got === got)
      .map(({ id }) => id)
      .join(', ');
  return {
    tags: (rules.tags ?? []).map(String),
    days: rules.subscribedWithinDays === undefined ? '' : String(rules.subscribedWithinDays),
    templateId: rules.credit?.templateId ?? '',
    is: rules.credit?.is ?? 'left',
    got: numbers(true),
    notGot: numbers(false),
  };
}

const numbersIn = (text: string): number[] =>
  text
    .split(/[\s,#，、]+/)
    .filter((one) => /^[1-9]\d{0,14}$/.test(one))
    .map(Number);

export function daysOf({ days }: Typed): number | null | 'wrong' {
  if (days.trim() === '') return null;
  return /^\d{1,4}$/.test(days.trim()) && Number(days) >= 1 && Number(days) <= 3650 ? Number(days) : 'wrong';
}

export function hasTooMany({ got, notGot }: Typed): boolean {
  return numbersIn(got).length + numbersIn(notGot).length > mostCampaigns;
}

/** Null while there is none, or one of them is wrong. What this form does not show of `before` stays. */
export function rulesOf(typed: Typed, before: Rules): Rules | null {
  const days = daysOf(typed);
  if (days === 'wrong' || hasTooMany(typed)) return null;
  const campaigns = [
    ...numbersIn(typed.got).map((id) => ({ id, got: true })),
    ...numbersIn(typed.notGot).map((id) => ({ id, got: false })),
  ];
  const { subscribedSince, suppressed } = before;
  const rules: Rules = {
    ...(subscribedSince === undefined ? {} : { subscribedSince }),
    ...(suppressed === undefined ? {} : { suppressed }),
    ...(typed.tags.length === 0 ? {} : { tags: typed.tags.map(Number) }),
    ...(days === null ? {} : { subscribedWithinDays: days }),
    ...(typed.templateId === '' ? {} : { credit: { templateId: typed.templateId, is: typed.is } }),
    ...(campaigns.length === 0 ? {} : { campaigns }),
  };
  return Object.keys(rules).length === 0 ? null : rules;
}
