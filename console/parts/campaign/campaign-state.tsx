import type { ReactNode } from 'react';
import { campaignsWords } from '../../../src/texts/console/campaigns.ts';
import type { EntryOf } from '../api.ts';
import { Tag } from '../delivery/outcome.tsx';
import { useWords } from '../language.tsx';

const tones = {
  staging: 'busy',
  planning: 'busy',
  planned: 'warn',
  running: 'busy',
  paused: 'warn',
  done: 'good',
  cancelled: 'plain',
  failed: 'bad',
} as const;

export function CampaignState({
  of: { state, next, dryRun },
}: {
  of: Pick<EntryOf<'GET /v1/campaigns'>, 'state' | 'next' | 'dryRun'>;
}): ReactNode {
  const say = useWords(campaignsWords);
  if (next === 'approve') return <Tag tone="warn">{say('next.approve')}</Tag>;
  if (dryRun) return <Tag>{say('state.dryRun')}</Tag>;
  return <Tag tone={tones[state]}>{say(`state.${state}`)}</Tag>;
}
