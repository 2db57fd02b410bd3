import { digestRecords } from '../../engine/audience/stage.ts';
import { stillRead } from '../../engine/campaigns/reading.ts';
import { requireSameContent } from '../../engine/content/campaign-content.ts';
import type { Campaign, Exclusion } from '../../store/campaigns/campaigns.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { readExcludedFiles } from '../input/exclusions.ts';
import type { Recipients } from '../input/recipients.ts';
import type { Session } from '../open.ts';
import { startProgress } from '../output/progress.ts';
import { showExisting } from '../output/show-campaign.ts';

/**
 * Compares what the files hold with those of the campaign under the same key; what is known without reading them was compared
 * before. Throws `KEY_REUSED`.
 */
export async function requireSameFiles(
  context: CliContext,
  campaign: Campaign,
  recipients: Recipients,
  leftOut: Exclusion[],
  quiet: boolean,
): Promise<void> {
  // Nothing to compare with: it was not read to its end, or an older version made it.
  if (campaign.content?.recipients === undefined) return;
  const { signal } = context;
  const exclusions = await readExcludedFiles(leftOut, signal);
  selectColumns(recipients, campaign);
  const { batches, total } = recipients;
  const progress = startProgress(context, text(context.lang, 'push.comparing'), { quiet });
  try {
    const onProgress = (read: number): void => progress.update(read, total);
    const rows =
      batches === null ? undefined : await digestRecords(campaign, batches, { signal, onProgress });
    requireSameContent(campaign, {
      ...campaign.content,
      ...(exclusions === undefined ? {} : { exclusions }),
      ...(rows === undefined ? {} : { recipients: rows }),
    });
  } finally {
    progress.stop();
  }
}

/** Of a file, only the columns that the campaign uses count, and only they can spoil a row. */
export function selectColumns(
  recipients: Recipients,
  { variables, dedupe }: Pick<Campaign, 'variables' | 'dedupe'>,
): void {
  const byColumn = /^column:(.*)$/s.exec(dedupe)?.[1];
  recipients.select(byColumn === undefined ? variables : [...variables, byColumn]);
}

/**
 * A campaign with this key and content is there. One that was started is shown; one that waits for its start (the process that
 * made it was stopped) is given back to go on from there, so that a rerun with the same key finishes the job.
 */
export async function goOnOrShow(
  context: CliContext,
  session: Session,
  request: { dryRun: boolean; json: boolean },
  campaign: Campaign,
): Promise<Campaign | null> {
  if (campaign.state === 'staging') throw stillRead(campaign);
  if ((campaign.state === 'planning' || campaign.state === 'planned') && !request.dryRun) {
    if (!request.json)
      context.out(text(context.lang, 'push.continues', { key: campaign.key ?? '', id: String(campaign.id) }));
    return campaign;
  }
  await showExisting(context, session, campaign, request.json);
  return null;
}
