import { randomUUID } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import { errorCode, HongyanError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { withSpan } from '../base/tracing.ts';
import { Undo } from '../base/undo.ts';
import { within } from '../base/within.ts';
import { endUnsent } from '../store/campaigns/campaigns.ts';
import { leaseMs } from '../store/campaigns/chunks.ts';
import { mayHaveRunBefore, removeOldRuns } from '../store/campaigns/schedules.ts';
import { keptConnections, requireConnections } from '../store/database/connections.ts';
import type { Jobs } from '../store/database/jobs.ts';
import { type Node, removeNode } from '../store/database/nodes.ts';
import type { RestoreGuard } from '../store/restore/restore-guard.ts';
import type { Store } from '../store/store.ts';
import { spanNames } from '../texts/parts.ts';
import { WechatError } from '../wechat/error.ts';
import { pruneAudit } from './access/retention.ts';
import { Alerts } from './alerts/alerts.ts';
import { inPlanSpan, jobSpan } from './campaigns/job-spans.ts';
import { planCampaign } from './campaigns/plan.ts';
import { tidyCampaigns } from './campaigns/reading.ts';
import { pruneCampaigns, pruneMessages } from './campaigns/retention.ts';
import { startScheduleClock } from './campaigns/schedule-clock.ts';
import { runSchedule } from './campaigns/schedules.ts';
import { removeExpiredFormIds } from './credits/use-form-ids.ts';
import { Deliverer } from './delivery/deliverer.ts';
import { eventEffects } from './event-effects.ts';
import { keepPartitions } from './events/keep-partitions.ts';
import { ReceiptMatcher } from './events/receipt-matcher.ts';
import { repeatEffects } from './events/repeat-effects.ts';
import { pruneEvents } from './events/retention.ts';
import { HoldSettler } from './holds/hold-settler.ts';
import { MessageDelivery } from './messages/message-delivery.ts';
import type { AccountClients } from './sending/account-clients.ts';
import { DatabaseClock } from './sending/database-clock.ts';
import type { Measures } from './sending/measures.ts';
import { NodeLease } from './sending/node-lease.ts';
import { type AccountActivity, Pacing } from './sending/pacing.ts';
import { Webhooks } from './webhooks/webhooks.ts';

/** Whether the database went back in time is looked at so often, ms; what it forgot of the time since is not noticed by that. */
const glanceMs = 500;
/** The witness is moved on with one look in so many. */
const glancesPerCheck = 6;

/** Of the time for a stop, this share is left for storing once nothing is in flight any more. */
const storeShare = 0.2;
/** What is left to be stored of a start that failed, or at the end, is given up after so long, ms. */
const laterMs = 1_000;

/** Decisions about schedules are kept so long. */
const runsKeptDays = 400;

export interface EngineOptions {
  store: Store;
  clients: AccountClients;
  logger: Logger;
  role: Node['role'];
  version: string;
  /** Most messages in flight per account. Default 64. */
  window?: number;
  /** Addresses and networks that are not public and to which webhooks may send all the same. Default none. */
  webhookAllow?: readonly string[];
  /** The console as people reach it, for links in alerts. Default: they have none. */
  publicUrl?: string | null | undefined;
  /** Where the database lies, if on this machine: its disk is watched. Default: elsewhere. */
  databaseDirectory?: string | null | undefined;
  /** Processes that deliver and that are started together with this one, itself included. Default 1. */
  processes?: number;
  /** The audit is kept so long, where its account has no term of its own; at least 184. Default 365. */
  auditKeepDays?: number;
  /** Counts what this node does. Default: nobody. */
  measures?: Measures | undefined;
  /** Ends a start that is under way; `stop` ends a node. */
  signal?: AbortSignal;
}

/** A node: plans and delivers whatever the database has, until it is stopped. */
export interface Engine {
  nodeId: string;
  /** Single messages: `submit` stores one and sends it on commit, `outcome` says what became of it. */
  messages: Pick<MessageDelivery, 'submit' | 'submitBatch' | 'outcome'>;
  /** What it does for each account at this moment. */
  activity(): AccountActivity[];
  /** Whether it may send: its lease in the database is held, and nobody has stopped it. */
  canSend(): boolean;
  /**
   * Finishes what is in flight, stores it and hands everything else back; at most `timeoutMs`, default 10 s. False when
   * that was not enough: what is left is settled as after a kill.
   */
  stop(timeoutMs?: number): Promise<boolean>;
}

/**
 * Starts a node. When a part of it cannot start, those that did are ended again before it rejects: a start succeeds as a
 * whole or leaves nothing.
 *
 * Throws `DATABASE_CONNECTIONS_FEW` and whatever the database says.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const begun = new Undo();
  try {
    return await start(options, begun);
  } catch (error) {
    await begun.all();
    throw error;
  }
}

async function start(options: EngineOptions, begun: Undo): Promise<Engine> {
  const { store, clients, logger, signal, measures } = options;
  const nodeId = randomUUID();
  await requireConnections(store.pool, logger, options.processes ?? 1);
  await store.pool.keep(keptConnections);
  const { keyIds } = store.sealer;
  const node = { id: nodeId, role: options.role, version: options.version, keyIds };
  const { guard } = store.installation;
  // Before anything is claimed: it may have been set back while nothing ran.
  const databaseClock = new DatabaseClock({ pool: store.pool, logger, leaseMs });
  begun.add(() => within(laterMs, databaseClock.close()));
  await databaseClock.start();
  const lease = new NodeLease({ pool: store.pool, clock: systemClock, logger, node, leaseMs, guard });
  begun.add(() => within(laterMs, removeNode(store.pool, nodeId)));
  begun.add(() => within(laterMs, lease.close()));
  await lease.start();
  const stopWatching = watchDatabase(guard, logger);
  begun.add(stopWatching);
  signal?.throwIfAborted();
  const jobs = await store.jobs();
  const stopping = new AbortController();
  begun.add(() => jobs.stopWork(laterMs));
  begun.add(() => stopping.abort());
  await workJobs(options, jobs, stopping.signal);
  const scheduleClock = startScheduleClock({ pool: store.pool, jobs, logger });
  begun.add(() => within(laterMs, scheduleClock.close()));
  const window = options.window ?? 64;
  const pacing = new Pacing({
    pool: store.pool,
    clients,
    clock: systemClock,
    logger,
    nodeId,
    window,
    measures,
  });
  begun.add(() => within(laterMs, pacing.close()));
  const deliverer = new Deliverer({
    store,
    clients,
    logger,
    nodeId,
    pacing,
    databaseClock,
    window,
    measures,
  });
  begun.add(() => deliverer.stop(laterMs));
  await deliverer.start();
  signal?.throwIfAborted();
  const messages = new MessageDelivery({
    store,
    clients,
    logger,
    nodeId,
    lease,
    pacing,
    databaseClock,
    leaseMs,
    measures,
  });
  begun.add(() => messages.stop(laterMs));
  await messages.start();
  const matcher = new ReceiptMatcher({
    pool: store.pool,
    logger,
    answerTimeoutMs: clients.answerTimeoutMs,
  });
  begun.add(() => within(laterMs, matcher.close()));
  matcher.start();
  // Of every node and not of the callback's endpoint: an installation may have several nodes and one that listens.
  const partitions = keepPartitions(store.pool, logger);
  begun.add(() => within(laterMs, partitions.close()));
  const repeats = repeatEffects(store.pool, eventEffects, logger);
  begun.add(() => within(laterMs, repeats.close()));
  const holds = new HoldSettler({ pool: store.pool, clients, logger });
  begun.add(() => within(laterMs, holds.close()));
  holds.start();
  signal?.throwIfAborted();
  const webhooks = new Webhooks({ store, logger, nodeId, allow: options.webhookAllow ?? [] });
  begun.add(() => within(laterMs, webhooks.stop(laterMs)));
  const alerts = new Alerts({
    ...{ store, logger, allow: options.webhookAllow ?? [] },
    ...{ publicUrl: options.publicUrl ?? null, databaseDirectory: options.databaseDirectory ?? null },
  });
  begun.add(() => within(laterMs, alerts.close()));
  await Promise.all([tidyCampaigns(store.pool, logger), partitions.ready]);
  logger.info({ nodeId, role: options.role }, 'node started');
  return {
    nodeId,
    messages,
    activity: () => pacing.activity(),
    canSend: () => !stopping.signal.aborted && lease.isHeld(lease.epoch),
    async stop(timeoutMs = 10_000) {
      const until = performance.now() + timeoutMs;
      // A plan goes on where it was, on another node or later.
      stopping.abort();
      stopWatching();
      // Side by side: each waits for what it has in flight.
      const inFlightMs = timeoutMs * (1 - storeShare);
      const told = webhooks.stop(inFlightMs);
      const clean = await Promise.all([
        messages.stop(inFlightMs),
        deliverer.stop(inFlightMs),
        within(
          inFlightMs,
          Promise.all([
            ...[matcher.close(), holds.close(), scheduleClock.close()],
            ...[partitions.close(), repeats.close(), alerts.close()],
          ]),
        ),
        // Or a job that comes later is taken by a node that is gone, and tried again a long time afterwards.
        jobs.stopWork(inFlightMs).then(() => true),
      ]);
      const isClean = clean.every(Boolean);
      // The last word on how far the database is, after everything is stored. It may be what stopped us; then the node's
      // row expires.
      const later = [
        lease.close().then(() => removeNode(store.pool, nodeId)),
        databaseClock.close(),
        pacing.close(),
        told,
        guard.check(),
      ];
      await within(isClean ? Math.max(laterMs, until - performance.now()) : 0, Promise.allSettled(later));
      logger.info({ nodeId, isClean }, 'node stopped');
      return isClean;
    },
  };
}

/** Looks again and again whether the database went back. */
function watchDatabase(guard: RestoreGuard, logger: Logger): () => void {
  if (guard.blindSpots.length > 0)
    logger.warn(
      { missing: guard.blindSpots },
      'this PostgreSQL does not tell enough of itself: a restore of it may not be noticed by a process that starts afterwards',
    );
  let glances = 0;
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    const look = ++glances % glancesPerCheck === 0 ? guard.check() : guard.glance();
    look
      .catch((error: unknown) => {
        logger.warn(
          { code: errorCode(error) },
          'whether the database was restored could not be seen; it is tried again',
        );
      })
      .finally(() => {
        isLooking = false;
      });
  }, glanceMs);
  return () => clearInterval(timer);
}

async function workJobs(options: EngineOptions, jobs: Jobs, stopping: AbortSignal): Promise<void> {
  const { store, logger } = options;
  const until = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, stopping]);
  await jobs.work('plan', ({ campaignId }, signal) =>
    inPlanSpan(store.pool, campaignId, () => plan(options, campaignId, until(signal))),
  );
  await jobs.work('schedule', async ({ scheduleId, localTime }, signal, { createdOn }) => {
    if (!(await mayHaveRunBefore(store.pool, createdOn)))
      return await withSpan(spanNames.runSchedule, jobSpan({ 'hongyan.schedule.id': scheduleId }), () =>
        runSchedule(options, scheduleId, localTime, until(signal)),
      );
    logger.error(
      { scheduleId, localTime },
      'a run of a schedule is left out: the database was restored since its time, and may have forgotten that it was sent',
    );
  });
  await jobs.work('prune', (_data, signal) =>
    withSpan(spanNames.prune, jobSpan(), () => prune(options, until(signal))),
  );
  await jobs.pruneHourly();
}

async function prune(options: EngineOptions, ending: AbortSignal): Promise<void> {
  const { store, logger } = options;
  await removeExpiredFormIds(store.pool, ending);
  const byRule = { appid: null, olderThanDays: null };
  await pruneCampaigns({ pool: store.pool, logger }, byRule, ending);
  await pruneMessages({ pool: store.pool, logger }, byRule, ending);
  await tidyCampaigns(store.pool, logger);
  await removeOldRuns(store.pool, runsKeptDays);
  await pruneEvents({ pool: store.pool, logger }, ending);
  await pruneAudit({ pool: store.pool, logger }, options.auditKeepDays ?? 365, ending);
}

/** Plans; what no repetition can mend ends the campaign with its reason instead of being tried again for hours. */
async function plan(options: EngineOptions, campaignId: number, signal: AbortSignal): Promise<void> {
  try {
    await planCampaign(options, campaignId, signal);
  } catch (error) {
    const lasting =
      error instanceof WechatError ||
      (error instanceof HongyanError && error.code !== 'CAMPAIGN_STATE' && !error.code.startsWith('WECHAT_'));
    if (!lasting) throw error;
    options.logger.error({ campaignId, code: error.code }, 'the campaign cannot be planned');
    const [reason, detail] =
      error instanceof WechatError
        ? [`errcode:${error.errcode}`, `${error.errmsg}${error.rid === null ? '' : ` (rid ${error.rid})`}`]
        : [error.code, error.message];
    await endUnsent(options.store.pool, campaignId, 'failed', reason, detail);
  }
}
