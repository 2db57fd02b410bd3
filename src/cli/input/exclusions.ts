import { HongyanError } from '../../base/errors.ts';
import { openRecipientFile } from '../../engine/audience/recipient-file.ts';
import { exclusionsPart, RowsDigest } from '../../engine/content/campaign-content.ts';
import type { Exclusion } from '../../store/campaigns/campaigns.ts';
import { storeExclusions } from '../../store/campaigns/staging.ts';
import type { Session } from '../open.ts';

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

/**
 * Reads the excluded files and gives their part of the campaign's content; undefined without files. With `campaign` they go
 * into the database, where the planner finds them. A row that cannot be read stops the push.
 */
export async function readExcludedFiles(
  exclusions: Exclusion[],
  signal: AbortSignal,
  campaign?: { session: Session; id: number },
): Promise<string | undefined> {
  const files = exclusions.flatMap((one) => (one.kind === 'file' ? [one.name] : []));
  if (files.length === 0) return undefined;
  const digest = new RowsDigest();
  for (const path of files) {
    const file = await openRecipientFile({ path }, { signal });
    file.select([]);
    for await (const batch of file.batches) {
      const bad = batch.find((record) => record.kind === 'bad');
      if (bad?.kind === 'bad') {
        throw new HongyanError(
          'EXCLUSION_UNREADABLE',
          `line ${bad.line} of ${path} cannot be read (${bad.reason}: ${bad.detail}); nobody was messaged, because somebody who should be left out might have been`,
        );
      }
      const openids = batch.flatMap((record) => (record.kind === 'row' ? [record.openid] : []));
      for (const openid of openids) digest.add([openid]);
      if (campaign !== undefined)
        await storeExclusions(campaign.session.store.pool, campaign.id, 'excluded-file', openids);
    }
  }
  return exclusionsPart(exclusions, digest.value);
}
