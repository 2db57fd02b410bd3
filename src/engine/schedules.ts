import type { Logger } from '../base/logger.ts';
import type { Exclusion, OnInvalid } from '../store/campaigns.ts';
import { adoptCampaign, findSchedule } from '../store/schedules.ts';
import type { Store } from '../store/store.ts';
import type { AccountClients } from './account-clients.ts';
import { prepareCampaign, submitCampaign } from './campaigns.ts';
import { syncFollowers } from './followers.ts';
import type { MessageParts } from './message/build-message.ts';
import type { MessageBody } from './message/compiled-message.ts';

/** What a schedule sends each time: only audiences that can be fetched again. */
export interface ScheduledPush {
  channel: string;
  message: { parts: MessageParts } | { body: MessageBody };
  audience: { kind: 'all' } | { kind: 'tag'; tagId: number };
  audienceName: string;
  /** Fetches the follower list first. */
  sync: boolean;
  onInvalid: OnInvalid;
  exclusions: Exclusion[];
  includeNoCredit?: boolean;
}

/**
 * One run of a schedule: makes its campaign and hands it to the planner; it starts by itself once it is planned.
 *
 * @param run identifies this run: the same one again does nothing, so a run that was cut off is repeated safely
 */
export async function runSchedule(
  deps: { store: Store; clients: AccountClients; logger: Logger },
  scheduleId: number,
  run: string,
  signal: AbortSignal,
): Promise<void> {
  const { pool } = deps.store;
  const schedule = await findSchedule<ScheduledPush>(pool, scheduleId);
  if (schedule === null) return; // removed since
  const { appid, request } = schedule;
  if (request.sync) await syncFollowers(deps, appid, { signal });
  const prepared = await prepareCampaign(deps, {
    appid,
    channel: request.channel,
    message: request.message,
    audience: request.audience,
    audienceName: request.audienceName,
    columns: null,
    onInvalid: request.onInvalid,
    exclusions: request.exclusions,
    includeNoCredit: request.includeNoCredit ?? false,
    key: `schedule ${scheduleId} ${run}`,
    again: true,
    lang: 'en',
  });
  if (prepared.kind === 'twin') return; // not with `again`
  const { campaign } = prepared;
  if (campaign.state !== 'staging') return;
  await adoptCampaign(pool, campaign.id, scheduleId);
  await submitCampaign(deps.store, campaign);
  deps.logger.info({ campaignId: campaign.id, scheduleId }, 'schedule started a campaign');
}
