import { deliveriesWords } from '../../../src/texts/console/deliveries.ts';
import type { EntryOf } from '../api.ts';
import type { Say } from '../language.tsx';
import type { OutcomeName } from './outcome.tsx';

export type Delivery = EntryOf<'GET /v1/deliveries'>;

/** What became of one message, receipt included: accepted is WeChat's word, delivered the receipt's. */
export function outcomeOf({
  state,
  reason,
  receipt,
}: Pick<Delivery, 'state' | 'reason' | 'receipt'>): OutcomeName {
  if (reason === 'dry_run') return 'dryRun';
  if (receipt === null) return state;
  switch (receipt.status) {
    case 'delivered':
      return 'delivered';
    case 'blocked':
      return 'blocked';
    case 'late':
      return 'noReceipt';
    default:
      return 'failed';
  }
}

type ChannelKey = Extract<keyof typeof deliveriesWords, `channel.${string}`>;

function isChannelKey(key: string): key is ChannelKey {
  return Object.hasOwn(deliveriesWords, key);
}

export function channelName(say: Say<typeof deliveriesWords>, channel: string): string {
  const key = `channel.${channel}`;
  return isChannelKey(key) ? say(key) : channel;
}
