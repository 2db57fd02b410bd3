import { HongyanError } from '../base/errors.ts';
import { openRecipientFile } from '../engine/audience/recipient-file.ts';
import type { Campaign, Exclusion } from '../store/campaigns.ts';
import { storeExclusions } from '../store/staging.ts';
import type { Session } from './open.ts';

/** `--exclude tag:ID | @file | campaign:ID`. Throws `USAGE`. */
export function parseExclusions(values: string[]): Exclusion[] {
  return values.map((value): Exclusion => {
    const tag = /^tag:(\d{1,9})$/.exec(value)?.[1];
    if (tag !== undefined) return { kind: 'tag', tagId: Number(tag) };
    const campaign = /^campaign:([1-9]\d{0,14})$/.exec(value)?.[1];
    if (campaign !== undefined) return { kind: 'campaign', id: Number(campaign) };
    if (value.startsWith('@') && value.length > 1) return { kind: 'file', name: value.slice(1) };
    throw new HongyanError('USAGE', `--exclude takes tag:ID, @file or campaign:ID, not "${value}"`);
  });
}

/** Reads the excluded files into the database, where the planner finds them. A row that cannot be read stops the push. */
export async function storeExcludedFiles(
  session: Session,
  campaign: Campaign,
  signal: AbortSignal,
): Promise<void> {
  for (const exclusion of campaign.exclusions) {
    if (exclusion.kind !== 'file') continue;
    const file = await openRecipientFile({ path: exclusion.name }, { signal });
    file.select([]);
    for await (const batch of file.batches) {
      const bad = batch.find((record) => record.kind === 'bad');
      if (bad?.kind === 'bad') {
        throw new HongyanError(
          'EXCLUSION_UNREADABLE',
          `line ${bad.line} of ${exclusion.name} cannot be read (${bad.reason}: ${bad.detail}); nobody was messaged, because somebody who should be left out might have been`,
        );
      }
      const openids = batch.flatMap((record) => (record.kind === 'row' ? [record.openid] : []));
      await storeExclusions(session.store.pool, campaign.id, 'excluded-file', openids);
    }
  }
}
