import type { campaignsWords } from '../../../src/texts/console/campaigns.ts';
import type { Say } from '../language.tsx';

/** Who confirmed, approved or changed something, as the server says it; a key is called one. */
export function byWhom(say: Say<typeof campaignsWords>, who: string): string {
  return who.startsWith('key ') ? say('byKey', { name: who.slice('key '.length) }) : who;
}
