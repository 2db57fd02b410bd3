import { randomUUID } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import { errorCode, HongyanError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { endUnsent } from '../store/campaigns.ts';
import { leaseMs } from '../store/chunks.ts';
import { type Node, removeNode } from '../store/nodes.ts';
import type { RestoreGuard } from '../store/restore-guard.ts';
import type { Store } from '../store/store.ts';
import { WechatError } from '../wechat/error.ts';
import type { AccountClients } from './account-clients.ts';
import { removeExpiredFormIds } from './credits/use-form-ids.ts';
import { Deliverer } from './deliver/deliverer.ts';
import { ReceiptMatcher } from './events/receipt-matcher.ts';
import { HoldSettler } from './holds/hold-settler.ts';
import { MessageDelivery } from './messages/message-delivery.ts';
import { NodeLease } from './node-lease.ts';
import { planCampaign } from './plan.ts';
import { pruneCampaigns, pruneMessages } from './retention.ts';
import { runSchedule } from './schedules.ts';
import { startWebhooks } from './webhooks/webhooks.ts';

/** Whether the database went back in time is looked at so often, ms; what it forgot of the time since is not noticed by that. */
const glanceMs = 500;
/** The witness is moved on with one look in so many. */
const glancesPerCheck = 6;

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
}

/** A node: plans and delivers whatever the database has, until it is stopped. */
export interface Engine {
  nodeId: string;
  /** Single messages: `submit` stores one and sends it on commit, `outcome` says what became of it. */
  messages: Pick<MessageDelivery, 'submit' | 'outcome'>;
  /** Finishes what is in flight (at most `timeoutMs`, default 10 s), hands everything else back. */
  stop(timeoutMs?: number): Promise<void>;
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { store, clients, logger } = options;
  const nodeId = randomUUID();
  const node = { id: nodeId, role: options.role, version: options.version };
  const { guard } = store.installation;
  const lease = new NodeLease({ pool: store.pool, clock: systemClock, logger, node, leaseMs, guard });
  await lease.start();
  const stopWatching = watchDatabase(guard, logger);
  const jobs = await store.jobs();
  await jobs.work('plan', (data, signal) => plan(options, data.campaignId, signal));
  await jobs.work('schedule', (data, signal, jobId) => runSchedule(options, data.scheduleId, jobId, signal));
  await jobs.work('prune', async (_data, signal) => {
    await removeExpiredFormIds(store.pool, signal);
    const byRule = { appid: null, olderThanDays: null };
    await pruneCampaigns({ pool: store.pool, logger }, byRule, signal);
    await pruneMessages({ pool: store.pool, logger }, byRule, signal);
  });
  await jobs.pruneHourly();
  const deliverer = new Deliverer({
    store,
    clients,
    logger,
    nodeId,
    ...(options.window === undefined ? {} : { window: options.window }),
  });
  await deliverer.start();
  const messages = new MessageDelivery({
    store,
    clients,
    logger,
    nodeId,
    lease,
    pacing: deliverer.pacing,
    leaseMs,
  });
  await messages.start();
  const matcher = new ReceiptMatcher({
    pool: store.pool,
    logger,
    answerTimeoutMs: clients.answerTimeoutMs,
  });
  matcher.start();
  const holds = new HoldSettler({ pool: store.pool, clients, logger });
  holds.start();
  const webhooks = await startWebhooks({ store, jobs, logger, allow: options.webhookAllow ?? [] });
  logger.info({ nodeId, role: options.role }, 'node started');
  return {
    nodeId,
    messages,
    async stop(timeoutMs) {
      stopWatching();
      await matcher.close();
      await holds.close();
      // Side by side: each waits for what it has in flight.
      await Promise.all([messages.stop(timeoutMs), deliverer.stop(timeoutMs)]);
      await lease.close();
      await webhooks.stop();
      // The last word on how far the database is, after everything is stored.
      await guard.check().catch(() => {});
      await removeNode(store.pool, nodeId).catch(() => {}); // the database may be what stopped us; the row expires
      logger.info({ nodeId }, 'node stopped');
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
