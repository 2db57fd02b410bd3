import { failure } from '../../base/errors.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { ageOf } from '../../texts/age.ts';
import { action } from '../action.ts';
import { type AudienceWish, type FileOptions, openAudience } from '../audience/open.ts';
import { requireCampaign } from './campaign.ts';
import { type ResendWhat, resendCampaign } from './control.ts';
import { type CampaignInput, createCampaign, type MessageWarning } from './create.ts';
import { compareCampaign, type ExcludedFile, fillCampaign, planCampaign } from './fill.ts';

export interface SubmitInput
  extends Omit<CampaignInput, 'audience' | 'audienceName' | 'columns' | 'reserveKey'> {
  audience: AudienceWish;
  file?: FileOptions;
  excludedFiles?: readonly ExcludedFile[];
  keepColumns?: boolean;
  signal: AbortSignal;
}

export interface Submitted {
  campaign: Campaign;
  /** The key was used before, for the same. */
  isRepeat: boolean;
  warnings: MessageWarning[];
}

/**
 * The whole way to a plan in one call, for those who cannot be asked midway: checks, stores the recipients, and hands the
 * campaign to a planner. Nobody is sent to before `confirmCampaign`. What breaks off midway leaves nothing that can be planned.
 *
 * Throws like `createCampaign` and `fillCampaign`, and `CAMPAIGN_TWIN`.
 */
export const submitCampaign = action<SubmitInput, Submitted>(
  {
    name: 'campaigns.submit',
    permission: 'campaign.create',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ channel, key }) => ({ channel, key }),
  },
  async (app, input, { actor, trail, require }) => {
    const { audience: wish, file = {}, excludedFiles = [], keepColumns = true, signal, ...wanted } = input;
    const { pool } = app.store;
    const audience = await openAudience(wish, { ...file, signal });
    try {
      const created = await createCampaign(app, actor, {
        ...wanted,
        ...{ audience: audience.audience, audienceName: audience.name, columns: audience.columns },
      });
      if (created.kind === 'twin') {
        const { id, createdAt } = created.twin;
        throw failure('CAMPAIGN_TWIN', { id: String(id), age: ageOf(createdAt) });
      }
      const { id } = created.campaign;
      trail.target = id;
      const reading = { id, audience, excludedFiles, signal };
      if (created.kind === 'existing') {
        await compareCampaign(app, actor, reading);
        return { campaign: created.campaign, isRepeat: true, warnings: [] };
      }
      await fillCampaign(app, actor, { ...reading, keepColumns });
      await planCampaign(app, actor, { id });
      const campaign = await requireCampaign(pool, id, require);
      return { campaign, isRepeat: false, warnings: created.warnings };
    } finally {
      await audience.close();
    }
  },
);

/** `resendCampaign` and its plan in one call. */
export const sendAgain = action<
  { id: number; what: ResendWhat[]; key?: string | undefined; includeNoCredit: boolean; signal: AbortSignal },
  {
    campaign: Campaign;
    isRepeat: boolean;
    recipients: number;
    by: Record<ResendWhat, number>;
    held: number;
  }
>(
  {
    name: 'campaigns.sendAgain',
    permission: 'campaign.create',
    audit: 'change',
    target: ({ id }) => id,
  },
  async (app, input, { actor, require }) => {
    await requireCampaign(app.store.pool, input.id, require);
    const { campaign, recipients, by, existed, held } = await resendCampaign(app, actor, input);
    if (!existed) await planCampaign(app, actor, { id: campaign.id });
    const found = await requireCampaign(app.store.pool, campaign.id, require);
    return { campaign: found, isRepeat: existed, recipients, by, held };
  },
);
