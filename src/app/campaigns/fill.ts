import { failure } from '../../base/errors.ts';
import { openRecipientFile, type RecipientSource } from '../../engine/audience/recipient-file.ts';
import { refColumn } from '../../engine/audience/ref.ts';
import { digestRecords, stageRecords } from '../../engine/audience/stage.ts';
import { discardCampaign, submitCampaign } from '../../engine/campaigns/campaigns.ts';
import { stillRead, whileReading } from '../../engine/campaigns/reading.ts';
import { exclusionsPart, RowsDigest, requireSameContent } from '../../engine/content/campaign-content.ts';
import { type Campaign, completeContent, type Exclusion } from '../../store/campaigns/campaigns.ts';
import { storeExclusions } from '../../store/campaigns/staging.ts';
import { rowWords } from '../../texts/rows.ts';
import { action } from '../action.ts';
import type { OpenAudience } from '../audience/open.ts';
import { requireCampaign } from './campaign.ts';

/** A file of people to leave out. */
export interface ExcludedFile {
  name: string;
  source: RecipientSource;
}

interface Reading {
  id: number;
  /** Open, and not read yet. */
  audience: OpenAudience;
  excludedFiles: readonly ExcludedFile[];
  signal: AbortSignal;
  /** Rows read so far. */
  onProgress?: (rows: number) => void;
}

/**
 * Stores the recipients of a campaign in `staging`. Memory is some pages, whatever the file's size. When that fails the
 * campaign is cancelled: its recipients are incomplete, and nobody may ever send it.
 *
 * @param outlast runs what stores a page, again if need be: it bears it. Default: once.
 * @param keepColumns all columns of a file are kept with the campaign, for exports. Default true.
 */
export const fillCampaign = action<
  Reading & { keepColumns?: boolean; outlast?: <T>(work: () => Promise<T>) => Promise<T> },
  { rows: number; bad: number }
>(
  {
    name: 'campaigns.fill',
    permission: 'campaign.create',
    // A part of what `campaigns.create` is a row of.
    audit: 'none',
    target: ({ id }) => id,
  },
  async ({ store }, input, { trail, require }) => {
    const { id, audience, excludedFiles, signal, onProgress, keepColumns = true } = input;
    const { outlast = (work) => work() } = input;
    const { pool } = store;
    const campaign = await requireCampaign(pool, id, require);
    try {
      const filled = await whileReading(pool, id, async () => {
        const exclusions = await readExcluded(campaign.exclusions, excludedFiles, signal, (openids) =>
          outlast(() => storeExclusions(pool, id, 'excluded-file', openids)),
        );
        const { batches, file } = audience;
        // Only a key makes anybody ask later whether it was the same.
        const digest = campaign.key === null || batches === null ? undefined : new RowsDigest();
        selectColumns(audience, campaign);
        const rows =
          batches === null
            ? { rows: 0, bad: 0 }
            : await stageRecords(pool, campaign, batches, {
                ...{ signal, outlast },
                ...(onProgress === undefined ? {} : { onProgress }),
                ...(digest === undefined ? {} : { digest }),
                ...(keepColumns && file !== null ? { columns: file.header } : {}),
              });
        if (campaign.key !== null)
          await outlast(() => completeContent(pool, id, contentParts(exclusions, digest?.value)));
        return rows;
      });
      trail.after = filled;
      return filled;
    } catch (error) {
      await discardCampaign(store, id, 'audience_incomplete').catch(() => {});
      throw error;
    }
  },
);

/**
 * Compares what the files hold with those of the campaign under the same key; what is known without reading them was
 * compared before. Throws `KEY_REUSED`, `CAMPAIGN_UNFINISHED`.
 */
export const compareCampaign = action<Reading, void>(
  { name: 'campaigns.compare', permission: 'campaign.create', audit: 'none', target: ({ id }) => id },
  async ({ store }, { id, audience, excludedFiles, signal, onProgress }, { require }) => {
    const campaign = await requireCampaign(store.pool, id, require);
    // Nothing to compare with: it was not read to its end, or an older version made it.
    if (campaign.content?.recipients !== undefined) {
      const exclusions = await readExcluded(campaign.exclusions, excludedFiles, signal, null);
      selectColumns(audience, campaign);
      const options = { signal, ...(onProgress === undefined ? {} : { onProgress }) };
      const rows =
        audience.batches === null ? undefined : await digestRecords(campaign, audience.batches, options);
      requireSameContent(campaign, { ...campaign.content, ...contentParts(exclusions, rows) });
    }
    if (campaign.state === 'staging') throw stillRead(campaign);
  },
);

/** Hands a campaign whose recipients are stored, or can be fetched, to whoever plans. Throws `CAMPAIGN_STATE`. */
export const planCampaign = action<{ id: number }, void>(
  {
    name: 'campaigns.plan',
    permission: 'campaign.create',
    // A part of what `campaigns.create` is a row of.
    audit: 'none',
    target: ({ id }) => id,
  },
  async ({ store }, { id }, { require }) => {
    await submitCampaign(store, await requireCampaign(store.pool, id, require));
  },
);

function contentParts(exclusions: string | undefined, recipients: string | undefined) {
  return {
    ...(exclusions === undefined ? {} : { exclusions }),
    ...(recipients === undefined ? {} : { recipients }),
  };
}

/** Of a file, only the columns that the campaign uses count, and only they can spoil a row. */
function selectColumns(
  audience: OpenAudience,
  { variables, dedupe }: Pick<Campaign, 'variables' | 'dedupe'>,
): void {
  const byColumn = /^column:(.*)$/s.exec(dedupe)?.[1];
  const ref = audience.columns?.includes(refColumn) ? [refColumn] : [];
  audience.select([...variables, ...(byColumn === undefined ? [] : [byColumn]), ...ref]);
}

/**
 * Reads the excluded files and gives their part of the campaign's content; undefined without files. `keep` gets them page
 * by page, for the planner to find. A row that cannot be read stops the push.
 */
async function readExcluded(
  exclusions: readonly Exclusion[],
  files: readonly ExcludedFile[],
  signal: AbortSignal,
  keep: ((openids: string[]) => Promise<void>) | null,
): Promise<string | undefined> {
  if (files.length === 0) return undefined;
  const digest = new RowsDigest();
  for (const { name, source } of files) {
    const file = await openRecipientFile(source, { signal });
    file.select([]);
    for await (const batch of file.batches) {
      const bad = batch.find((record) => record.kind === 'bad');
      if (bad?.kind === 'bad') {
        const about = { line: String(bad.line), file: name, reason: bad.reason };
        throw failure('EXCLUSION_UNREADABLE/file', { ...about, detail: rowWords(bad.words) });
      }
      const openids = batch.flatMap((record) => (record.kind === 'row' ? [record.openid] : []));
      for (const openid of openids) digest.add([openid]);
      await keep?.(openids);
    }
  }
  return exclusionsPart(exclusions, digest.value);
}
