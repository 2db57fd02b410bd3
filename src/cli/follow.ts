import { HongyanError } from '../base/errors.ts';
import { type Engine, startEngine } from '../engine/engine.ts';
import { answeredOf, type CampaignReport, campaignReport } from '../engine/report.ts';
import { type Campaign, findCampaign, pauseCampaign } from '../store/campaigns.ts';
import { liveNodes, type Node } from '../store/nodes.ts';
import { explainDatabaseError, type Pool } from '../store/pool.ts';
import { webhookAllowList } from './config.ts';
import type { CliContext } from './context.ts';
import type { Session } from './open.ts';
import { startProgress } from './progress.ts';
import { waitLine } from './report-lines.ts';
import { count, text } from './text.ts';

const pollMs = 150;
/** A restart or failover of an external database is waited for so long. */
const databasePatienceMs = 30_000;
const goneStopMs = 1_000;

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

  /** @param timeoutMs how long to wait until everything in flight is stored; default 10 s */
  async stop(timeoutMs?: number): Promise<void> {
    await this.#engine?.stop(timeoutMs);
    this.#engine = null;
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
    for (;;) {
      await workforce.ensure();
      const campaign = await findCampaign(session.store.pool, id);
      if (campaign === null) throw new HongyanError('CAMPAIGN_NOT_FOUND', `the campaign ${id} was removed`);
      if (campaign.state !== 'planning' || context.signal.aborted) return campaign;
      const decided =
        campaign.plannedCount + campaign.duplicateCount + campaign.invalidCount + campaign.unfollowedCount;
      progress.update(decided, campaign.audienceCount || null);
      await pause(context.signal);
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
  let seenAt = performance.now();
  try {
    for (;;) {
      const report = await lookAt(workforce, pool, id);
      if (!('campaign' in report)) {
        // A server of its own comes back within seconds; ours has nobody who would start it again.
        const patienceMs = context.config.databaseUrl === undefined ? 0 : databasePatienceMs;
        if (context.signal.aborted || performance.now() - seenAt > patienceMs) {
          // Nothing can be stored; the messages in flight are in doubt and are settled by whoever resumes.
          await workforce.stop(goneStopMs);
          throw databaseGone(report, id);
        }
        await pause(context.signal);
        continue;
      }
      seenAt = performance.now();
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
      if (context.signal.aborted) {
        if (workforce.foreground) await pauseCampaign(pool, id, 'interrupted', null);
        return await campaignReport(pool, id);
      }
      await pause(context.signal);
    }
  } finally {
    progress.stop();
    await workforce.stop();
  }
}

/** The report, or the error when the database cannot be reached just now. */
async function lookAt(workforce: Workforce, pool: Pool, id: number): Promise<CampaignReport | HongyanError> {
  try {
    await workforce.ensure();
    return await campaignReport(pool, id);
  } catch (error) {
    const explained = explainDatabaseError(error);
    if (explained instanceof HongyanError && explained.code === 'DATABASE_UNREACHABLE') return explained;
    throw error;
  }
}

function databaseGone(cause: HongyanError, id: number): HongyanError {
  return new HongyanError(
    'DATABASE_UNREACHABLE',
    `the database went away while campaign ${id} was being sent. Nobody is forgotten or messaged twice: ` +
      `when it is back, run: hongyan campaigns resume ${id}`,
    { cause },
  );
}

/** Waits a moment, or less when interrupted. */
async function pause(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, pollMs);
    signal.addEventListener('abort', done);
  });
}
