import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { useWords } from '../parts/language.tsx';
import { useWhenWords } from '../parts/schedule/when-words.ts';
import { type Draft, listed } from './draft.ts';

/** Whom it goes to, in a few words; null while nobody is chosen. `name`: of the file, filter or tag, once it is known. */
export function useAudienceName(draft: Draft, name: string | null): string | null {
  const say = useWords(newCampaignWords);
  switch (draft.audience) {
    case 'all':
      return say('audience.all');
    case 'tag':
      return draft.tag === '' ? null : (name ?? say('audience.tag'));
    case 'filter':
      return draft.filter === '' ? null : (name ?? say('audience.filter'));
    case 'list': {
      const { length } = listed(draft.openids);
      return length === 0 ? null : say('people', { count: length.toLocaleString('en-US') });
    }
    case 'upload':
      return draft.uploadId === null ? null : (name ?? say('audience.upload'));
  }
}

/** When it is sent, in a few words; null while that is not said. */
export function useWhenName({ when, startAt, cron }: Draft): string | null {
  const say = useWords(newCampaignWords);
  const whenName = useWhenWords();
  if (when === 'now') return say('chosen.now');
  if (when === 'later') return startAt === '' ? null : startAt.replace('T', ' ');
  if (cron === '') return null;
  return whenName(cron);
}
