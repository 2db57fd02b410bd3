import { HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import {
  type Exclusion,
  endUnsent,
  findCampaignByKey,
  type OnInvalid,
} from '../../store/campaigns/campaigns.ts';
import {
  adoptCampaign,
  findSchedule,
  markMissed,
  mayRunStillBegin,
} from '../../store/campaigns/schedules.ts';
import type { Store } from '../../store/store.ts';
import { syncFollowers } from '../audience/followers.ts';
import type { MessageParts } from '../content/build-message.ts';
import type { MessageBody } from '../content/compiled-message.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import { prepareCampaign, submitCampaign } from './campaigns.ts';

/** What a schedule sends each time: only audiences that can be fetched again. */
export interface ScheduledPush {
  channel: string;
  message: { parts: MessageParts } | { body: MessageBody };
  audience: { kind: 'all' } | { kind: 'tag'; tagId: number } | { kind: 'filter'; id: number };
  audienceName: string;
  /** Fetches the follower list first. */
  sync: boolean;
  onInvalid: OnInvalid;
  exclusions: Exclusion[];
  includeNoCredit?: boolean;
  /** Of each of its campaigns; null: only the account's. */
  ratePerS?: number | null | undefined;
}

/** What no repetition mends; everything else is tried again. */
const lasting: ReadonlySet<string> = new Set(['FOLLOWER_LOSS', 'NO_FOLLOWER_LIST']);

/**
 * One run of a schedule: makes its campaign and hands it to the planner; it starts by itself once it is planned.
 *
 * A follower list that it cannot rely on ends the campaign as `failed`, with the reason: nobody was asked, so nobody is
 * messaged.
 *
 * A run that could not begin in time, because WeChat or the database was away, say, is missed.
 *
 * @param run its local time, which identifies it: the same one again does nothing, so a run that was cut off is repeated safely
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
  const key = `schedule ${scheduleId} ${run}`;
  if (!(await mayRunStillBegin(pool, scheduleId, run))) {
    const begun = await findCampaignByKey(pool, appid, key);
    if (begun !== null && begun.state !== 'staging') return;
    if (begun !== null) await endUnsent(pool, begun.id, 'failed', 'expired', '');
    await markMissed(pool, scheduleId, run);
    deps.logger.error({ scheduleId, localTime: run }, 'a run of a schedule was missed');
    return;
  }
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
    ratePerS: request.ratePerS ?? undefined,
    key,
    again: true,
    lang: 'en',
  });
  if (prepared.kind === 'twin') return; // not with `again`
  const { campaign } = prepared;
  if (campaign.state !== 'staging') return;
  await adoptCampaign(pool, campaign.id, scheduleId);
  try {
    if (request.sync) await syncFollowers(deps, appid, { signal });
  } catch (error) {
    if (!(error instanceof HongyanError) || !lasting.has(error.code)) throw error;
    deps.logger.error(
      { campaignId: campaign.id, scheduleId, code: error.code, err: error },
      'a scheduled campaign is not sent, because the followers could not be synced',
    );
    await endUnsent(pool, campaign.id, 'failed', error.code, error.message);
    return;
  }
  await submitCampaign(deps.store, campaign);
  deps.logger.info({ campaignId: campaign.id, scheduleId }, 'schedule started a campaign');
}
