import type { webhooksWords } from '../../src/texts/console/webhooks.ts';
import type { Say } from '../parts/language.tsx';

/** What a new webhook can be told of. */
export const offeredTopics = [
  ...(['outcome', 'receipt', 'campaign', 'follow', 'unfollow'] as const),
  ...(['scan', 'message', 'credit', 'session', 'mass', 'other'] as const),
];

const outcomes = [
  ...(['outcome.accepted', 'outcome.rejected', 'outcome.unknown', 'outcome.held', 'outcome.unsent'] as const),
];
const known = [...offeredTopics, ...outcomes, 'all'] as const;

/** Topics in words; one of a newer server as it came. Whoever asked for all outcomes is shown that. */
export function topicNames(say: Say<typeof webhooksWords>, topics: readonly string[]): string {
  const hasAll = outcomes.every((one) => topics.includes(one));
  const shown = hasAll ? ['outcome', ...topics.filter((one) => !one.startsWith('outcome.'))] : topics;
  return shown
    .map((topic) => {
      const one = known.find((name) => name === topic);
      return one === undefined ? topic : say(`topic.${one}`);
    })
    .join(' · ');
}
