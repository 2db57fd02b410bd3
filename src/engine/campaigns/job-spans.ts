import {
  type Attributes,
  isTracing,
  noParent,
  parentOf,
  readTrace,
  type SpanOptions,
  withSpan,
} from '../../base/tracing.ts';
import { findCampaign } from '../../store/campaigns/campaigns.ts';
import type { Pool } from '../../store/database/pool.ts';
import { spanNames } from '../../texts/parts.ts';

/** The span of a background job that nobody waits for: it begins a trace. */
export function jobSpan(attributes: Attributes = {}): SpanOptions {
  return { kind: 'consumer', parent: noParent, attributes };
}

/** A plan belongs to the trace in which its campaign was made: there is one of it, and somebody waits for it. */
export async function inPlanSpan(pool: Pool, campaignId: number, plan: () => Promise<void>): Promise<void> {
  if (!isTracing()) return await plan();
  const made = readTrace((await findCampaign(pool, campaignId))?.trace);
  const options = jobSpan({ 'hongyan.campaign.id': campaignId });
  await withSpan(
    spanNames.planCampaign,
    made === undefined ? options : { ...options, parent: parentOf(made) },
    plan,
  );
}
