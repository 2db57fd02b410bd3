/**
 * Deliverers in this process on one database and one simulated WeChat, and small campaigns for them: what the tests of
 * the delivery protocol need to force an interleaving at a named point.
 */
import { spawn } from 'node:child_process';
import { after, afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { within } from '../../src/base/within.ts';
import { type CampaignReport, campaignReport } from '../../src/engine/campaigns/report.ts';
import { settleLeftCredits } from '../../src/engine/credits/use-credits.ts';
import { Deliverer } from '../../src/engine/delivery/deliverer.ts';
import type { DeliverHooks } from '../../src/engine/delivery/hooks.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { DatabaseClock } from '../../src/engine/sending/database-clock.ts';
import { Pacing } from '../../src/engine/sending/pacing.ts';
import type { SimulatedAccount, Simulator, SimulatorOptions } from '../../src/simulator/index.ts';
import {
  type Campaign,
  cancelStarted,
  findCampaign,
  pauseCampaign,
  resumeCampaign,
} from '../../src/store/campaigns/campaigns.ts';
import { type RecipientOutcome, recipientOutcomes } from '../../src/store/campaigns/outcomes.ts';
import { type Connection, createPool, type Pool } from '../../src/store/database/pool.ts';
import { channels } from '../../src/wechat/channels.ts';
import { makeSite, type Site } from './campaign.ts';
import { untilMoved } from './cli.ts';
import type { ChildOptions } from './delivery/child.ts';
import { insertCampaign, type TestChannel } from './delivery/insert-campaign.ts';
import { Child, childLeaseMs, namedUrl } from './delivery/process.ts';
import { type Signal, signal, unhurriedMs } from './in-time.ts';
import { startWechat } from './wechat.ts';

export interface StoredFact {
  no: number;
  attempt: number;
  kind: 'started' | 'retry' | 'in_doubt' | 'unknown' | 'rejected' | 'accepted';
  errcode: number | null;
  reason: string | null;
  epoch: number;
  group: number;
  at: Date;
  nextAt: Date | null;
}

export interface StoredChunk {
  firstNo: number;
  lastNo: number;
  state: string;
  epoch: number;
  owner: string | null;
  watermark: number;
  accepted: number;
  rejected: number;
  unknown: number;
  outcomes: Record<string, Record<string, number>>;
}

export interface NodeOptions {
  hooks?: DeliverHooks;
  clock?: Clock;
  window?: number;
  leaseMs?: number;
  answerTimeoutMs?: number;
  /** Default: the database itself; a test may put something between. */
  connection?: Connection;
  logger?: Logger;
  /** Its clients stay as they were made, whatever is stored since: it stands for a machine with a way out of its own. */
  keepsClients?: boolean;
  /** Watches the database's clock, as a whole engine does. */
  watchesClock?: boolean;
}

export interface TestNode {
  id: string;
  deliverer: Deliverer;
  /** A clean stop. Repeating it is harmless. */
  stop(timeoutMs?: number): Promise<void>;
}

const kinds = ['started', 'retry', 'in_doubt', 'unknown', 'rejected', 'accepted'] as const;
let nodeCount = 0;

function nextNodeId(): string {
  nodeCount++;
  return `00000000-0000-4000-8000-${String(nodeCount).padStart(12, '0')}`;
}

/** One database, one simulated WeChat with one account of the channel's kind. */
export class Scene {
  readonly site: Site;
  readonly simulator: Simulator;
  readonly account: SimulatedAccount;
  readonly channel: TestChannel;
  readonly path: string;

  constructor(site: Site, simulator: Simulator, channel: TestChannel) {
    this.site = site;
    this.simulator = simulator;
    this.account = simulator.account();
    this.channel = channel;
    this.path = channels[channel].path;
  }

  get pool(): Site['store']['pool'] {
    return this.site.store.pool;
  }

  /** A running campaign to the account's first `planned` people, cut into chunks of `chunkSize`. */
  async campaign(planned: number, options: { chunkSize?: number; probed?: boolean } = {}): Promise<number> {
    return await insertCampaign(this.pool, this.account, this.channel, planned, options);
  }

  /** A node in this process, with a pool, connections and a lease of its own. */
  async node(options: NodeOptions = {}): Promise<TestNode> {
    const { site } = this;
    const logger = options.logger ?? silentLogger;
    const pool = createPool(options.connection ?? { ...site.database.connection }, {
      ...{ max: 8, logger, guard: site.store.installation.guard },
      // A machine with a clock of the test's own sleeps as a whole: what is silent meanwhile is not asked after.
      ...(options.clock === undefined ? {} : { silentMs: 600_000 }),
    });
    const store = { ...site.store, pool };
    const window = options.window ?? 64;
    const clients = new AccountClients({
      store,
      logger,
      connections: window,
      answerTimeoutMs: options.answerTimeoutMs ?? usualAnswerTimeoutMs(options),
      clock: options.clock,
    });
    if (options.keepsClients) clients.refresh = async () => {};
    const id = nextNodeId();
    const databaseClock = await watchClock(pool, options);
    const clock = options.clock ?? systemClock;
    const pacing = new Pacing({ pool, clients, clock, logger, nodeId: id, window });
    const deliverer = new Deliverer({
      pacing,
      store,
      clients,
      logger,
      nodeId: id,
      window,
      clock,
      databaseClock,
      leaseMs: options.leaseMs ?? (options.clock === undefined ? unhurriedLeaseMs : shortLeaseMs),
      ...(options.hooks === undefined ? {} : { hooks: options.hooks }),
    });
    await deliverer.start();
    let stopped: Promise<void> | null = null;
    const node: TestNode = {
      id,
      deliverer,
      stop(timeoutMs = 3_000) {
        stopped ??= (async () => {
          await deliverer.stop(timeoutMs);
          await within(1_000, pacing.close());
          await databaseClock?.close();
          await clients.close();
          await pool.end();
        })();
        return stopped;
      },
    };
    nodes.add(node);
    return node;
  }

  /** A process of its own that is killed or stopped at a named point. */
  child(options: Pick<ChildOptions, 'after' | 'next' | 'signal'> & Partial<ChildOptions>): Child {
    const { env } = this.site.cli;
    const nodeId = nextNodeId();
    const all: ChildOptions = {
      secretKey: env.HONGYAN_SECRET_KEY ?? '',
      nodeId,
      window: 1,
      leaseMs: childLeaseMs[options.signal],
      answerTimeoutMs: usualAnswerTimeoutMs({}),
      ...options,
      databaseUrl: namedUrl(options.databaseUrl ?? env.HONGYAN_DATABASE_URL ?? '', nodeId),
    };
    const program = fileURLToPath(new URL('./delivery/child.ts', import.meta.url));
    const process_ = spawn(process.execPath, [program, JSON.stringify(all)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const child = new Child(process_, nodeId, this.pool);
    children.add(child);
    return child;
  }

  async facts(campaignId: number, no?: number): Promise<StoredFact[]> {
    const result = await this.pool.query<Omit<StoredFact, 'kind'> & { kind: number }>(
      `select no, attempt, kind, errcode, reason, epoch, flush_group as "group", at, next_at as "nextAt" from facts
       where campaign_id = $1 and ($2::integer is null or no = $2) order by no, at, attempt, kind`,
      [campaignId, no ?? null],
    );
    return result.rows.map((row) => ({ ...row, kind: kinds[row.kind] ?? 'started' }));
  }

  async chunks(campaignId: number): Promise<StoredChunk[]> {
    const result = await this.pool.query<StoredChunk>(
      `select first_no as "firstNo", last_no as "lastNo", state, epoch, owner, watermark, accepted, rejected, unknown, outcomes
       from chunks where campaign_id = $1 order by first_no`,
      [campaignId],
    );
    return result.rows;
  }

  async find(campaignId: number): Promise<Campaign> {
    const campaign = await findCampaign(this.pool, campaignId);
    if (campaign === null) throw new Error(`no campaign ${campaignId}`);
    return campaign;
  }

  report(campaignId: number): Promise<CampaignReport> {
    return campaignReport(this.pool, campaignId);
  }

  outcomes(campaignId: number): Promise<RecipientOutcome[]> {
    return recipientOutcomes(this.pool, campaignId, 0, 1_000_000);
  }

  pause(campaignId: number): Promise<boolean> {
    return pauseCampaign(this.pool, campaignId, 'operator', null);
  }

  resume(campaignId: number): Promise<boolean> {
    return resumeCampaign(this.pool, campaignId);
  }

  async done(campaignId: number): Promise<CampaignReport> {
    await untilMoved('the campaign is done', async () => {
      const { campaign, accepted, rejected, unknown, held, unsent } = await this.report(campaignId);
      if (campaign.state === 'done') return null;
      const { state, stateReason: reason } = campaign;
      return JSON.stringify({ state, reason, accepted, rejected, unknown, held, unsent });
    });
    return await this.report(campaignId);
  }

  /** How many messages the person with this number of the campaign has. */
  received(no: number): number {
    return this.account.receivedCount(this.account.openid(no - 1));
  }

  /** Requests that reached the channel's path, whatever was answered. */
  get calls(): number {
    return this.account.summary().byApi[this.path]?.calls ?? 0;
  }
}

/**
 * Hooks of a node that pause a campaign when somebody with this number is sent to. Nothing more is stored or reserved until the
 * pause is, however long that takes: or the campaign might be over first.
 */
export function pauseAt(
  scene: Scene,
  id: number,
  no: number,
): { hooks: DeliverHooks; reached: Signal<void> } {
  const reached = signal(`no. ${no} leaves, and the campaign is paused`);
  let paused: Promise<void> | undefined;
  return {
    reached,
    hooks: {
      async reached(point, _run, item) {
        if (point === 'dispatch' && item?.no === no) paused ??= scene.pause(id).then(() => reached.give());
        if (point === 'flush') await paused;
      },
    },
  };
}

/** Of a test's node; closed by whoever made it. */
export async function watchClock(
  pool: Pool,
  { watchesClock = false, logger = silentLogger, clock = systemClock, leaseMs = 1_000 }: NodeOptions,
): Promise<DatabaseClock | undefined> {
  if (!watchesClock) return undefined;
  const databaseClock = new DatabaseClock({ pool, logger, clock, leaseMs });
  await databaseClock.start();
  return databaseClock;
}

const nodes = new Set<TestNode>();
/** Of the test that runs. */
export const children = new Set<Child>();

/** As in production, which no busy machine outlasts. */
export const unhurriedLeaseMs = 10_000;
/** Where a lease has to end in the test, or to be held for some time. */
export const shortLeaseMs = 3_000;

/**
 * Short only where it has to end in the test: nobody is sure of a dead node's messages before its last answer is over.
 * A test of the limit itself names its own.
 */
export function usualAnswerTimeoutMs({ clock }: NodeOptions): number {
  return children.size > 0 || clock !== undefined ? 4_000 : unhurriedMs;
}

const scenes = new Set<Scene>();

/** Ends what a failed test left, so that it does not deliver the next one's campaign. */
async function endAll(): Promise<void> {
  for (const child of children) await child.kill();
  for (const node of nodes) await node.stop(200);
  children.clear();
  nodes.clear();
}

/** Nor do the next one's nodes deliver what is left of a failed test's campaigns. */
async function endCampaigns(): Promise<void> {
  for (const { pool } of scenes) {
    const { rows } = await pool.query<{ id: number }>(
      "select id from campaigns where state in ('running', 'paused')",
    );
    for (const { id } of rows) await cancelStarted(pool, id, 'operator');
    await pool.query(
      'update chunks set lease_until = least(lease_until, clock_timestamp()) where owner is not null',
    );
    await settleLeftCredits(pool);
  }
}

// Registered at import, before the site's hook: they end before their database does.
afterEach(async (context) => {
  await endAll();
  // A campaign may outlive a test that went well.
  if ('passed' in context && !context.passed) await endCampaigns();
});
after(endAll);

export async function makeScene(channel: TestChannel, options: SimulatorOptions = {}): Promise<Scene> {
  const site = await makeSite();
  const kind = channel === 'oa-template' ? 'service' : 'miniprogram';
  const simulator = await startWechat({
    kind,
    followers: 5_000,
    creditsPerUser: 100,
    record: 'full',
    quotas: Object.fromEntries(Object.values(channels).map(({ path }) => [path, null])),
    legacy: channel === 'mp-form',
    ...options,
  });
  await site.add(simulator, simulator.account());
  const scene = new Scene(site, simulator, channel);
  scenes.add(scene);
  return scene;
}
