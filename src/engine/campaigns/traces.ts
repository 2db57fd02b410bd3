import { isTracing, traceText, withSpan } from '../../base/tracing.ts';
import { createCampaign, type NewCampaign } from '../../store/campaigns/campaigns.ts';
import type { Pool } from '../../store/database/pool.ts';
import { spanNames } from '../../texts/parts.ts';

/** Stores a campaign in a producer span, to which its plan, requests and receipts belong, on whichever node they are. */
export async function createInSpan(
  pool: Pool,
  campaign: Omit<NewCampaign, 'trace'>,
): ReturnType<typeof createCampaign> {
  if (!isTracing()) return await createCampaign(pool, { ...campaign, trace: null });
  const { appid, channel } = campaign;
  const attributes = { 'wechat.appid': appid, 'hongyan.channel': channel };
  return await withSpan(spanNames.createCampaign, { kind: 'producer', attributes }, async (span) => {
    const made = await createCampaign(pool, { ...campaign, trace: traceText(span) });
    span?.setAttributes({
      'hongyan.campaign.id': made.campaign.id,
      ...(made.existed ? { 'hongyan.repeated': true } : {}),
    });
    return made;
  });
}
