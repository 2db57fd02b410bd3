import type { campaignsWords } from '../../src/texts/console/campaigns.ts';
import type { AnswerOf, EntryOf } from '../parts/api.ts';
import type { Say } from '../parts/language.tsx';

export type Campaign = EntryOf<'GET /v1/campaigns'>;
export type Report = AnswerOf<'GET /v1/campaigns/{id}'>;

export type SayCampaign = Say<typeof campaignsWords>;

export function audienceName(say: SayCampaign, audience: Campaign['audience']): string {
  switch (audience.kind) {
    case 'all':
      return say('to.all');
    case 'tag':
      return say('to.tag', { tag: String(audience.tagId) });
    case 'filter':
      return say('to.filter', { name: audience.name });
    case 'list':
      return say('to.list', { count: audience.count });
    case 'file':
      return say('to.file', { name: audience.name });
  }
}

/** `about 2 min`: as exact as anybody can plan by. */
export function duration(say: SayCampaign, seconds: number): string {
  if (seconds < 90) return say('time.seconds', { n: Math.ceil(seconds) });
  if (seconds < 5400) return say('time.minutes', { n: Math.ceil(seconds / 60) });
  return say('time.hours', { n: Math.ceil(seconds / 3600) });
}

export function isMoving(state: Campaign['state']): boolean {
  return state === 'staging' || state === 'planning' || state === 'running';
}

export const grouped = (n: number): string => n.toLocaleString('en-US');

/** Nothing of it changes any more but receipts. */
export function isOver(state: Campaign['state']): boolean {
  return state === 'done' || state === 'cancelled' || state === 'failed';
}
