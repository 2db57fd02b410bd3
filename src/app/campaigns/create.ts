import { requireKey } from '../../base/idempotency-key.ts';
import { type CampaignRequest, type Prepared, prepareCampaign } from '../../engine/campaigns/campaigns.ts';
import { stillRead } from '../../engine/campaigns/reading.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { endLeftReading } from '../../store/campaigns/left.ts';
import { type Channel, resolveChannel } from '../../wechat/channels.ts';
import { checkRate } from '../accounts/settings.ts';
import { action } from '../action.ts';

export type { MessageWarning } from '../../engine/campaigns/campaigns.ts';
export type { MessageParts } from '../../engine/content/build-message.ts';
export type { MessageBody } from '../../engine/content/compiled-message.ts';

export type CampaignInput = Omit<CampaignRequest, 'lang'>;

/** `left`: a campaign under the same key whose reader was gone; it was cancelled, and this one is in its place. */
export type Created = Prepared & { left: { id: number; key: string } | null };

/**
 * The channel that the name means for the account, and the zone of its times: what is known before anything is read.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `CHANNEL_UNKNOWN`, `CHANNEL_NOT_FOR_ACCOUNT`, `CHANNEL_AMBIGUOUS`.
 */
export const pushedBy = action<{ appid: string; channel: string }, { channel: Channel; timeZone: string }>(
  { name: 'campaigns.pushedBy', permission: 'campaign.create', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, channel }) => {
    const { kind, timeZone } = await getAccount(pool, appid);
    return { channel: resolveChannel(channel, kind), timeZone };
  },
);

/**
 * Checks everything that can be checked before an audience is read, and writes the campaign (`staging`); `fillCampaign`
 * comes next, then `planCampaign`. With a key that was used before: the campaign under it.
 *
 * Throws for a message that nobody could get, and `KEY_INVALID`, `KEY_REUSED`, `CAMPAIGN_UNFINISHED`.
 */
export const createCampaign = action<CampaignInput, Created>(
  {
    name: 'campaigns.create',
    permission: 'campaign.create',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ channel, audience, key, startAt, validUntil, onInvalid, ratePerS }) => ({
      ...{ channel, audience, key, startAt, validUntil, onInvalid, ratePerS },
    }),
  },
  async (app, input, { actor, trail }) => {
    const { pool } = app.store;
    if (input.key !== undefined) requireKey(input.key);
    if (input.ratePerS !== undefined) checkRate(input.ratePerS);
    const prepare = (again: boolean | undefined) =>
      prepareCampaign(app, { ...input, ...(again === undefined ? {} : { again }), lang: actor.lang });
    let prepared = await prepare(input.again);
    let left: Created['left'] = null;
    if (prepared.kind === 'existing' && prepared.campaign.state === 'staging') {
      const { id, key } = prepared.campaign;
      // Its rows were with a process that is gone: whoever has them again, as the caller does, begins anew.
      if (!(await endLeftReading(pool, id))) throw stillRead(prepared.campaign);
      left = { id, key: key ?? '' };
      prepared = await prepare(true);
    }
    const { id, state } = prepared.kind === 'twin' ? prepared.twin : prepared.campaign;
    trail.target = id;
    trail.after = { kind: prepared.kind, state };
    return { ...prepared, left };
  },
);
