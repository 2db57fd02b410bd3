import { errorCode, HongyanError } from '../../base/errors.ts';
import { notLongAfter } from '../../base/within.ts';
import { answeredOf, type CampaignReport, campaignReport } from '../../engine/campaigns/report.ts';
import { type Engine, startEngine } from '../../engine/engine.ts';
import { type Campaign, findCampaign, pauseCampaign } from '../../store/campaigns/campaigns.ts';
import { liveNodes, type Node } from '../../store/database/nodes.ts';
import { explainDatabaseError } from '../../store/database/pool.ts';
import { count } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import { webhookAllowList } from '../config.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../open.ts';
import { isAway, outlast, pause } from './outage.ts';
import { startProgress } from './progress.ts';
import { waitLine } from './report-lines.ts';

const pollMs = 150;
/** Nothing can be stored; the messages in flight are in doubt and are settled by whoever resumes. */
const goneStopMs = 1_000;
/** An interrupted command has so long to pause its campaign, ms. */
const pauseWithinMs = 2_000;

/**
 * Somebody who works while a command waits: the workers that run already, or this process itself when there are
 * none. A worker that dies meanwhile is replaced by this process.
 */
export class Workforce {
  readonly #context: CliContext;
  readonly #session: Session;
  readonly #role: Node['role'];
  readonly #version: string;
  #engine: Engine | null = null;
  #checkedAt = -Infinity;
  nodes = 0;

  constructor(context: CliContext, session: Session, role: Node['role'], version: string) {
    this.#context = context;
    this.#session = session;
    this.#role = role;
    this.#version = version;
  }

  get foreground(): boolean {
    return this.#engine !== null;
  }

  /** The engine of this process; null while others work. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** Looks at most every 3 s whether anybody works; if not, starts to. */
  async ensure(): Promise<void> {
    if (this.#engine !== null || performance.now() - this.#checkedAt < 3_000) return;
    this.#checkedAt = performance.now();
    // Another push or demo delivers too while it runs, but it ends with its own campaign.
    const nodes = await liveNodes(this.#session.store.pool);
    this.nodes = nodes.filter((node) => node.role === 'serve').length;
    if (this.nodes > 0) return;
    this.#engine = await startEngine({
      ...this.#session,
      logger: this.#context.logger,
      role: this.#role,
      version: this.#version,
      webhookAllow: webhookAllowList(this.#context.config),
    });
  }

  /**
   * @param timeoutMs how long to wait until everything in flight is stored; default 10 s, less when the process is to end
   * @returns false when that was not enough
   */
  async stop(timeoutMs = 10_000): Promise<boolean> {
    const engine = this.#engine;
    this.#engine = null;
    return (await engine?.stop(Math.min(timeoutMs, this.#context.msLeft() * 0.7))) ?? true;
  }
}

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
    // A database that does not take the node at all is not waited for: nothing has begun yet.
    await workforce.ensure();
    for (;;) {
      const campaign = await outlast(context, session, async () => {
        await workforce.ensure();
        return await findCampaign(session.store.pool, id);
      });
      if (campaign === null) throw new HongyanError('CAMPAIGN_NOT_FOUND', `the campaign ${id} was removed`);
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
 * Follows a running campaign to its end, with a progress bar. Ctrl-C parks a campaign that this process delivers;
 * one that workers deliver goes on without us.
 */
export async function followCampaign(
  context: CliContext,
  session: Session,
  workforce: Workforce,
  id: number,
  quiet: boolean,
): Promise<CampaignReport> {
  const { pool } = session.store;
  const progress = startProgress(context, text(context.lang, 'push.sending'), { quiet });
  let last = { at: performance.now(), answered: 0 };
  let rate = 0;
  const look = async (): Promise<CampaignReport> => {
    await workforce.ensure();
    return await campaignReport(pool, id);
  };
  /** Pauses it if it is ours to pause. */
  const park = async (): Promise<CampaignReport> => {
    if (workforce.foreground) await pauseCampaign(pool, id, 'interrupted', null);
    return await campaignReport(pool, id);
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
      const note = rate > 0 ? `${count(Math.round(rate))}/s` : (waitLine(report, context.lang) ?? '');
      progress.update(answered, campaign.plannedCount, note);
      if (campaign.state !== 'running') return report;
      if (context.signal.aborted) return await notLongAfter(context.signal, () => pauseWithinMs, park());
      await pause(context.signal, pollMs);
    }
  } catch (error) {
    const cause = (await session.whyAway(error)) ?? explainDatabaseError(error);
    if (!isAway(error) && errorCode(cause) !== 'DISK_FULL' && error !== context.signal.reason) throw error;
    await workforce.stop(goneStopMs);
    throw databaseGone(cause, id);
  } finally {
    progress.stop();
    if (!(await workforce.stop())) context.err(text(context.lang, 'serve.stoppedLate'));
  }
}

function databaseGone(cause: unknown, id: number): HongyanError {
  const isFull = errorCode(cause) === 'DISK_FULL';
  return new HongyanError(
    isFull ? 'DISK_FULL' : 'DATABASE_UNREACHABLE',
    `${isFull ? 'the disk of the database is full' : 'the database went away'} while campaign ${id} was being ` +
      'sent. Nobody is forgotten or messaged twice: ' +
      `${isFull ? 'make room, then' : 'when it is back,'} run: hongyan campaigns resume ${id}`,
    { cause },
  );
}
