import { failure } from '../../base/errors.ts';

/** A campaign's number as it is typed. Throws `USAGE`. */
export function campaignId(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw failure('USAGE/campaign-number', { value });
  return Number(value);
}

/** A schedule's number as it is typed. Throws `USAGE`. */
export function scheduleId(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw failure('USAGE/schedule-number', { value });
  return Number(value);
}

/** A draft's number as it is typed. Throws `USAGE`. */
export function draftId(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw failure('USAGE/draft-number', { value });
  return Number(value);
}

/** A filter's number as it is typed. Throws `USAGE`. */
export function filterId(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw failure('USAGE/filter-number', { value });
  return Number(value);
}

/** A webhook's number as it is typed. Throws `WEBHOOK_NOT_FOUND`: no other text is one. */
export function webhookId(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw failure('WEBHOOK_NOT_FOUND', { id: value });
  return Number(value);
}

/** A channel's number as it is typed. Throws `ALERT_CHANNEL_NOT_FOUND`. */
export function alertChannelId(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw failure('ALERT_CHANNEL_NOT_FOUND', { id: value });
  return Number(value);
}

/** A whole number from 1 to `most`. Throws `USAGE`. */
export function numberUpTo(option: string, most: number, value: string): number {
  const number = /^[1-9]\d{0,14}$/.test(value) ? Number(value) : Number.NaN;
  if (number <= most) return number;
  throw failure('USAGE/number-between', { option, least: 1, most: String(most), value });
}
