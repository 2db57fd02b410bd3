import { answeredOf, type Campaign, type CampaignView } from '../../app/campaigns/campaign.ts';
import { pauseCampaign } from '../../app/campaigns/control.ts';
import { findCampaignState, showCampaign } from '../../app/campaigns/report.ts';
import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import { notLongAfter } from '../../base/within.ts';
import { count } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../open.ts';
import { explained, isAway, outlast, pause } from '../output/outage.ts';
import { startProgress } from '../output/progress.ts';
import { waitLine } from '../output/report-lines.ts';
import type { Workforce } from '../workforce.ts';

const pollMs = 150;
/** Nothing can be stored; the messages in flight are in doubt and are settled by whoever resumes. */
const goneStopMs = 1_000;
/** An interrupted command has so long to pause its campaign, ms. */
const pauseWithinMs = 2_000;

/** Waits until a campaign is planned, cannot be, or the command is interrupted. */
export async function waitPlanned(
  context: CliContext,
  session: Session,
  workforce: Workforce,
  id: number,
  quiet: boolean,
): Promise<Campaign> {
  const progress = startProgress(context, text(context.lang, 'push.planning'), { quiet });
  try {
    for (;;) {
      const campaign = await outlast(context, session, async () => {
        await workforce.ensure();
        return await findCampaignState(session, context.actor, { id });
      });
      if (campaign === null) throw failure('CAMPAIGN_NOT_FOUND', { id: String(id) });
      if (campaign.state !== 'planning' || context.signal.aborted) return campaign;
      const decided =
        campaign.plannedCount + campaign.duplicateCount + campaign.invalidCount + campaign.unfollowedCount;
      progress.update(decided, campaign.audienceCount || null);
      await pause(context.signal, pollMs);
    }
  } finally {
    progress.stop();
  }
}

/**
 * Follows a running campaign to its end, with a progress bar. Ctrl-C pauses a campaign that this process delivers;
 * one that workers deliver goes on without us.
 */
export async function followCampaign(
  context: CliContext,
  session: Session,
  workforce: Workforce,
  id: number,
  quiet: boolean,
): Promise<CampaignView> {
  const progress = startProgress(context, text(context.lang, 'push.sending'), { quiet });
  let last = { at: performance.now(), answered: 0 };
  let rate = 0;
  const look = async (): Promise<CampaignView> => {
    await workforce.ensure();
    return await showCampaign(session, context.actor, { id });
  };
  /** Pauses it if it is ours to pause. */
  const park = async (): Promise<CampaignView> => {
    if (workforce.foreground)
      await pauseCampaign(session, context.actor, { id, reason: 'interrupted' }).catch((error) => {
        // It came to its end in the meantime.
        if (errorCode(error) !== 'CAMPAIGN_STATE') throw error;
      });
    return await showCampaign(session, context.actor, { id });
  };
  try {
    for (;;) {
      const report = await outlast(context, session, look);
      const { campaign } = report;
      const answered = answeredOf(report);
      const seconds = (performance.now() - last.at) / 1000;
      if (seconds >= 1) {
        rate = (answered - last.answered) / seconds;
        last = { at: performance.now(), answered };
      }
      const note =
        rate > 0
          ? text(context.lang, 'watch.rate', { rate: count(Math.round(rate)) })
          : (waitLine(report, context.lang) ?? '');
      progress.update(answered, campaign.plannedCount, note);
      if (campaign.state !== 'running') return report;
      if (context.signal.aborted) return await notLongAfter(context.signal, () => pauseWithinMs, park());
      await pause(context.signal, pollMs);
    }
  } catch (error) {
    const cause = (await session.whyAway(error)) ?? explained(error);
    if (!isAway(error) && errorCode(cause) !== 'DISK_FULL' && error !== context.signal.reason) throw error;
    await workforce.stop(goneStopMs);
    throw databaseGone(cause, id);
  } finally {
    progress.stop();
    if (!(await workforce.stop())) context.err(text(context.lang, 'serve.stoppedLate'));
  }
}

function databaseGone(cause: unknown, id: number): HongyanError {
  return errorCode(cause) === 'DISK_FULL'
    ? failure('DISK_FULL/while-sending', { id: String(id) }, { cause })
    : failure('DATABASE_UNREACHABLE/while-sending', { id: String(id) }, { cause });
}
