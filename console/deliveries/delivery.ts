import type { deliveriesWords } from '../../src/texts/console/deliveries.ts';
import type { EntryOf } from '../parts/api.ts';
import type { Say } from '../parts/language.tsx';
import type { OutcomeName } from '../parts/outcome.tsx';

export type Delivery = EntryOf<'GET /v1/deliveries'>;

/** What became of one message, receipt included: accepted is WeChat's word, delivered the receipt's. */
export function outcomeOf({ state, receipt }: Pick<Delivery, 'state' | 'receipt'>): OutcomeName {
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

const channels = ['oa-template', 'oa-subscribe', 'oa-once', 'mp-subscribe', 'mp-form', 'kf'] as const;

export function channelName(say: Say<typeof deliveriesWords>, channel: string): string {
  const known = channels.find((one) => one === channel);
  return known === undefined ? channel : say(`channel.${known}`);
}
